//! A hand that types into a dialog goes on typing when the dialog closes by itself: those keys are not meant for what stands there
//! instead, and do nothing. What a scanner reads is heard all the same.
import type { Clock } from "../host/contract.ts";

/** After so long without a key, the hand has stopped. */
const pauseMs = 1_500;

export class TypingOn {
  #stands: (() => boolean) | null = null;
  #last = 0;

  constructor(private readonly clock: Clock) {}

  /** A dialog has closed by itself. `stands`: whether what it gave way to is still there. */
  closed(stands: () => boolean): void {
    this.#stands = stands;
    this.#last = this.clock.now();
  }

  /** Whether this key, which no dialog hears, was meant for the one that has closed. */
  takes({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean {
    if (this.#stands === null || ctrlKey || altKey || metaKey || !isTyped(key)) return false;
    const now = this.clock.now();
    if (now - this.#last >= pauseMs || !this.#stands()) {
      this.over();
      return false;
    }
    this.#last = now;
    return true;
  }

  /** Somebody has turned to something else. */
  over(): void {
    this.#stands = null;
  }
}

function isTyped(key: string): boolean {
  return [...key].length === 1 || /^(Enter|Escape|Backspace|Delete)$/.test(key);
}
