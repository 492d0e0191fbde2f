//! Every key of the window, in one place.
import type { Checkout } from "../checkout/checkout.svelte.ts";
import { checkoutKey, keyName } from "../checkout/checkout-keys.ts";
import { mayBeTriedAgain } from "../domain/standing.ts";
import type { Desk } from "./desk.svelte.ts";
import { mark } from "./mark.ts";
import type { Till } from "./till.svelte.ts";

/** `scanning`: this key may be a scanner's, and a character of it is no command. */
type Around = { till: Till; desk: Desk; checkout: Checkout; active: boolean; scanning: boolean };

/** Where the amount is typed; it reads its own digits, so that input methods work. */
export const amountInput = "amount-input";

/** Where a payment code is typed by hand. */
export const codeInput = "payment-code";

export function handleKey(event: KeyboardEvent, { till, desk, checkout, active, scanning }: Around): void {
  // A browser's reload key must not take the screen away from under a customer.
  if (event.key === "F5") event.preventDefault();
  else if (event.defaultPrevented) return;
  if (event.isComposing || desk.help || desk.signingIn || !active || isModalOpen()) return;
  const { target } = event;
  const inField = isTextField(target);
  const inAmount = target instanceof HTMLElement && target.id === amountInput;
  if (anywhere(event, till, desk, scanning || (inField && !inAmount))) {
    event.preventDefault();
    return;
  }
  const key = keyName(event);
  if (key === null || desk.screen !== "checkout" || till.start === null) return;

  if (key === "Enter" && (event.repeat || actsOnEnter(target))) return;
  if (key === "F6" && checkout.mode.kind === "pad") {
    document.getElementById("note")?.focus();
    event.preventDefault();
    return;
  }
  if (key === "Escape" && inField && !inAmount) {
    if (checkout.mode.kind === "order") (target as HTMLElement).blur();
    else focusAmount();
    event.preventDefault();
    return;
  }
  // A field beside an order is about that order: its keys must not take the order off the screen.
  if (checkout.mode.kind === "order" && inField && !/^F\d+$/.test(key)) return;
  if (scanning && isLetterCommand(key)) return;
  if (orderLetter(checkout, desk, key.toLowerCase())) {
    event.preventDefault();
    return;
  }
  if (listKeys.test(key) && (inAmount || !inField) && checkout.mode.kind !== "order") {
    checkout.list();
    event.preventDefault();
    return;
  }
  // The amount's own field edits itself; everywhere else the keys go to the amount.
  if (inAmount && checkout.mode.kind === "pad" && !isCommand(key)) return;
  if (key === "Enter" && checkout.mode.kind !== "order") mark("till:enter");
  if (checkoutKey(checkout, key, inField && !inAmount)) event.preventDefault();
}

/** A letter that is a command of the order on screen; `true` when it was one. */
function orderLetter(checkout: Checkout, desk: Desk, key: string): boolean {
  const { mode, held } = checkout;
  if (mode.kind !== "order") return false;
  if (key === "o") desk.timeline(mode.no);
  else if (key === "r" && held?.live.order.state === "paid") desk.refund(mode.no);
  else if (key === "n" && held !== null && mayBeTriedAgain(held.live)) void checkout.again();
  else return false;
  return true;
}

/** Opens the list of all ways to pay; an input method has other characters on this key. */
const listKeys = /^[/／、]$/;

function isLetterCommand(key: string): boolean {
  return /^[a-z]$/i.test(key) || listKeys.test(key);
}

export function focusAmount(): void {
  document.getElementById(amountInput)?.focus({ preventScroll: true });
}

function anywhere(event: KeyboardEvent, till: Till, desk: Desk, typing: boolean): boolean {
  const { key, code, ctrlKey, altKey, metaKey } = event;
  if ((ctrlKey || metaKey) && key.toLowerCase() === "f") desk.search();
  else if (altKey && key === "1") desk.go("checkout");
  else if (altKey && key === "2") desk.go("orders");
  else if (altKey && key === "3") desk.go("refunds");
  else if (altKey && key === "4") desk.go("settings");
  else if (key === "F10") desk.signingIn = till.start?.snapshot != null;
  // The place of the key: with Alt some keyboards write another letter.
  else if (altKey && code === "KeyL") void till.lock();
  else if ((key === "?" || key === "？") && !typing) desk.help = true;
  else return false;
  return true;
}

function isCommand(key: string): boolean {
  return /^(Enter|Escape|Page(Up|Down)|F\d+|Ctrl\+\d)$/.test(key);
}

function isTextField(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["radio", "checkbox", "button"].includes(target.type);
}

/** Whether Enter presses what has the focus. */
export function actsOnEnter(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, summary") !== null;
}

export function isModalOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}
