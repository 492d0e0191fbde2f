//! Hears the scanner before anything else hears its keys, and takes back what they typed on their way.
import type { Checkout } from "../checkout/checkout.svelte.ts";
import { type Read, Reading, type Torn } from "../checkout/reading.ts";
import {
  character,
  isModifier,
  isSuffix,
  isTypedByMachine,
  kept,
  meaning,
  patienceMs,
  type Scanned,
  shortest,
  suffixOfWindow,
  unknownFacts,
  walletHint,
} from "../checkout/scanner.ts";
import { halfWidth, isChargeable } from "../domain/amount.ts";
import type { Desk } from "./desk.svelte.ts";
import { amountInput, codeInput, focusAmount } from "./keys.ts";
import { mark } from "./mark.ts";
import { afterSilence } from "./silence.ts";
import type { Till } from "./till.svelte.ts";

/** How long after a burst an input method may still write what it composed of it. */
const composedMs = 300;
/** Stands for a key inside a code that writes nothing. */
const noCharacter = "\u0000";

type Editable = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** How things stood before the first key of what may become a burst. */
type Before = {
  typed: ReturnType<Checkout["typed"]>;
  mode: Checkout["mode"];
  field: Editable | null;
  value: string;
  /** The keys went to something else than the amount. */
  aside: boolean;
};

export class ScanEar {
  #reading = new Reading();
  /** Before all its keys, for each field that they went to. */
  #wrote: Before[] = [];
  /** Silence has ended a scan: what comes now is too late for it. */
  #taken = false;
  #silence: (() => void) | null = null;
  /** What was typed is kept only while it may still be part of a scan. */
  #fading: (() => void) | null = null;
  /** When the last key of a scan came: some scanners send two of them. */
  #endedAt = Number.NEGATIVE_INFINITY;
  /** When a key was last heard that an input method left alone. */
  #heardAt = Number.NEGATIVE_INFINITY;
  /** What a field held before an input method began to compose in it. */
  #composing: { field: Editable; value: string } | null = null;
  /** What an input method may still put into a field after the burst is over. */
  #composed: Before | null = null;
  /** What was said about it. */
  #said: (() => void) | null = null;

  constructor(
    readonly till: Till,
    readonly desk: Desk,
    readonly checkout: Checkout,
  ) {}

