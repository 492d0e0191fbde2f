//! When keys are pressed, by their own times: what a test types is a hand's, unless it says when its keys came.
import type { FakeClock } from "../src/host/fake/clock.ts";

/** Payment codes of two wallets. */
export const wechat = "134567890123456789";
export const alipay = "289012345678901234";

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

export type How = {
  pause?: number;
  suffix?: string | string[] | null;
  composing?: boolean;
  /** Before the character of this place (counted from 0; the last key behind them all) the machine hesitates so long. */
  tear?: { at: number; gap: number };
  /** Time that passes with the keys; without one the keys wait for a window that is held up. */
  clock?: FakeClock;
  /** How long ago the last key of a hand was. */
  after?: number;
};

/** A scanner's keys, to whatever has the focus, as a browser delivers them. */
export function scan(text: string | string[], how: How = {}): boolean {
  const { pause = 6, suffix = "Enter", composing = false, tear, clock, after = 500 } = how;
  // A hand that typed before is long off the keys.
  let at = keyTime(after);
  let place = 0;
  const press = (char: string): boolean => {
    const target = document.activeElement ?? document.body;
    const code = /^[0-9]$/.test(char) ? `Digit${char}` : char.length === 1 ? `Key${char}` : char;
    const key = composing ? "Process" : char;
    const event = new KeyboardEvent("keydown", { key, code, isComposing: composing, bubbles: true, cancelable: true });
    if (place > 0) {
      const waited = tear?.at === place ? tear.gap : pause;
      at += waited;
      clock?.advance(waited);
    }
    place += 1;
    stamp(event, at);
    const passed = target.dispatchEvent(event);
    if (passed && char.length === 1 && (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) {
      target.value += char;
      target.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: composing }));
    }
    return passed;
  };
  for (const part of [text].flat()) for (const key of part.startsWith("F") ? [part] : part) press(key);
  return [suffix ?? []].flat().reduce((passed, key) => press(key) && passed, true);
}

/** A hand's keys, one after the other, so many milliseconds apart. */
export function hand(text: string, apart: number, clock: FakeClock): void {
  for (const char of text) {
    scan(char, { suffix: null, after: apart });
    clock.advance(apart);
  }
}
