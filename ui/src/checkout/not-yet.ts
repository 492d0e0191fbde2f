//! Why the next payment code has to wait, and for how long.
import type { LiveOrder } from "../host/contract.ts";
import type { Tidings } from "../till/notices.svelte.ts";

/** Why a payment code is not taken while this order is open; `passed`: milliseconds since this picture of it. */
export function notYet(
  { order, presented, closing, expires_in_ms, asking, further }: LiveOrder,
  passed: number,
): Tidings {
  const whole = (ms: number) => String(Math.max(1, Math.ceil(ms / 1000)));
  if (presented === "consumer" && order.attention === null && order.state !== "disputed")
    return { code: "code_not_yet", facts: { seconds: whole((closing?.floor_in_ms ?? expires_in_ms) - passed) } };
  const why = further.not_yet ?? "payment_code_sent";
  return { code: "further_order_not_yet", facts: { why, seconds: whole((asking.next_in_ms ?? 0) - passed) } };
}
