//! Who may have made an order.
import type { Till } from "../till/till.svelte.ts";

/** People, and who is no person, as the journal names them and as they are called. */
export function sellers(till: Till): { value: string; label: string }[] {
  const names = [...till.people.operators.map(({ name }) => name), "owner", "nobody", "gateway"];
  return names.map((value) => ({ value, label: till.words.t.orders.actor(value) }));
}
