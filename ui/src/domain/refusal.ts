//! A refusal in words: what happened, what it means for the money, and the next step.
import type { Code, ErrorWords, Refusal } from "../host/contract.ts";
import type { OwnCode, Tidings } from "../till/notices.svelte.ts";
import type { Till } from "../till/till.svelte.ts";

/** Whether nothing can be sent for as long as the till says this. */
export function hinders({ code }: Refusal, { host }: Till): boolean {
  return host.errorWords[code].hinders;
}

/** Why nothing can be sent now, as the till's notices say it. */
export function hindrance(till: Till): string | null {
  const found = till.health.notices.find((refusal) => hinders(refusal, till));
  return found === undefined ? null : told(found, till).what;
}

export type Told = {
  severity: ErrorWords["severity"];
  what: string;
  money: string;
  next: string;
  incident: string | null;
};

/** `found`: a check-up found it, and nobody asked for anything that could have been refused. */
export function told(refusal: Tidings, till: Till, found = false): Told {
  const facts: Refusal["facts"] = refusal.facts;
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = facts[name];
      if (value === undefined) return whole;
      return (name === "reason" ? gatewayError(value, facts, till) : null) ?? fact(name, value, till);
    });
  const { severity, what, money, next } = wordsOf(refusal, till, found);
  return {
    severity,
    what: fill(what),
    money: fill(money),
    next: fill(next),
    incident: facts.incident ?? null,
  };
}

/** A gateway's error where it is the reason: its code, its own text, quoted, and what it means, without a full stop. */
function gatewayError(reason: string, { code, reaction }: Refusal["facts"], { words }: Till): string | null {
  if (code === undefined || reaction === undefined) return null;
  // What is asked about is an order or a refund that is there already: nothing is said of a new sale.
  const reactions: Record<string, string> = { ...words.t.reaction, ...words.t.reactionInDoubt };
  const own = reason === code ? code : `${code} ${words.t.common.quote(reason)}`;
  return words.t.trouble.gatewayError(own, reactions[reaction] ?? reaction);
}

function wordsOf({ code, facts }: Tidings, till: Till, found: boolean): Omit<Told, "incident"> {
  const { host, words } = till;
  const own = words.t.notices.own;
  if (isOwn(code, own)) return { severity: "warning", ...own[code] };
  const { severity, what, ...refused } = host.errorWords[code];
  const { money, next } = (found ? refused.found : null) ?? refused;
  const again = facts.again === "true" ? refused.again : null;
  return {
    severity,
    what: words.label(what),
    money: words.label(again?.money ?? money),
    next: words.label(again?.next ?? next),
  };
}

function isOwn(code: Code | OwnCode, own: Record<OwnCode, unknown>): code is OwnCode {
  return code in own;
}

/** A fact as people know it: a field by its label, an amount grouped. */
function fact(name: string, value: string, till: Till): string {
  const { words, gateways } = till;
  const notYet: Record<string, string> = words.t.order.notYet;
  const actions: Record<string, string> = words.t.action;
  switch (name) {
    case "field":
      return fieldLabel(value, till);
    case "fields":
      return value
        .split(" / ")
        .map((one) => fieldLabel(one, till))
        .join(" / ");
    case "channel": {
      const channel = gateways.flatMap(({ channels }) => channels).find((one) => one.name === value);
      return channel === undefined ? value : words.label(channel.label);
    }
    case "currencies":
      return words.list(value.split(" "));
    case "amount":
    case "limit":
    case "above":
    case "left":
      return words.amount(value);
    case "what":
    case "action":
      return actions[value] ?? value;
    case "reason":
      return reasonText(value, till) ?? value;
    case "part":
      return words.t.notices.part(value);
    case "cause":
      return words.t.notices.fileCause[value] ?? value;
    case "doubt":
      return words.t.order
        .disputeReason(value)
        .trim()
        .replace(/[.。]$/, "");
    case "sooner":
      return value === "true" ? words.t.notices.soonerByEsc : "";
    case "why":
      return notYet[value] ?? value;
    default:
      return value;
  }
}

/** Why a question brought nothing that can be relied on; undefined where the word is no reason of ours. */
export function reasonText(reason: string, { host, words }: Till): string | undefined {
  const label = new Map(Object.entries(host.reasonWords)).get(reason);
  return label === undefined ? undefined : words.label(label);
}

function fieldLabel(name: string, { words, gateways }: Till): string {
  const fields = gateways.flatMap((gateway) => [
    ...gateway.fields,
    ...gateway.channels.flatMap((channel) => channel.fields),
  ]);
  const field = fields.find((one) => one.name === name);
  return field === undefined ? (words.t.notices.field[name] ?? name) : words.label(field.label);
}
