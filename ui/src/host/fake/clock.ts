//! Time that only passes when it is told to.
import type { Clock } from "../contract.ts";

type Timer = { at: number; every: number | null; run: () => void };

export class FakeClock implements Clock {
  #now = 0;
  #timers = new Set<Timer>();

  constructor(readonly began = Date.UTC(2026, 0, 5, 2, 42, 0)) {}

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.began + this.#now;
  }

  every(ms: number, run: () => void): () => void {
    return this.#add({ at: this.#now + ms, every: ms, run });
  }

  after(ms: number, run: () => void): () => void {
    return this.#add({ at: this.#now + ms, every: null, run });
  }

  /** Lets `ms` pass; what falls due runs in its order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#now = Math.max(this.#now, due.at);
      if (due.every === null) this.#timers.delete(due);
      else due.at += due.every;
      due.run();
    }
    this.#now = until;
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }
}
