//! Silence after keys.
import type { Clock } from "../host/contract.ts";

/** Silence is counted in slices: keys that wait behind a window that is held up are heard between two of them. */
const sliceMs = 40;
/** A slice that ends so much too late was no silence: the window was held up, and does not know what came meanwhile. */
const heldUpMs = 10;
/** So many slices may be late: a window that always is must take a scan, too. */
const mostLate = 25;

/** Runs `then` after so long a silence; `stopBy` is given what stops it. */
export function afterSilence(clock: Clock, ms: number, then: () => void, stopBy: (stop: () => void) => void): void {
  let left = ms;
  let late = 0;
  const wait = () => {
    const slice = Math.min(sliceMs, left);
    const due = clock.now() + slice;
    const over = () => {
      if (clock.now() < due + heldUpMs || late >= mostLate) left -= slice;
      else late += 1;
      if (left > 0) wait();
      else then();
    };
    stopBy(clock.after(slice, over));
  };
  wait();
}