  /** In the capture phase; `active`: the till is open. */
  hear(event: KeyboardEvent, active: boolean): void {
    // A key that is held down repeats as fast as a scanner types.
    const char = event.repeat ? null : character(event);
    if (char !== kept) this.#heardAt = event.timeStamp;
    if (isModifier(event)) return;
    this.#stopWaiting();
    if (!active || this.desk.screen !== "checkout" || this.till.start === null) {
      this.#forget();
      return;
    }
    const { timeStamp: at, isComposing: composing } = event;
    if (this.#reading.isOver(at)) this.#pause(composing);
    if (!composing && char !== kept) this.#composed = null;
    const suffix = isSuffix(event, suffixOfWindow());
    if (suffix && at - this.#endedAt <= patienceMs) {
      this.#endedAt = at;
      swallow(event);
      return;
    }
    if (char !== null) this.#take(char, at, event.target, composing);
    else if (suffix) {
      if (this.#end(at, composing)) swallow(event);
    } else if (this.#reading.isRunning(at) && event.key !== "Tab") {
      // Some codes have a control character inside: it is no command.
      swallow(event);
      this.#take(noCharacter, at, event.target, composing);
    } else {
      if (this.#reading.waits) this.#pause(composing);
      this.#forget();
    }
  }

  /** Whether the key that was heard last may be a machine's: then it is no command. */
  get maybeMachine(): boolean {
    return this.#reading.maybeMachine;
  }

  /** An input method begins to compose. */
  composes({ target }: Event): void {
    this.#composing = isEditable(target) ? { field: target, value: target.value } : null;
  }

  /** It has written its text. Where the window did not learn of the keys, only that tells of a scan. */
  written(event: CompositionEvent): void {
    const { timeStamp: at } = event;
    const machine = isTypedByMachine(halfWidth(event.data), at - this.#heardAt);
    this.#composing = null;
    this.#heardAt = at;
    if (machine && this.#wrote.length > 0) {
      this.#torn(this.#reading.break(), true);
      this.#endedAt = at;
      this.#forget();
    } else this.composed(event);
  }

  /** An input method puts its text where it was composed, late: that goes, too. */
  composed({ target }: Event): void {
    const before = this.#composed;
    if (before === null || before.field !== target) return;
    this.till.clock.after(0, () => {
      if (this.#composed !== before) return;
      this.#takeBack(before);
      this.#said?.();
    });
  }

  stop(): void {
    this.#stopWaiting();
    this.#forget();
  }

  #take(char: string, at: number, target: EventTarget | null, composing: boolean): void {
    if (this.#reading.take(char, at) === "first") {
      this.#wrote = [];
      this.#taken = false;
    }
    // What the keys do may move the focus: all that they went to is kept.
    const before = this.#keep(target);
    if (!this.#wrote.some(({ field }) => field === before.field)) this.#wrote.push(before);
    const { clock } = this.till;
    // No hand typed what stands here: silence ends it.
    if (this.#reading.waits) {
      afterSilence(
        clock,
        patienceMs,
        () => this.#pause(composing),
        (stop) => (this.#silence = stop),
      );
    }
    afterSilence(
      clock,
      this.#reading.lastsMs,
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

  #pause(composing: boolean): void {
    const read = this.#reading.pause(suffixOfWindow() === "none");
    const taken = this.#read(read, composing);
    if (read.kind !== "scan") return;
    this.#taken = taken;
    this.#wrote = [];
  }

  /** `true` when nothing else may hear the last key. */
  #end(at: number, composing: boolean): boolean {
    const read = this.#reading.end(at);
    const taken = this.#read(read, composing);
    if (read.kind !== "hand") this.#endedAt = at;
    this.#forget();
    return taken;
  }

  #read(read: Read, composing: boolean): boolean {
    switch (read.kind) {
      case "scan":
        return this.#scan(read.text, composing);
      case "torn":
        return this.#torn(read, composing);
      case "hand":
        return false;
    }
  }

  #scan(text: string, composing: boolean): boolean {
    const wrote = this.#wrote;
    const before = wrote[0];
    if (before === undefined) return false;
    const scanned = meaning(text) ?? { kind: "unknown" };
    if (this.#isBehindDialog()) return this.#refuseBehindDialog([scanned], wrote, composing);
    // What stays in a field stays there, but the key that ended it must not charge: nobody pressed it.
    if (!isForTill(scanned, before.field)) return !isScannedInto(before.field);
    mark("till:enter");
    this.desk.help = false;
    this.#takeAllBack(wrote, before.typed, composing);
    this.#act(scanned, before);
    return true;
  }

  /** Which of these keys were a scanner's nobody knows: none of them counts, nor does an amount that they may have changed. */
  #torn({ run, whole }: Torn, composing: boolean): boolean {
    const wrote = this.#wrote;
    const read = [whole, run].map((text): Scanned => meaning(text) ?? { kind: "unknown" });
    // An input method that kept some of the keys may be about to write them.
    const broken = whole.includes(kept);
    if (this.#isBehindDialog()) return this.#refuseBehindDialog(broken ? null : read, wrote, composing || broken);
    const first = wrote[0];
    const forTill = wrote.some(
      ({ field }) =>
        isText(field) || (broken && !isScannedInto(field)) || read.some((scanned) => isForTill(scanned, field)),
    );
    if (first === undefined || !forTill)
      return whole.length >= shortest && !wrote.some(({ field }) => isScannedInto(field));
    this.desk.help = false;
    this.#takeAllBack(wrote, this.#sure(wrote) ?? { amount: "", ignored: null }, composing || broken);
    this.#backToOrder(first);
    this.#tell(() => this.checkout.refuseScan(this.#taken ? "scan_tail" : "scan_torn"));
    return true;
  }

  /** The amount before these pieces, where it is sure that it was a hand's. */
  #sure(wrote: Before[]): Before["typed"] | null {
    const first = wrote[0]?.typed;
    if (first === undefined) return null;
    const elsewhere = wrote.every(({ aside }) => aside) && first.amount === this.checkout.amount;
    return this.#taken || elsewhere ? first : null;
  }

  /**
   * Somebody signs in or lets an order pass: a code is no part of that, and its last key must press nothing there.
   * `read`: `null` where nobody knows what a machine typed.
   */
  #refuseBehindDialog(read: Scanned[] | null, wrote: Before[], composing: boolean): boolean {
    if (read?.every(({ kind }) => kind === "unknown")) return wrote.some(({ field }) => field === null);
    const typed = wrote[0]?.typed ?? this.checkout.typed();
    this.#takeAllBack(wrote, typed, composing);
    this.#tell(() => this.checkout.refuseScan("scan_behind_dialog"));
    return true;
  }

  #isBehindDialog(): boolean {
    return this.desk.signingIn || this.checkout.overruling;
  }

  #act(scanned: Scanned, before: Before): void {
    const { checkout } = this;
    if (scanned.kind === "order") void checkout.open(scanned.no);
    else if (scanned.kind === "payment" && !checkout.wasSent(scanned.code)) {
      checkout.scanned(scanned.code);
      // What it waits for is the amount, wherever it was read.
      if (checkout.ready !== null && !isChargeable(checkout.due)) focusAmount();
    } else {
      this.#backToOrder(before);
      const again = scanned.kind === "payment";
      this.#tell(() =>
        again ? checkout.refuseScan("code_sent_before") : checkout.refuseScan("scan_unknown", unknownFacts()),
      );
    }
  }

