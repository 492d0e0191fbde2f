//! When keys are pressed, by their own times: what a test types is a hand's, unless it says when its keys came.

const apartMs = 200;

/** When the last key came. */
let lastAt = 0;

/** A time `after` the last key, and not before now. */
export function keyTime(after: number): number {
  return Math.max(new Event("now").timeStamp, lastAt) + after;
}

/** Gives an event of a key its time. */
export function stamp(event: Event, at: number): void {
  lastAt = at;
  Object.defineProperty(event, "timeStamp", { value: at });
}

/** Keys without a time of their own are as far apart as a hand's. */
export function typeByHand(): void {
  window.addEventListener(
    "keydown",
    (event) => {
      if (!Object.hasOwn(event, "timeStamp")) stamp(event, keyTime(apartMs));
    },
    true,
  );
}
