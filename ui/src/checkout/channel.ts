//! What choosing a way to pay leads to, in a few words.
import type { Words } from "../words/words.svelte.ts";
import type { Choice } from "./ways.svelte.ts";

export function presents(
  { channel: { presented, gives, page }, refused }: Choice,
  { t }: Words,
  onPages: boolean,
): string {
  if (refused !== null) return t.checkout.refused[refused];
  if (presented === "consumer") return t.checkout.scansCode;
  return gives === "parameters" && !(onPages && page !== null) ? t.checkout.givesParameters : t.checkout.showsQr;
}
