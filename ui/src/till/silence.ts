//! Silence after keys.
import type { Clock } from "../host/contract.ts";

/** A timer that is so much too late tells of a window that was held up: keys that came meanwhile are still to be heard. */
const heldUpMs = 50;

/** Runs `then` after so long a silence; `stopBy` is given what stops it. */
export function afterSilence(clock: Clock, ms: number, then: () => void, stopBy: (stop: () => void) => void): void {
  const due = clock.now() + ms;
  const late = () => (clock.now() < due + heldUpMs ? then() : stopBy(clock.after(heldUpMs, then)));
  stopBy(clock.after(ms, late));
}
