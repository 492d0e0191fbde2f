//! The payment codes that went out from this window: read again, they are the last customer's, and no sale gets them once more.
import type { Clock } from "../host/contract.ts";

/** So many of the newest. */
const most = 8;
/** A wallet renews its code every minute: nobody reads an older one twice by mistake. */
const keptMs = 120_000;

type Sent = { code: string; until: number; stop: () => void };

export class SentCodes {
  /** In memory alone: they are shown and stored nowhere. */
  #sent: Sent[] = [];

  constructor(private readonly clock: Clock) {}

  has(code: string): boolean {
    const now = this.clock.now();
    return this.#sent.some((one) => one.code === code && now < one.until);
  }

  add(code: string): void {
    this.forget(code);
    for (const { code: oldest } of this.#sent.slice(0, Math.max(0, this.#sent.length + 1 - most))) this.forget(oldest);
    const stop = this.clock.after(keptMs, () => this.forget(code));
    this.#sent = [...this.#sent, { code, until: this.clock.now() + keptMs, stop }];
  }

  /** Its time is over, or the till refused its sale before anything was sent. */
  forget(code: string): void {
    for (const one of this.#sent) if (one.code === code) one.stop();
    this.#sent = this.#sent.filter((one) => one.code !== code);
  }
}
