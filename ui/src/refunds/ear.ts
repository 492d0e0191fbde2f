//! Hears the scanner on the refund screen: one of our numbers opens its order, anything else becomes no amount.
import { Burst, character, isModifier, isSuffix, meaning, suffixOfWindow } from "../checkout/scanner.ts";

type Editable = HTMLInputElement | HTMLTextAreaElement;

export class RefundEar {
  #burst = new Burst();
  #before: { field: Editable | null; value: string } | null = null;

  constructor(readonly open: (orderNo: string) => void) {}

  /** In the capture phase. */
  hear(event: KeyboardEvent): void {
    if (isModifier(event)) return;
    const char = event.repeat ? null : character(event);
    if (char !== null) {
      // A scanner stays in the field where it began: whoever goes on in another one is typing.
      if (this.#before?.field != null && this.#before.field !== event.target) this.#burst.forget();
      if (this.#burst.take(char, event.timeStamp)) this.#before = keep(event.target);
      return;
    }
    const before = this.#before;
    this.#before = null;
    if (!isSuffix(event, suffixOfWindow())) {
      this.#burst.forget();
      return;
    }
    const text = this.#burst.end(event.timeStamp);
    const scanned = text === null ? null : meaning(text);
    if (scanned === null || before === null) return;
    if (scanned.kind !== "order" && takesText(before.field)) return;
    event.preventDefault();
    event.stopPropagation();
    takeBack(before);
    if (scanned.kind === "order") this.open(scanned.no);
  }
}

function keep(target: EventTarget | null): { field: Editable | null; value: string } {
  const field = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null;
  return { field, value: field?.value ?? "" };
}

/** A field that a text may be scanned into: a search, a note, a reason, the gateway's number. */
function takesText(field: Editable | null): boolean {
  return field?.closest("[data-scanned=text], [data-scanned=own]") != null;
}

function takeBack({ field, value }: { field: Editable | null; value: string }): void {
  if (field === null || !field.isConnected || field.value === value) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
