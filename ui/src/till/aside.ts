//! Hears the scanner on the screens of orders and settings, where nothing is charged: one of our numbers opens its order, and a
//! customer's payment code stays in no search. The refund screen has an ear of its own.
import { type Read, Reading } from "../checkout/reading.ts";
import {
  character,
  isModifier,
  isSuffix,
  meaning,
  patienceMs,
  type Scanned,
  shortest,
  suffixOfWindow,
  walletHint,
} from "../checkout/scanner.ts";
import type { Desk, Screen } from "./desk.svelte.ts";
import type { OwnCode } from "./notices.svelte.ts";
import type { Till } from "./till.svelte.ts";

const screens: Screen[] = ["orders", "settings"];

export class AsideEar {
  #reading = new Reading();
  /** Where its first key went. */
  #target: EventTarget | null = null;
  /** When the last key of a scan came: some scanners send two of them. */
  #endedAt = Number.NEGATIVE_INFINITY;
  #waiting: (() => void) | null = null;

  constructor(
    readonly till: Till,
    readonly desk: Desk,
  ) {}

  /** In the capture phase; `active`: the till is open. */
  hear(event: KeyboardEvent, active: boolean): void {
    if (isModifier(event)) return;
    this.#waiting?.();
    if (!active || !screens.includes(this.desk.screen) || document.querySelector("dialog[open]") !== null) {
      this.#reading.forget();
      return;
    }
    const { timeStamp: at } = event;
    const suffix = isSuffix(event, suffixOfWindow());
    const char = event.repeat ? null : character(event);
    if (suffix && at - this.#endedAt <= patienceMs) {
      this.#endedAt = at;
      swallow(event);
    } else if (char !== null) this.#take(char, event);
    else if (suffix && this.#read(this.#reading.end(at))) {
      this.#endedAt = at;
      swallow(event);
    } else this.#reading.forget();
  }

  stop(): void {
    this.#waiting?.();
    this.#reading.forget();
  }

  #take(char: string, { timeStamp: at, target }: KeyboardEvent): void {
    if (this.#reading.take(char, at) === "first") this.#target = target;
    const { clock } = this.till;
    const silenceEnds = this.#reading.waits && suffixOfWindow() === "none";
    this.#waiting = silenceEnds
      ? clock.after(patienceMs, () => {
          this.#read(this.#reading.pause(true));
          this.#reading.forget();
        })
      : clock.after(this.#reading.lastsMs, () => this.#reading.forget());
  }

  /** `true` when nothing else may hear the last key. */
  #read(read: Read): boolean {
    if (read.kind === "hand") return false;
    const texts = read.kind === "scan" ? [read.text] : [read.whole, read.run];
    if (texts.every(({ length }) => length < shortest)) return false;
    const scanned = texts.map(meaning);
    const target = this.#target;
    if (target instanceof HTMLInputElement && target.type === "search") {
      return this.#search(scanned, target, read.kind === "scan" ? read.text : null);
    }
    if (isField(target)) return false;
    const order = scanned.find((one) => one?.kind === "order");
    if (order?.kind === "order") this.desk.timeline(order.no);
    else this.#tell(scanned.some((one) => one?.kind === "payment") ? "scan_elsewhere" : "scan_unplaced");
    return true;
  }

  /**
   * Gateways have numbers that are as long as payment codes: without a wallet's prefix it is sought, in the place of what the search
   * held before.
   */
  #search(scanned: (Scanned | null)[], field: HTMLInputElement, whole: string | null): boolean {
    const isCode = scanned.some((one) => one?.kind === "payment" && walletHint(one.code) !== null);
    const wanted = isCode ? "" : (whole ?? field.value);
    if (field.value !== wanted) {
      field.value = wanted;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (isCode) this.#tell("scan_elsewhere");
    return isCode;
  }

  #tell(code: OwnCode): void {
    this.till.notices.tell({ code, facts: {} });
  }
}

function isField(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["radio", "checkbox", "button"].includes(target.type);
}

function swallow(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}
