//! Whether Enter beside an order may still be the Enter that made it: a key that bounces, or a hand that does not wait.
import type { LiveOrder } from "../host/contract.ts";

/** So long a hand that pressed Enter may press it once more without having seen what came. */
const unseenMs = 600;

export class MadeJustNow {
  #no: string | null = null;
  #byHand = false;
  /** When what it is paid by came, or it was known that nothing will; `null`: it is being created. */
  #since: number | null = null;

  /** `byHand`: by Enter or a button, and not by what a scanner read. */
  made({ order }: LiveOrder, byHand: boolean): void {
    this.#no = order.order_no;
    this.#byHand = byHand;
    this.#since = null;
  }

  /** What is known of the order on screen. */
  follow(live: LiveOrder, now: number): void {
    if (live.order.order_no === this.#no && !isBeingCreated(live)) this.#since ??= now;
  }

  /** Whether Enter, pressed now, is not meant for what stands there. */
  hides(live: LiveOrder, now: number): boolean {
    if (isBeingCreated(live)) return true;
    if (live.order.order_no !== this.#no || now - (this.#since ?? now) >= unseenMs) return false;
    // A customer needs longer to pay by a code; a payment code that a hand sent off may be answered before its key is up.
    return !live.ended || (this.#byHand && live.presented === "consumer");
  }
}

/** The one create may be under way: there is nothing yet that the customer could have seen. */
export function isBeingCreated({ order: { state } }: LiveOrder): boolean {
  return state === "drafted" || state === "creating";
}
