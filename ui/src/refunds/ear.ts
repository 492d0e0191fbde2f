//! Hears the scanner on the refund screen: one of our numbers opens its order, anything else becomes no amount, and a customer's
//! payment code stays in no field. In a search, what was scanned takes the place of what stood there.
import { type Read, Reading, tornMs } from "../checkout/reading.ts";
import {
  character,
  isModifier,
  isSuffix,
  kept,
  meaning,
  patienceMs,
  type Scanned,
  shortest,
  suffixOfWindow,
  walletHint,
} from "../checkout/scanner.ts";
import type { Clock } from "../host/contract.ts";
import { afterSilence } from "../till/silence.ts";

/** What the event of a field says whose content from before a scan was put back. */
export const takenBack = "historyUndo";

type Editable = HTMLInputElement | HTMLTextAreaElement;
type Before = { field: Editable | null; value: string };

export class RefundEar {
  #reading = new Reading();
  /** Before all its keys, and before the last piece of them. */
  #before: Before | null = null;
  #piece: Before | null = null;
  /** In a search its characters so far, as they are written; `null`: elsewhere, and where an input method keeps some of them. */
  #written: string | null = null;
  /** When the last of its keys came, and whether silence came after it. */
  #lastAt = Number.NEGATIVE_INFINITY;
  #silent = false;
  #silence: (() => void) | null = null;
  /** What was typed is kept only while it may still be part of a scan. */
  #fading: (() => void) | null = null;
  /** When the last key of a scan came: some scanners send two of them. */
  #endedAt = Number.NEGATIVE_INFINITY;

  /** `refuse`: a payment code was read, and is charged elsewhere. */
  constructor(
    readonly clock: Clock,
    readonly open: (orderNo: string) => void,
    readonly refuse: (code: string) => void,
  ) {}

