//! A list of the journal, newest first: read page by page, and again when what is wanted or the journal has changed.
import type { Till } from "./till.svelte.ts";

const pauseMs = 150;
/** So many digits may be an amount: no gateway's number is as short. */
const amountDigits = 7;

type Page<Row> = { rows: Row[]; next: string | null };

export abstract class Pages<Row> {
  text = $state("");
  day = $state("");
  rows = $state.raw<Row[]>([]);
  more = $state(false);
  /** When the question under way was asked, by the window's clock. */
  since = $state<number | null>(null);
  answered = $state(false);
  #next: string | null = null;
  #asked = 0;
  #pause: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly till: Till) {}

  /** Asks for the page after `after`; null: the first. */
  protected abstract page(after: string | null): Promise<Page<Row>>;

  /** The day that was typed, once it is whole. */
  protected get wholeDay(): string | null {
    return /^\d{4}-\d{2}-\d{2}$/.test(this.day) ? this.day : null;
  }

  /** What was typed, as the till reads it. */
  protected get sought(): string {
    return this.till.words.asRead(this.text.trim());
  }

  /** Whether what was typed can only be meant as a time, a day or an amount. */
  get isTimeOrAmount(): boolean {
    const text = this.text.trim();
    const written = /^(HK)?[$¥￥]?\s*[\d０-９][\d０-９\s:：.．,，/\-－]*$/i.test(text);
    return written && (text.length <= amountDigits || /[:：.．,，/\-－$¥￥]/.test(text));
  }

  /** Something was typed: asks once the typing pauses. */
  soon(): void {
    this.stop();
    this.#pause = setTimeout(() => {
      this.#pause = null;
      void this.again();
    }, pauseMs);
  }

  /**
   * The journal has moved on, perhaps after the answer under way was read from it. A list that was scrolled on stays as it
   * is, and news that never pause put the question off no further.
   */
  stale(): void {
    const shown = this.answered || this.since !== null;
    if (shown && this.#pause === null && this.rows.length <= 100) this.soon();
  }

  stop(): void {
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#pause = null;
  }

  /** Asks from the first page. */
  async again(): Promise<void> {
    await this.#ask(null);
  }

  /** Asks for the next page, unless one is under way. */
  async onward(): Promise<void> {
    if (this.more && this.since === null) await this.#ask(this.#next);
  }

  async #ask(after: string | null): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    this.since = this.till.clock.now();
    const got = await this.till.notices.orTell(() => this.page(after));
    if (asked !== this.#asked) return;
    this.since = null;
    this.answered = true;
    if (got === null) return;
    this.rows = after === null ? got.value.rows : [...this.rows, ...got.value.rows];
    this.#next = got.value.next;
    this.more = got.value.next !== null;
  }
}
