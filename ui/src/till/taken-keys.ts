//! A scan that an input method took whole and wrote nothing of. On Linux the window does not learn that such keys went
//! down, but some of them may come up: the last one, or all (see docs/scanner-and-input-methods.md).
import { Burst, isModifier, isSuffix, kept, shortest, suffixOfWindow } from "../checkout/scanner.ts";
import type { Clock } from "../host/contract.ts";
import { takesWords } from "./input-method.ts";
import { afterSilence } from "./silence.ts";

/** So long an input method may take to write what it took, in milliseconds. */
const writesMs = 300;
/** A key that comes up so soon after the window got the focus went down elsewhere. */
const elsewhereMs = 1_000;

export class TakenKeys {
  /** Where the keys lie that went down and have not come up. */
  #down = new Set<string>();
  #up = new Burst();
  #wroteAt = Number.NEGATIVE_INFINITY;
  #focusedAt = Number.NEGATIVE_INFINITY;
  /** An input method has begun a text and not ended it: the keys that it takes are that text's. */
  #composing = false;
  #waiting: (() => void) | null = null;

  /**
   * `lost`: nothing came of keys in a field for words. It has lost the focus: no input method has the next ones. Inside a dialog
   * the focus goes on to what holds the field: the dialog hears its keys there, and Enter and Space press nothing.
   */
  constructor(
    private readonly clock: Clock,
    private readonly lost: () => void,
  ) {}

  /** The window heard that a key went down. */
  down({ code }: KeyboardEvent): void {
    this.#down.add(code);
  }

  /** Something was written, by an input method or otherwise. */
  wrote(): void {
    this.#wroteAt = this.clock.now();
    this.stop();
  }

  /** An input method begins to compose. */
  composes(): void {
    this.#composing = true;
    this.stop();
  }

  /** It has written what it composed, or given it up. */
  composed(): void {
    this.#composing = false;
    this.wrote();
  }

  /** The window got the focus. */
  focused(): void {
    this.#focusedAt = this.clock.now();
  }

  up(event: KeyboardEvent): void {
    if (this.#down.delete(event.code) || isModifier(event) || this.#composing) return;
    const { target } = event;
    const now = this.clock.now();
    if (!(target instanceof HTMLElement) || !takesWords(target) || now - this.#focusedAt < elsewhereMs) return;
    const ends = isSuffix(event, suffixOfWindow());
    if (!ends) this.#up.take(kept, event.timeStamp);
    // Few keys that no last key ends are a hand's, which has not done yet.
    if ((!ends && this.#up.text.length < shortest) || now - this.#wroteAt < writesMs) return;
    this.stop();
    afterSilence(
      this.clock,
      writesMs,
      () => {
        this.#up.forget();
        const around = target.closest<HTMLElement>("dialog div");
        target.blur();
        this.lost();
        if (around !== null) focusQuietly(around);
      },
      (stop) => (this.#waiting = stop),
    );
  }

  stop(): void {
    this.#waiting?.();
    this.#waiting = null;
  }
}

/** Gives the focus to what no key presses. It takes none before: a dialog that opens would give it the first one. */
function focusQuietly(place: HTMLElement): void {
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}
