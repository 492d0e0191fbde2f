//! A refusal in words: what happened, what it means for the money, and the next step.
import type { ErrorWords, Host, Label, Refusal } from "../host/contract.ts";
import type { Words } from "../words/words.svelte.ts";

export type Told = {
  severity: ErrorWords["severity"];
  what: string;
  money: string;
  next: string;
  incident: string | null;
};

export function told(refusal: Refusal, host: Host, words: Words): Told {
  const { severity, what, money, next } = host.errorWords[refusal.code];
  const fill = (label: Label) =>
    words.label(label).replace(/\{(\w+)\}/g, (whole, name: string) => refusal.facts[name] ?? whole);
  return {
    severity,
    what: fill(what),
    money: fill(money),
    next: fill(next),
    incident: refusal.facts.incident ?? null,
  };
}
