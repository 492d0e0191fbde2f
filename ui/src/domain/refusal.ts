//! A refusal in words: what happened, what it means for the money, and the next step.
import type { Code, ErrorWords, Label, Refusal } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";

/** What the till says while it can send nothing. */
const hindrances: Code[] = ["keyring_locked", "keyring_absent", "keyring_failed", "disk_full", "folder_read_only"];

/** Whether nothing can be sent for as long as the till says this. */
export function hinders({ code }: Refusal): boolean {
  return hindrances.includes(code);
}

export type Told = {
  severity: ErrorWords["severity"];
  what: string;
  money: string;
  next: string;
  incident: string | null;
};

export function told(refusal: Refusal, till: Till): Told {
  const { severity, what, money, next } = till.host.errorWords[refusal.code];
  const fill = (label: Label) =>
    till.words.label(label).replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = refusal.facts[name];
      return value === undefined ? whole : fact(name, value, till);
    });
  return {
    severity,
    what: fill(what),
    money: fill(money),
    next: fill(next),
    incident: refusal.facts.incident ?? null,
  };
}

/** A fact as people know it: a field by its label, an amount grouped. */
function fact(name: string, value: string, till: Till): string {
  const { words, gateways } = till;
  const notYet: Record<string, string> = words.t.order.notYet;
  const actions: Record<string, string> = words.t.action;
  switch (name) {
    case "field": {
      const fields = gateways.flatMap((gateway) => [
        ...gateway.fields,
        ...gateway.channels.flatMap((channel) => channel.fields),
      ]);
      const field = fields.find((one) => one.name === value);
      return field === undefined ? (words.t.notices.field[value] ?? value) : words.label(field.label);
    }
    case "channel": {
      const channel = gateways.flatMap(({ channels }) => channels).find((one) => one.name === value);
      return channel === undefined ? value : words.label(channel.label);
    }
    case "limit":
    case "above":
    case "left":
      return words.amount(value);
    case "what":
    case "action":
      return actions[value] ?? value;
    case "reason":
      return words.t.settings.factValue(value);
    case "why":
      return notYet[value] ?? value;
    default:
      return value;
  }
}