  /** What was heard beside any field is written in this one, which held `value` before; `written`: how much of it a search has. */
  goesOnIn(field: HTMLInputElement, value: string, written: string | null = null): void {
    if (this.#before?.field !== null) return;
    this.#before = this.#piece = { field, value };
    if (isSearch(field)) this.#written = written;
  }

  /** In the capture phase; `dialog`: one is open, and no last key of a scanner answers it. */
  hear(event: KeyboardEvent, dialog: boolean): void {
    if (isModifier(event)) return;
    this.#stopWaiting();
    const { timeStamp: at } = event;
    const suffix = isSuffix(event, suffixOfWindow());
    if (suffix && at - this.#endedAt <= patienceMs) {
      this.#endedAt = at;
      swallow(event);
      return;
    }
    const char = event.repeat ? null : character(event);
    if (char !== null) {
      if (endsBySilence() && this.#reading.isOver(at)) this.#goOn(event, dialog);
      this.#take(char, event);
      this.#wait(dialog);
      return;
    }
    const came = suffix ? this.#act(this.#reading.end(at), dialog) : "nothing";
    if (came !== "nothing") this.#endedAt = at;
    if (came === "taken") swallow(event);
    this.#forget();
  }

  stop(): void {
    this.#stopWaiting();
    this.#forget();
  }

  #take(char: string, { timeStamp: at, target, key, isComposing }: KeyboardEvent): void {
    this.#silent = false;
    this.#lastAt = at;
    // A scanner stays in the field where it began: whoever goes on in another one is typing.
    if (this.#before?.field != null && this.#before.field !== target) this.#forget();
    const place = this.#reading.take(char, at);
    if (place !== "more") this.#piece = keep(target);
    if (place === "first") {
      this.#before = this.#piece;
      this.#written = "";
    }
    if (!isSearch(target) || isComposing || char === kept || [...key].length !== 1) this.#written = null;
    if (this.#written === null || !isSearch(target)) return;
    if (this.#reading.waits && target.value !== this.#written) write(target, this.#written);
    this.#written += key;
  }

  #wait(dialog: boolean): void {
    const { lastsMs, waits } = this.#reading;
    if (waits && endsBySilence()) {
      afterSilence(
        this.clock,
        patienceMs,
        () => this.#pause(dialog),
        (stop) => (this.#silence = stop),
      );
    }
    afterSilence(
      this.clock,
      lastsMs,
      () => this.#forget(),
      (stop) => (this.#fading = stop),
    );
  }

  #stopWaiting(): void {
    this.#silence?.();
    this.#fading?.();
    this.#silence = null;
    this.#fading = null;
  }

  /** A key comes after silence. */
  #goOn({ timeStamp: at, target }: KeyboardEvent, dialog: boolean): void {
    if (!this.#silent) this.#pause(dialog);
    // In a search the next scan takes the place of the one before.
    const another = at - this.#lastAt > tornMs && this.#reading.soFar().kind === "scan";
    if (another && isSearch(target)) this.#forget();
  }

  /** Silence ended a scan, or one piece of it: it is read with what follows shortly. */
  #pause(dialog: boolean): void {
    this.#silent = true;
    this.#act(this.#reading.soFar(), dialog);
  }

  /** `taken`: nothing else may hear its last key. */
  #act(read: Read, dialog: boolean): "nothing" | "left" | "taken" {
    const whole = this.#before;
    const piece = this.#piece;
    if (read.kind === "hand" || whole === null || piece === null) return "nothing";
    const text = takesText(piece.field);
    const said = whatWasRead(read);
    // Which keys of a torn scan were a machine's nobody knows: none of them stays in an amount.
    const spoils = piece.field !== null && !text && said?.kind !== "order";
    const torn = read.kind === "torn" && (dialog || (spoils && read.whole.length >= shortest));
    const scanned = torn ? unknown : said;
    if (scanned === null && !dialog) return "nothing";
    const code = scanned?.kind === "payment" && !dialog && isNoText(scanned.code, piece.field) ? scanned.code : null;
    const before = dialog || torn || code !== null ? whole : piece;
    if (text && !dialog && scanned?.kind !== "order" && code === null) return "left";
    // Goods may be scanned into a note; a customer's payment code, whole or in pieces, is kept nowhere.
    if (text && dialog && read.kind === "scan" && scanned?.kind !== "payment") return "taken";
    takeBack(code !== null && before.field?.type === "search" ? { ...before, value: "" } : before);
    const no = scanned?.kind === "order" && !dialog ? scanned.no : null;
    if (no !== null || code !== null) this.#forget();
    if (no !== null) this.open(no);
    if (code !== null) this.refuse(code);
    return "taken";
  }

  #forget(): void {
    this.#reading.forget();
    this.#before = null;
    this.#piece = null;
    this.#written = null;
    this.#silent = false;
  }
}

/** Whether this window's scanner sends no last key. */
function endsBySilence(): boolean {
  return suffixOfWindow() === "none";
}

const unknown: Scanned = { kind: "unknown" };

/** On the screen itself the last piece of a scan is taken for all of it, if it is long enough; but for a payment code in pieces. */
function whatWasRead(read: Exclude<Read, { kind: "hand" }>): Scanned | null {
  const whole = meaning(read.kind === "scan" ? read.text : read.whole);
  if (whole?.kind === "payment") return whole;
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
  return field?.closest("[data-scanned=text], [data-scanned=search], [data-scanned=own]") != null;
}

/** A field that holds one text, whose place a scan takes. */
function isSearch(target: EventTarget | null): target is HTMLInputElement {
  return target instanceof HTMLInputElement && target.closest("[data-scanned=search]") !== null;
}

/**
 * Whether a payment code is none of the field's texts. Gateways have numbers that are as long: without a wallet's prefix it is one
 * of those, and where a number is asked for it always is.
 */
function isNoText(code: string, field: Editable | null): boolean {
  if (field?.closest("[data-scanned=own]") != null) return false;
  return !takesText(field) || walletHint(code) !== null;
}

function takeBack({ field, value }: Before): void {
  if (field?.isConnected && field.value !== value) write(field, value, takenBack);
}

function write(field: Editable, value: string, inputType = "insertReplacementText"): void {
  field.value = value;
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType }));
}
