//! What a key means at the checkout: at the pad, before an order, and where another way to pay is chosen.
import { isAmountKey } from "../domain/amount.ts";
import { canBeEnded, needsAnotherWay } from "../domain/standing.ts";
import type { Checkout } from "./checkout.svelte.ts";

/** A key by its name, as ways to pay have it; `null`: with Ctrl, Alt or Cmd it has none. */
export function keyName({ key, code, ctrlKey, altKey, metaKey, shiftKey }: KeyboardEvent): string | null {
  if (altKey || metaKey) return null;
  if (!ctrlKey) return key;
  // The place of the key: not every keyboard writes a digit in its row. The keypad's keys may be arrows.
  const place = /^[1-9]$/.test(key) ? code : code.replace("Numpad", "");
  const digit = shiftKey ? undefined : /^(?:Digit|Numpad)([1-9])$/.exec(place)?.[1];
  return digit === undefined ? null : `Ctrl+${digit}`;
}

/** A key of the checkout; `true` when it meant something here. `inField`: typed into a text of its own. */
export function checkoutKey(checkout: Checkout, key: string, inField: boolean): boolean {
  switch (checkout.mode.kind) {
    case "pad":
      return padKey(checkout, key, inField);
    case "order":
      return orderKey(checkout, key);
    case "other":
      return otherKey(checkout, key);
  }
}

function padKey(checkout: Checkout, key: string, inField: boolean): boolean {
  if (chooseByKey(checkout, key)) return true;
  if (key === "F5" || key === "F9") return true;
  if (key === "Enter") {
    void checkout.charge();
    return true;
  }
  if (key === "Escape" && checkout.ready !== null) {
    checkout.dropCode();
    return true;
  }
  if (inField) return false;
  if (key === "Escape") checkout.clear();
  else if (key === "Backspace" || key === "Delete") checkout.erase();
  else if (isAmountKey(key) || key === "," || key === "-") checkout.type(key);
  else return stepKey(checkout, key);
  return true;
}

function orderKey(checkout: Checkout, key: string): boolean {
  const live = checkout.held?.live;
  if (live === undefined) return false;
  if (key === "F5") void checkout.ask();
  else if (key === "F9") void checkout.otherWay();
  else if (key === "Escape") {
    if (canBeEnded(live)) void checkout.close();
    else checkout.next();
  } else if (key === "Enter") {
    if (!live.link_lost || live.ended || !live.further.allowed) checkout.nextByEnter(live);
    else if (needsAnotherWay(live)) void checkout.otherWay();
    else void checkout.again();
  } else if (live.ended && isAmountKey(key)) {
    checkout.next();
    checkout.type(key);
  } else return stepKey(checkout, key);
  return true;
}

function otherKey(checkout: Checkout, key: string): boolean {
  if (chooseByKey(checkout, key)) return true;
  if (key === "Enter") void checkout.charge();
  else if (key === "Escape" && checkout.ready !== null) {
    checkout.armed = false;
    checkout.dropCode();
  } else if (key === "Escape") checkout.backToOrder();
  else if (key === "F6" && checkout.held?.live.further.allowed === false) checkout.askOverrule();
  else return key === "F5" || key === "F6" || key === "F9";
  return true;
}

function chooseByKey(checkout: Checkout, key: string): boolean {
  const choice = checkout.choices.find((one) => one.key === key);
  if (choice !== undefined) checkout.choose(choice.id);
  return choice !== undefined;
}

function stepKey(checkout: Checkout, key: string): boolean {
  if (key === "PageDown") checkout.step(1);
  else if (key === "PageUp") checkout.step(-1);
  else return false;
  return true;
}
