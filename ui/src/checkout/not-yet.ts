//! Why the next payment code has to wait, and for how long.
import { endsIn, endsSooner } from "../domain/standing.ts";
import type { LiveOrder } from "../host/contract.ts";
import type { Tidings } from "../till/notices.svelte.ts";
import { countdown } from "../words/words.svelte.ts";
import { codeLastsMs } from "./held-code.svelte.ts";

/** Whether no payment code is taken while this order is open; `passed`: milliseconds since this picture of it. */
export function isTooEarly({ order, presented, ended, asking, further }: LiveOrder, passed: number): boolean {
  if (ended) return false;
  if (presented !== "merchant" || order.state === "disputed") return true;
  // By the next question the code would have run out.
  return further.not_yet === "unconfirmed" && (asking.next_in_ms ?? 0) - passed > codeLastsMs;
}

/** Why not. `onScreen`: the order is on the screen, where Esc ends it. */
export function notYet(live: LiveOrder, passed: number, onScreen: boolean): Tidings {
  const { order, presented, asking, further } = live;
  if (presented === "consumer" && order.attention === null && order.state !== "disputed") {
    const span = countdown(Math.max(1_000, endsIn(live, passed)));
    return { code: "code_not_yet", facts: { span, sooner: String(onScreen && endsSooner(live)) } };
  }
  const why = further.not_yet ?? "payment_code_sent";
  const seconds = String(Math.max(1, Math.ceil(((asking.next_in_ms ?? 0) - passed) / 1000)));
  return { code: "further_order_not_yet", facts: { why, seconds } };
}
