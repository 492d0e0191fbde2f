//! Hears the scanner on the refund screen: one of our numbers opens its order, anything else becomes no amount.
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
} from "../checkout/scanner.ts";

type Editable = HTMLInputElement | HTMLTextAreaElement;
type Before = { field: Editable | null; value: string };

export class RefundEar {
  #reading = new Reading();
  /** Before all its keys, and before the last piece of them. */
  #before: Before | null = null;
  #piece: Before | null = null;
  /** When the last key of a scan came: some scanners send two of them. */
  #endedAt = Number.NEGATIVE_INFINITY;

  constructor(readonly open: (orderNo: string) => void) {}

  /** In the capture phase; `dialog`: one is open, and no last key of a scanner answers it. */
  hear(event: KeyboardEvent, dialog: boolean): void {
    if (isModifier(event)) return;
    const { timeStamp: at, target } = event;
    const suffix = isSuffix(event, suffixOfWindow());
    if (suffix && at - this.#endedAt <= patienceMs) {
      this.#endedAt = at;
      swallow(event);
      return;
    }
    const char = event.repeat ? null : character(event);
    if (char !== null) {
      // A scanner stays in the field where it began: whoever goes on in another one is typing.
      if (this.#before?.field != null && this.#before.field !== target) this.#reading.forget();
      const place = this.#reading.take(char, at);
      if (place !== "more") this.#piece = keep(target);
      if (place === "first") this.#before = this.#piece;
      return;
    }
    const whole = this.#before;
    const piece = this.#piece;
    this.#before = null;
    this.#piece = null;
    if (!suffix) {
      this.#reading.forget();
      return;
    }
    const read = this.#reading.end(at);
    if (read.kind === "hand" || whole === null || piece === null) return;
    const text = takesText(piece.field);
    const said = whatWasRead(read);
    // Which keys of a torn scan were a machine's nobody knows: none of them stays in an amount.
    const spoils = piece.field !== null && !text && said?.kind !== "order";
    const torn = read.kind === "torn" && (dialog || (spoils && read.whole.length >= shortest));
    const scanned = torn ? unknown : said;
    if (scanned === null && !dialog) return;
    const before = dialog || torn ? whole : piece;
    this.#endedAt = at;
    if (text && !dialog && scanned?.kind !== "order") return;
    swallow(event);
    // Goods may be scanned into a note; a customer's payment code, whole or in pieces, is kept nowhere.
    if (text && dialog && read.kind === "scan" && scanned?.kind !== "payment") return;
    takeBack(before);
    if (scanned?.kind === "order" && !dialog) this.open(scanned.no);
  }
}

const unknown: Scanned = { kind: "unknown" };

/** On the screen itself the last piece of a scan is taken for all of it, if it is long enough. */
function whatWasRead(read: Exclude<Read, { kind: "hand" }>): Scanned | null {
  const text = read.kind === "scan" ? read.text : read.run;
  return text.length < shortest ? null : meaning(text);
}

function swallow(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}

function keep(target: EventTarget | null): Before {
  const field = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null;
  return { field, value: field?.value ?? "" };
}

/** A field that a text may be scanned into: a search, a note, a reason, the gateway's number. */
function takesText(field: Editable | null): boolean {
  return field?.closest("[data-scanned=text], [data-scanned=own]") != null;
}

function takeBack({ field, value }: Before): void {
  if (field === null || !field.isConnected || field.value === value) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
