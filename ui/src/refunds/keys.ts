//! Every key of the refund screen.
import type { Action } from "../host/contract.ts";
import type { Desk, RefundTab } from "../till/desk.svelte.ts";
import type { Till } from "../till/till.svelte.ts";
import { presets } from "./form.svelte.ts";
import { presetFor, type RefundWork } from "./work.svelte.ts";

type Around = {
  till: Till;
  desk: Desk;
  work: RefundWork;
  tab: (to: RefundTab) => void;
  /** Something was typed beside any field. */
  seek: (char: string) => void;
  /** Gives the focus to where something is missing in the form. */
  goOn: () => void;
};

const tabKeys: Record<string, RefundTab> = { F1: "find", F2: "attention", F3: "history" };
const reasonKeys = ["F5", "F6", "F7", "F8", "F9"];

export function refundKey(event: KeyboardEvent, around: Around): void {
  // The reload key is taken from the browser before it comes here.
  if (event.isComposing || (event.defaultPrevented && event.key !== "F5")) return;
  if (document.querySelector("dialog[open]") !== null) return;
  if (means(event, around)) event.preventDefault();
}

function means(event: KeyboardEvent, { till, desk, work, tab, seek, goOn }: Around): boolean {
  const { key, code, altKey, ctrlKey, metaKey } = event;
  const { form } = work;
  if (ctrlKey || metaKey) return false;
  if (altKey) return withAlt(code, till, desk, work);
  const to = tabKeys[key];
  if (to !== undefined) tab(to);
  else if (key === "F4" && desk.refundNo === null && desk.refundTab === "attention") {
    const ended = till.may("refund") ? desk.attention?.refundable : null;
    if (ended == null) return false;
    desk.refund(ended.matter.line.order_no, presetFor(ended.attention));
  } else if (key === "F4" && form !== null && work.filling) form.full();
  else if (reasonKeys.includes(key) && form !== null && work.filling) {
    const preset = presets[reasonKeys.indexOf(key)] ?? "other";
    form.because(preset);
    if (preset === "other") document.querySelector<HTMLElement>("[data-testid=refund-reason]")?.focus();
  } else if (key === "F5" && work.live !== null) void work.asker.ask(work.live);
  else if (key === "Escape" && desk.refundNo !== null) tab(desk.refundTab);
  else if (/^[0-9A-Za-z]$/.test(key) && !isField(event.target) && till.start !== null) {
    if (!work.holdsDraft) seek(key);
    else {
      // What was filled in stays, and the key is written where the focus goes.
      goOn();
      return false;
    }
  } else return false;
  return true;
}

/** What somebody may do who sees the buttons of these keys. */
const rights: Record<string, Action> = { KeyM: "mark_by_hand", KeyA: "refund", KeyH: "handle_attention" };

/** The place of the key: with Alt some keyboards write another letter. */
function withAlt(code: string, till: Till, desk: Desk, work: RefundWork): boolean {
  const { live } = work;
  if (live === null) return false;
  const needed = rights[code];
  if (needed !== undefined && !till.may(needed)) return false;
  if (code === "KeyM") work.mark(null);
  else if (code === "KeyO") desk.timeline(live.order.order_no);
  else if (code === "KeyC") document.querySelector<HTMLElement>("[data-testid=refund-proof-copy]")?.click();
  else if (code === "KeyA") {
    const again = live.refunds.findLast(({ can_send_again }) => can_send_again);
    if (again === undefined) return false;
    work.resend(again);
  } else if (code === "KeyH") {
    const attention = live.order.attentions[0];
    if (attention === undefined) return false;
    work.handling = { orderNo: live.order.order_no, attention };
  } else return false;
  return true;
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLInputElement && !["radio", "checkbox", "button"].includes(target.type))
  );
}
