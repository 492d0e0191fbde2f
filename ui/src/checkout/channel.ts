//! What choosing a channel leads to, in a few words.
import type { Channel } from "../host/contract.ts";
import type { Words } from "../words/words.svelte.ts";

export function presents({ presented, gives }: Channel, { t }: Words): string {
  if (presented === "consumer") return t.checkout.scansCode;
  return gives === "parameters" ? t.checkout.givesParameters : t.checkout.showsQr;
}
