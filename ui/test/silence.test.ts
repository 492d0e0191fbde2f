//! When silence is over in a window that is held up.
import { describe, expect, it } from "vitest";
import type { Clock } from "../src/host/contract.ts";
import { afterSilence } from "../src/till/silence.ts";

/** A clock with one timer, which a busy window runs late. */
class BusyClock implements Clock {
  #now = 0;
  #timer: { at: number; run: () => void } | null = null;

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  every(): () => void {
    return () => undefined;
  }

  after(ms: number, run: () => void): () => void {
    this.#timer = { at: this.#now + ms, run };
    return () => {
      this.#timer = null;
    };
  }

  /** Runs the timer, so late; `false`: there is none. */
  run(late = 0): boolean {
    const timer = this.#timer;
    if (timer === null) return false;
    this.#timer = null;
    this.#now = timer.at + late;
    timer.run();
    return true;
  }

  /** Runs timers until there is none, each so late. */
  runAll(late = 0): void {
    let ran = true;
    while (ran) ran = this.run(late);
  }
}

/** Silence of 120 ms: when it was over, and what stops it. */
function silence(clock: BusyClock) {
  const ended: number[] = [];
  let stop = () => {};
  afterSilence(
    clock,
    120,
    () => ended.push(clock.now()),
    (by) => {
      stop = by;
    },
  );
  return { ended, stop: () => stop() };
}

describe("silence", () => {
  it("is over after its time, in a window that nothing holds up", () => {
    const clock = new BusyClock();
    const { ended } = silence(clock);
    clock.runAll();
    expect(ended).toEqual([120]);
  });

  it.each([30, 70, 95, 130, 400])("is not over where a key held the window up and its timer is %i ms late", (late) => {
    const clock = new BusyClock();
    const { ended } = silence(clock);
    clock.run(late);
    expect(ended).toEqual([]);
    clock.run(late);
    expect(ended).toEqual([]);
    clock.runAll();
    expect(ended).toEqual([2 * (40 + late) + 120]);
  });

  it("is stopped by a key that waited behind a late timer", () => {
    const clock = new BusyClock();
    const { ended, stop } = silence(clock);
    clock.run(90);
    stop();
    expect(clock.run()).toBe(false);
    expect(ended).toEqual([]);
  });

  it("is over at last in a window that is always late", () => {
    const clock = new BusyClock();
    const { ended } = silence(clock);
    clock.runAll(60);
    expect(ended).toHaveLength(1);
  });
});
