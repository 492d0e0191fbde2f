//! What a payment is believed by, in words: what the gateway's answer stated, what it did not, and its signature.
import type { Proof } from "../host/contract.ts";
import type { Words } from "../words/words.svelte.ts";

const parts = ["order_no", "amount", "merchant", "currency"] as const;

/** What the answer stated as the order has it, and what it did not state. */
export function statedText(proof: Proof, words: Words): string {
  const t = words.t.order.proof;
  const named = (stated: boolean) =>
    words.list(parts.filter((part) => proof[part] === stated).map((part) => t.part[part]));
  const [same, missing] = [named(true), named(false)];
  if (missing === "") return t.same(same);
  return same === "" ? t.notStated(missing) : words.t.common.of(t.same(same), t.notStated(missing));
}

export function signatureText({ signature }: Proof, words: Words): string {
  return words.t.order.proof.signature[signature ?? "unknown"];
}
