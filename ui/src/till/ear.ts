//! The ear for the scanner: it hears every key of a screen before anything else does, tells a burst from typing, takes back what
//! a burst typed into a field, and hands on what was read. What becomes of that, each screen says.
import { type Read, Reading } from "../checkout/reading.ts";
import {
  character,
  isModifier,
  isSuffix,
  isTypedByMachine,
  kept,
  patienceMs,
  suffixOfWindow,
} from "../checkout/scanner.ts";
import { halfWidth } from "../domain/amount.ts";
import type { Clock } from "../host/contract.ts";
import { afterSilence } from "./silence.ts";

/** What the event of a field says whose content from before a scan was put back. */
export const takenBack = "historyUndo";

/** How long after a burst an input method may still write what it composed of it. */
const composedMs = 300;
/** Stands for a key inside a code that writes nothing. */
export const noCharacter = "\u0000";

export type Editable = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** A field, and what it held at some time. */
export type Content = { field: Editable | null; value: string };

/** How things stood before a key of what may become a burst. */
export type Before<Around> = Content & { around: Around };

export type Heard<Around> = {
  read: Exclude<Read, { kind: "hand" }>;
  /** Before all its keys, for each field that they went to. */
  wrote: Before<Around>[];
  /** Before the last piece of them. */
  piece: Before<Around> | null;
  /** Silence has ended a scan, which was taken: these keys are too late for it. */
  late: boolean;
  /** An input method may still write them. */
  composing: boolean;
};

/** `taken`: nothing else may hear its last key; `done`: nor does anything that follows belong to it. */
export type Came = "nothing" | "left" | "taken" | "done";

/** What is done with what the ear hears. */
export interface Use<Around> {
  /** What keys behind silence are: too late for the scan before, more of it, or another one. */
  readonly behindSilence: "late" | "more" | "another";
  /** Whether keys matter to it at present. */
  listens(): boolean;
  /** What else is kept before a key goes to this field. */
  around(field: Editable | null): Around;
  act(heard: Heard<Around>): Came;
}

export class Ear<Around> {
  #reading = new Reading();
  #wrote: Before<Around>[] = [];
  #piece: Before<Around> | null = null;
  /** In a search its characters so far, as they are written; `null`: elsewhere, and where an input method keeps some of them. */
  #written: string | null = null;
  #late = false;
  /** Silence came after its last key. */
  #silent = false;
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
  #composed: { before: Content; afterwards: () => void } | null = null;

  constructor(
    readonly clock: Clock,
    readonly use: Use<Around>,
  ) {}

