//! Leaves the window to nobody when nobody touches it.
import type { Till } from "../till/till.svelte.ts";

export class IdleLock {
  #last: number;
  #locking = false;

  constructor(readonly till: Till) {
    this.#last = till.clock.now();
  }

  /** A key or a pointer. */
  touched(): void {
    this.#last = this.till.clock.now();
  }

  /** Looks at the clock; returns how to stop. */
  watch(): () => void {
    return this.till.clock.every(1_000, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { people, clock } = this.till;
    const after = people.limits.idle_lock_s * 1000;
    if (people.session.kind !== "operator" || after === 0 || this.#locking) return;
    if (clock.now() - this.#last < after) return;
    this.#locking = true;
    await this.till.lock();
    this.#locking = false;
  }
}
