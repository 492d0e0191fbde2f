//! The refunds of the past: pages of the journal, newest first, for what was chosen.
import type { RefundQuery, RefundState, RefundView } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";

const pauseMs = 150;

export class History {
  text = $state("");
  state = $state<RefundState | "">("");
  by = $state("");
  day = $state("");
  rows = $state.raw<RefundView[]>([]);
  more = $state(false);
  since = $state<number | null>(null);
  answered = $state(false);
  #next: string | null = null;
  #asked = 0;
  #pause: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly till: Till) {}

  get filtered(): boolean {
    return this.text.trim() !== "" || this.state !== "" || this.by !== "" || this.day !== "";
  }

  soon(): void {
    this.stop();
    this.#pause = setTimeout(() => void this.again(), pauseMs);
  }

  /** A refund has moved on. A list that was scrolled on stays as it is. */
  stale(): void {
    if (this.answered && this.rows.length <= 100) this.soon();
  }

  stop(): void {
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#pause = null;
  }

  async again(): Promise<void> {
    await this.#ask(null);
  }

  async onward(): Promise<void> {
    if (this.more && this.since === null) await this.#ask(this.#next);
  }

  async #ask(after: string | null): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const query: RefundQuery = {
      text: this.text.trim(),
      states: this.state === "" ? [] : [this.state],
      by: this.by === "" ? null : this.by,
      day: /^\d{4}-\d{2}-\d{2}$/.test(this.day) ? this.day : null,
      after,
    };
    this.since = this.till.clock.now();
    const got = await this.till.notices.orTell(() => this.till.host.refunds(query));
    if (asked !== this.#asked) return;
    this.since = null;
    this.answered = true;
    if (got === null) return;
    this.rows = after === null ? got.value.rows : [...this.rows, ...got.value.rows];
    this.#next = got.value.next;
    this.more = got.value.next !== null;
  }
}
