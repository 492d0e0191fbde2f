//! Leaves the window to nobody when nobody touches it.
import type { Till } from "../till/till.svelte.ts";

export class IdleLock {
  // By both clocks: the one that no person sets may stand still while the machine sleeps.
  #last = { now: 0, wall: 0 };
  #locking = false;

  constructor(readonly till: Till) {
    this.touched();
  }

  /** A key or a pointer. */
  touched(): void {
    const { clock } = this.till;
    this.#last = { now: clock.now(), wall: clock.wall() };
  }

  /** Looks at the clock; returns how to stop. */
  watch(): () => void {
    return this.till.clock.every(1_000, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { people, clock } = this.till;
    const after = people.limits.idle_lock_s * 1000;
    if (people.session.kind !== "operator" || after === 0 || this.#locking) return;
    if (Math.max(clock.now() - this.#last.now, clock.wall() - this.#last.wall) < after) return;
    this.#locking = true;
    await this.till.lock();
    this.#locking = false;
  }
}
