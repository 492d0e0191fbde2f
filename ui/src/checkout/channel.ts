//! What choosing a way to pay leads to, in a few words.
import { givesParameters } from "../domain/standing.ts";
import type { Words } from "../words/words.svelte.ts";
import type { Choice } from "./ways.svelte.ts";

export function presents({ channel, refused }: Choice, { t }: Words, onPages: boolean): string {
  if (refused !== null) return t.checkout.refused[refused];
  if (channel.presented === "consumer") return t.checkout.scansCode;
  return givesParameters(channel, onPages) ? t.checkout.givesParameters : t.checkout.showsQr;
}
