//! A customer's payment code that waits: for its amount, for the way to pay, or for the end of the order before.
import type { Clock, Wallet } from "../host/contract.ts";
import { walletHint } from "./scanner.ts";

/** Wallets renew a payment code every minute. */
export const codeLastsMs = 60_000;

export class HeldCode {
  /** All that is told of it is the wallet that it may come from. */
  ready = $state.raw<{ hint: Wallet | null } | null>(null);
  /** The code itself, until it goes out or is dropped. One that went out is remembered in memory for two minutes by `SentCodes`. */
  #code: string | null = null;
  #ends: (() => void) | null = null;
  /** The way that the cashier picked for it. */
  by = $state<string | null>(null);
  /** Its minute has passed, and it has not been dropped. */
  over = false;

  constructor(
    private readonly clock: Clock,
    private readonly runOut: () => void,
  ) {}

  /** What goes out with the sale. */
  get text(): string | null {
    return this.#code;
  }

  keep(code: string): void {
    this.drop();
    this.#code = code;
    this.ready = { hint: walletHint(code) };
    this.#ends = this.clock.after(codeLastsMs, () => {
      this.over = true;
      this.runOut();
    });
  }

  drop(): void {
    this.#code = null;
    this.by = null;
    this.over = false;
    this.#ends?.();
    this.#ends = null;
    this.ready = null;
  }
}
