//! What the shop allows, while it is changed. Amounts stay text.
import { halfWidth, minorOf } from "../domain/amount.ts";
import type { LimitsView, RefundLimits, Refusal } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";
import { minorText } from "../words/words.svelte.ts";
import { Sign } from "./sign.svelte.ts";

export type LimitField = keyof RefundLimits | "window_days" | "idle_lock_s";

export class LimitsForm {
  refunds = $state<Record<string, RefundLimits>>({});
  reason = $state(true);
  window = $state("");
  idle = $state("");
  busy = $state(false);
  saved = $state(false);
  /** A field that does not hold what it should. */
  bad = $state<LimitField | null>(null);
  refused = $state.raw<Refusal | null>(null);
  readonly sign: Sign;

  constructor(readonly till: Till) {
    this.sign = new Sign(till);
    this.#take(till.people.limits);
  }

  /** Currencies that some account takes first, then any others that have limits. */
  currencies = $derived.by(() => {
    const used = this.till.accounts.map(({ currency }) => currency);
    return [...new Set([...used, ...Object.keys(this.refunds)])].filter((one) => one in this.refunds);
  });

  /** Something else is typed: what was said of what stood there is over. */
  changed(): void {
    this.bad = null;
    this.refused = null;
    this.saved = false;
  }

  /** What was typed, if all of it makes sense. */
  read(): LimitsView | null {
    this.bad = null;
    const refunds: Record<string, RefundLimits> = {};
    for (const [currency, limits] of Object.entries(this.refunds)) {
      const read = { ...limits };
      for (const field of ["per_refund", "per_day", "second_above"] as const) {
        const minor = minorOf(limits[field]);
        if (minor === null) {
          this.bad = field;
          return null;
        }
        read[field] = minorText(minor);
      }
      refunds[currency] = read;
    }
    const days = whole(this.window);
    const idle = whole(this.idle);
    if (days === null || idle === null) {
      this.bad = days === null ? "window_days" : "idle_lock_s";
      return null;
    }
    return { refunds, reason_required: this.reason, window_days: days, idle_lock_s: idle };
  }

  async save(): Promise<void> {
    const limits = this.read();
    if (limits === null || this.busy || !this.sign.complete(false)) return;
    const { pin } = this.sign.authority(false);
    this.sign.forget();
    this.busy = true;
    this.saved = false;
    this.refused = null;
    try {
      const people = await this.till.host.setLimits(limits, pin);
      this.till.meet(people);
      this.#take(people.limits);
      this.saved = true;
    } catch (thrown) {
      this.refused = refusalOf(thrown);
    } finally {
      this.busy = false;
    }
  }

  #take({ refunds, reason_required, window_days, idle_lock_s }: LimitsView): void {
    this.refunds = Object.fromEntries(Object.entries(refunds).map(([currency, limits]) => [currency, { ...limits }]));
    this.reason = reason_required;
    this.window = String(window_days);
    this.idle = String(idle_lock_s);
  }
}

function whole(typed: string): number | null {
  const digits = halfWidth(typed).trim();
  return /^\d{1,6}$/.test(digits) ? Number(digits) : null;
}