  /** A digit beside an ended order begins the next sale: a machine's does not. */
  #backToOrder({ mode }: Before): void {
    if (mode.kind === "order" && this.checkout.mode.kind === "pad") this.checkout.show(mode.no);
  }

  /** What an input method still writes looks like typing, and whoever types has read what was said: it is said again then. */
  #tell(say: () => void): void {
    this.#said = say;
    say();
  }

  #keep(target: EventTarget | null): Before {
    const field = isEditable(target) ? target : null;
    const aside = (field !== null && !isAmount(field)) || document.querySelector("dialog[open]") !== null;
    const composing = this.#composing;
    const value = field !== null && composing?.field === field ? composing.value : (field?.value ?? "");
    return { typed: this.checkout.typed(), mode: this.checkout.mode, field, value, aside };
  }

  /** `typed`: the amount as it stands then. */
  #takeAllBack(wrote: Before[], typed: Before["typed"], composing: boolean): void {
    this.#said = null;
    for (const before of wrote.toReversed()) this.#takeBack({ ...before, typed });
    const last = wrote.at(-1);
    if (!composing || last === undefined) return;
    const composed = { ...last, typed };
    this.#composed = composed;
    this.till.clock.after(composedMs, () => {
      if (this.#composed === composed) this.#composed = null;
    });
    composed.field?.blur();
    focusAmount();
  }

  #takeBack({ field, value, typed }: Before): void {
    const written = field?.id === amountInput ? typed.amount : value;
    if (field?.isConnected && field.value !== written) {
      field.value = written;
      field.dispatchEvent(new Event(field instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
    }
    this.checkout.retype(typed);
  }

  #forget(): void {
    this.#reading.forget();
    this.#wrote = [];
  }
}

/**
 * A burst is never an amount, whatever it reads. A field of its own may be filled by a scanner on purpose: there only what
 * looks like ours is taken, in a field of the channel, whose ids are as long as codes, only with a wallet's prefix, and in
 * one that is made for numbers nothing at all.
 */
function isForTill(scanned: Scanned, field: Editable | null): boolean {
  if (field === null || isAmount(field) || field.id === codeInput) return true;
  if (isScannedInto(field)) return false;
  const scans = field.closest<HTMLElement>("[data-scanned]")?.dataset.scanned;
  if (scanned.kind !== "payment") return scanned.kind === "order";
  return scans !== "ids" || walletHint(scanned.code) !== null;
}

/** Whether keys in a field are keys of the amount: its own field, and those that nothing is typed into. */
function isAmount(field: Editable): boolean {
  if (field.id === amountInput) return true;
  return field instanceof HTMLInputElement && ["radio", "checkbox"].includes(field.type);
}

/** Whether a text of somebody's own stands in a field, which pieces of a scan would spoil. */
function isText(field: Editable | null): boolean {
  return field !== null && !isAmount(field) && field.closest("[data-scanned]") === null;
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

function swallow(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopPropagation();
}