  /** In the capture phase; `active`: the till is open. */
  hear(event: KeyboardEvent, active = true): void {
    // A key that is held down repeats as fast as a scanner types.
    const char = event.repeat ? null : character(event);
    if (char !== kept) this.#heardAt = event.timeStamp;
    if (isModifier(event)) return;
    this.#stopWaiting();
    if (!active || !this.use.listens()) {
      this.forget();
      return;
    }
    const { timeStamp: at, isComposing: composing } = event;
    if (this.#hearsSilence && this.#reading.isOver(at)) this.#pause(composing);
    if (!composing && char !== kept) this.#composed = null;
    if (char !== null) this.#take(char, event);
    else if (isSuffix(event, suffixOfWindow())) {
      if (this.#end(at, composing)) swallow(event);
    } else if (this.#reading.isRunning(at) && event.key !== "Tab") {
      // Some codes have a control character inside: it is no command.
      swallow(event);
      this.#take(noCharacter, event);
    } else {
      // Where another last key is set, a scanner's Tab ends nothing; the focus stays where the scan went.
      if (event.key === "Tab" && this.#reading.isRunning(at) && !isMadeForScans(event.target)) swallow(event);
      if (this.#hearsSilence && this.#reading.waits) this.#pause(composing);
      this.forget();
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
      this.#handOn(this.#reading.break(), true);
      this.#endedAt = at;
      this.forget();
    } else this.composed(event);
  }

  /** An input method puts its text where it was composed, late: that goes, too. */
  composed({ target }: Event): void {
    const composed = this.#composed;
    if (composed === null || composed.before.field !== target) return;
    this.clock.after(0, () => {
      if (this.#composed !== composed) return;
      putBack(composed.before);
      composed.afterwards();
    });
  }

  /** What was heard beside any field is written in this one, which held `value` before; `written`: how much of it a search has. */
  goesOnIn(field: HTMLInputElement, value: string, written: string | null = null): void {
    const first = this.#wrote[0];
    if (first === undefined || first.field !== null) return;
    this.#piece = { ...first, field, value };
    this.#wrote = [this.#piece];
    if (isSearch(field)) this.#written = written;
  }

  /**
   * Puts back what these fields held. `composing`: an input method may still write into the last one, which loses the focus, and what
   * it writes goes, too; `afterwards` runs each time.
   */
  takeBack(wrote: Content[], composing = false, afterwards: () => void = () => {}): void {
    for (const before of wrote.toReversed()) putBack(before);
    afterwards();
    const last = wrote.at(-1);
    if (!composing || last === undefined) return;
    const composed = { before: last, afterwards };
    this.#composed = composed;
    this.clock.after(composedMs, () => {
      if (this.#composed === composed) this.#composed = null;
    });
    last.field?.blur();
  }

  stop(): void {
    this.#stopWaiting();
    this.forget();
  }

  forget(): void {
    this.#reading.forget();
    this.#wrote = [];
    this.#piece = null;
    this.#written = null;
    this.#silent = false;
  }

  #take(char: string, event: KeyboardEvent): void {
    const { timeStamp: at, target, isComposing: composing } = event;
    if (this.#isElsewhere(at, target)) this.forget();
    this.#silent = false;
    const place = this.#reading.take(char, at);
    if (place === "first") {
      this.#wrote = [];
      this.#written = "";
      this.#late = false;
    }
    // What the keys do may move the focus: all that they went to is kept.
    const before = this.#keep(target);
    if (place !== "more") this.#piece = before;
    if (!this.#wrote.some(({ field }) => field === before.field)) this.#wrote.push(before);
    this.#replace(char, event);
    // No hand typed what stands here: silence ends it.
    if (this.#reading.waits && this.#hearsSilence) {
      afterSilence(
        this.clock,
        patienceMs,
        () => this.#pause(composing),
        (stop) => (this.#silence = stop),
      );
    }
    this.#fade(this.#reading.lastsMs);
  }

  /** Whether a key is none of those before it. */
  #isElsewhere(at: number, target: EventTarget | null): boolean {
    // Nor does anybody type on so quickly in another field: the focus moved under a scanner's keys.
    if (this.use.behindSilence === "late" || this.#reading.goesOn(at)) return false;
    // In a search the next scan takes the place of the one before.
    if (endsBySilence() && isSearch(target) && this.#reading.isPast(at)) return true;
    // A scanner stays in the field where it began: whoever goes on in another one is typing.
    const field = this.#wrote[0]?.field ?? null;
    return field !== null && field !== target;
  }

  #keep(target: EventTarget | null): Before<Around> {
    const field = isEditable(target) ? target : null;
    const composing = this.#composing;
    const value = field !== null && composing?.field === field ? composing.value : (field?.value ?? "");
    return { field, value, around: this.use.around(field) };
  }

  /** In a search what is scanned takes the place of what stood there. */
  #replace(char: string, { target, key, isComposing }: KeyboardEvent): void {
    const writes = char !== kept && char !== noCharacter && [...key].length === 1;
    if (!isSearch(target) || isComposing || !writes) this.#written = null;
    if (this.#written === null || !isSearch(target)) return;
    if (this.#reading.waits && target.value !== this.#written) write(target, this.#written);
    this.#written += key;
  }

  /** Where keys behind silence are too late, silence without a last key is the end as well. */
  get #hearsSilence(): boolean {
    return this.use.behindSilence === "late" || endsBySilence();
  }

  #pause(composing: boolean): void {
    if (this.#silent) return;
    this.#silent = true;
    const { behindSilence } = this.use;
    const read = behindSilence === "more" ? this.#reading.soFar() : this.#reading.pause(endsBySilence());
    const came = this.#handOn(read, composing);
    if (behindSilence === "another" || came === "done") this.forget();
    else if (behindSilence === "late" && read.kind === "scan") {
      this.#late = came === "taken";
      this.#wrote = [];
    }
  }

  /** `true` when nothing else may hear the last key. */
  #end(at: number, composing: boolean): boolean {
    const second = at - this.#endedAt <= patienceMs;
    if (second) this.#endedAt = at;
    // Behind the keys of another scan it is the last key of that one.
    if (second && !this.#reading.waits) {
      this.#fade(this.#reading.lastsMs);
      return true;
    }
    const read = this.#reading.end(at);
    const came = this.#handOn(read, composing);
    if (came !== "nothing") this.#endedAt = at;
    this.forget();
    // A few quick keys between are no scan that it could end.
    return came === "taken" || came === "done" || (second && read.kind !== "scan");
  }

  #handOn(read: Read, composing: boolean): Came {
    if (read.kind === "hand") return "nothing";
    return this.use.act({ read, wrote: this.#wrote, piece: this.#piece, late: this.#late, composing });
  }

  #stopWaiting(): void {
    this.#silence?.();
    this.#fading?.();
    this.#silence = null;
    this.#fading = null;
  }

  #fade(ms: number): void {
    afterSilence(
      this.clock,
      ms,
      () => this.forget(),
      (stop) => (this.#fading = stop),
    );
  }
}

/** Writes into a field as if somebody had. */
export function write(field: Editable, value: string, inputType = "insertReplacementText"): void {
  field.value = value;
  const select = field instanceof HTMLSelectElement;
  field.dispatchEvent(
    select ? new Event("change", { bubbles: true }) : new InputEvent("input", { bubbles: true, inputType }),
  );
}

function putBack({ field, value }: Content): void {
  if (field?.isConnected && field.value !== value) write(field, value, takenBack);
}

/** Whether this window's scanner sends no last key. */
function endsBySilence(): boolean {
  return suffixOfWindow() === "none";
}

/** A field that holds one text, whose place a scan takes. */
function isSearch(target: EventTarget | null): target is HTMLInputElement {
  return target instanceof HTMLInputElement && target.closest("[data-scanned=search]") !== null;
}

/** A field that a scanner fills on purpose: its last key goes on from there. */
function isMadeForScans(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[data-scanned=own]") !== null;
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
