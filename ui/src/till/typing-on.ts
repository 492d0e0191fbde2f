//! A hand that types into a dialog goes on typing when the dialog closes by itself: those keys are not meant for what stands there
//! instead, and do nothing. What a scanner reads is heard all the same.
import type { Clock } from "../host/contract.ts";
import type { Notices } from "./notices.svelte.ts";

/** After so long without a key, the hand has stopped. */
const pauseMs = 1_500;
/** So long after the closing, whoever still types has seen it. */
const mostMs = 2_000;
/** So long it is said that keys were not used. */
const saidMs = 6_000;

export class TypingOn {
  #stands: (() => boolean) | null = null;
  #closed = 0;
  #last = 0;
  #said = false;
  #stopTimer: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly notices: Notices,
  ) {}

  /** A dialog has closed by itself. `stands`: whether what it gave way to is still there. */
  closed(stands: () => boolean): void {
    this.#stands = stands;
    this.#closed = this.clock.now();
    this.#last = this.#closed;
    this.#said = false;
  }

  /** Whether this key, which no dialog hears, was meant for the one that has closed. */
  takes({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
    if (ctrlKey || altKey || metaKey || !isTyped(key)) return false;
    const now = this.clock.now();
    const late = now - this.#last >= pauseMs || now - this.#closed >= mostMs;
    if (late || this.#stands?.() !== true) {
      this.over();
      this.notices.withdraw("typed_on");
      return false;
    }
    this.#last = now;
    this.#say();
    return true;
  }

  /** Says once that keys were not used. */
  #say(): void {
    if (this.#said) return;
    this.#said = true;
    this.notices.tell({ code: "typed_on", facts: {} });
    this.#stopTimer();
    this.#stopTimer = this.clock.after(saidMs, () => this.notices.withdraw("typed_on"));
  }

  /** Somebody has turned to something else. */
  over(): void {
    this.#stands = null;
  }
}

function isTyped(key: string): boolean {
  return [...key].length === 1 || /^(Enter|Escape|Backspace|Delete)$/.test(key);
}
