//! Hears the scanner before anything else hears its keys, and takes back what they typed on their way.
import type { Checkout } from "../checkout/checkout.svelte.ts";
import {
  Burst,
  character,
  isModifier,
  isSuffix,
  meaning,
  patienceMs,
  type Scanned,
  suffixOfWindow,
  walletHint,
} from "../checkout/scanner.ts";
import type { Desk } from "./desk.svelte.ts";
import { amountInput, codeInput, focusAmount } from "./keys.ts";
import { mark } from "./mark.ts";
import type { Till } from "./till.svelte.ts";

/** How long after a burst an input method may still write what it composed of it. */
const composedMs = 300;

type Editable = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** How things stood before the first key of what may become a burst. */
type Before = {
  typed: ReturnType<Checkout["typed"]>;
  mode: Checkout["mode"];
  field: Editable | null;
  value: string;
};

export class ScanEar {
  #burst = new Burst();
  #before: Before | null = null;
  #silence: (() => void) | null = null;
  /** What an input method may still put into a field after the burst is over. */
  #composed: Before | null = null;

  constructor(
    readonly till: Till,
    readonly desk: Desk,
    readonly checkout: Checkout,
  ) {}

  /** In the capture phase; `active`: the screens take keys at all. */
  hear(event: KeyboardEvent, active: boolean): void {
    this.#silence?.();
    this.#silence = null;
    if (!active || this.desk.screen !== "checkout" || this.desk.help || this.till.start === null) {
      this.#forget();
      return;
    }
    if (isModifier(event)) return;
    if (!event.isComposing) this.#composed = null;
    const suffix = suffixOfWindow();
    // A key that is held down repeats as fast as a scanner types.
    const char = event.repeat ? null : character(event);
    if (char !== null) {
      if (this.#burst.take(char, event.timeStamp)) this.#before = this.#keep(event.target);
      const at = event.timeStamp + patienceMs;
      if (suffix === "none") this.#silence = this.till.clock.after(patienceMs, () => this.#end(at, event.isComposing));
      return;
    }
    if (!isSuffix(event, suffix)) this.#forget();
    else if (this.#end(event.timeStamp, event.isComposing)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  /** An input method puts its text where it was composed, late: that goes, too. */
  composed(target: EventTarget | null): void {
    const before = this.#composed;
    if (before === null || before.field !== target) return;
    this.till.clock.after(0, () => {
      if (this.#composed === before) this.#takeBack(before);
    });
  }

  stop(): void {
    this.#silence?.();
    this.#forget();
  }

  /** `true` when a scan ended here, so that nothing else hears its last key. */
  #end(at: number, composing: boolean): boolean {
    const text = this.#burst.end(at);
    const before = this.#before;
    this.#before = null;
    if (text === null || before === null) return false;
    const scanned = meaning(text);
    if (scanned === null) {
      if (!isForTill({ kind: "unknown" }, before.field)) return !isScannedInto(before.field);
      // Eight digits may be an amount, but not behind one that stands already.
      if (before.typed.amount === "") return false;
      this.#takeBack(before);
      return true;
    }
    // What stays in a field stays there, but the key that ended it must not charge: nobody pressed it.
    if (!isForTill(scanned, before.field)) return !isScannedInto(before.field);
    mark("till:enter");
    this.#takeBack(before);
    if (composing) {
      this.#composed = before;
      this.till.clock.after(composedMs, () => {
        if (this.#composed === before) this.#composed = null;
      });
      before.field?.blur();
      focusAmount();
    }
    this.#act(scanned, text, before);
    return true;
  }

  #act(scanned: Scanned, text: string, before: Before): void {
    const { checkout } = this;
    if (scanned.kind === "order") void checkout.open(scanned.no);
    else if (scanned.kind === "payment" || (checkout.asking && /^[0-9]+$/.test(text))) checkout.scanned(text);
    else {
      if (before.mode.kind === "order" && checkout.mode.kind === "pad") checkout.show(before.mode.no);
      checkout.refuseCode();
    }
  }

  #keep(target: EventTarget | null): Before {
    const field = isEditable(target) ? target : null;
    return { typed: this.checkout.typed(), mode: this.checkout.mode, field, value: field?.value ?? "" };
  }

  #takeBack({ field, value, typed }: Before): void {
    if (field?.isConnected && field.value !== value) {
      field.value = value;
      field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
    }
    this.checkout.retype(typed);
  }

  #forget(): void {
    this.#burst.forget();
    this.#before = null;
  }
}

/**
 * A burst is never an amount, whatever it reads. A field of its own may be filled by a scanner on purpose: there only what
 * looks like ours is taken, in a field of the channel, whose ids are as long as codes, only with a wallet's prefix, and in
 * one that is made for numbers nothing at all.
 */
function isForTill(scanned: Scanned, field: Editable | null): boolean {
  if (field === null || field.id === amountInput || field.id === codeInput) return true;
  if (field instanceof HTMLInputElement && ["radio", "checkbox"].includes(field.type)) return true;
  if (isScannedInto(field)) return false;
  const scans = field.closest<HTMLElement>("[data-scanned]")?.dataset.scanned;
  if (scanned.kind !== "payment") return scanned.kind === "order";
  return scans !== "ids" || walletHint(scanned.code) !== null;
}

/** Whether a field is made to be filled by a scanner, its last key too. */
function isScannedInto(field: Editable | null): boolean {
  return field?.closest<HTMLElement>("[data-scanned]")?.dataset.scanned === "own";
}

function isEditable(target: EventTarget | null): target is Editable {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}
