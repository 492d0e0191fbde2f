//! What choosing a way to pay leads to, in a few words.
import type { Words } from "../words/words.svelte.ts";
import type { Choice } from "./ways.svelte.ts";

export function presents({ channel: { presented, gives }, refused }: Choice, { t }: Words): string {
  if (refused !== null) return t.checkout.refused[refused];
  if (presented === "consumer") return t.checkout.scansCode;
  return gives === "parameters" ? t.checkout.givesParameters : t.checkout.showsQr;
}
