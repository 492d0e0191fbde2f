//! What people must be told, until they have read it.
import type { Code, Refusal } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";

/** What this window itself has to say; the host has the words of all else. */
export type OwnCode =
  | "scan_torn"
  | "scan_tail"
  | "scan_behind_dialog"
  | "scan_unknown"
  | "scan_unplaced"
  | "scan_elsewhere"
  | "scan_not_refunded"
  | "draft_left"
  | "code_sent_before"
  | "code_not_yet"
  | "currency_changed"
  | "code_other_currency"
  | "code_other_currency_sale";

export type Tidings = Refusal | { code: OwnCode; facts: Refusal["facts"] };

export type Notice = { id: number; refusal: Tidings };

const most = 4;

const textOf = (refusal: Tidings) => JSON.stringify(refusal);

export class Notices {
  list = $state.raw<Notice[]>([]);
  /** What the till goes on saying and somebody has read. */
  #read = $state.raw<string[]>([]);
  #last = 0;

  tell(refusal: Tidings): void {
    this.#last += 1;
    const others = this.list.filter((notice) => textOf(notice.refusal) !== textOf(refusal));
    this.list = [...others, { id: this.#last, refusal }].slice(-most);
  }

  /** Puts away what the till goes on saying. */
  putAway(refusal: Refusal): void {
    this.#read = [...this.#read, textOf(refusal)];
  }

  isAway(refusal: Refusal): boolean {
    return this.#read.includes(textOf(refusal));
  }

  /** What the till says now: what it has stopped saying is new when it says it again. */
  said(refusals: Refusal[]): void {
    const texts = refusals.map(textOf);
    if (this.#read.some((text) => !texts.includes(text)))
      this.#read = this.#read.filter((text) => texts.includes(text));
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** The cause of what was told is over. */
  withdraw(code: Code | OwnCode): void {
    if (this.list.some(({ refusal }) => refusal.code === code))
      this.list = this.list.filter(({ refusal }) => refusal.code !== code);
  }

  clear(): void {
    if (this.list.length > 0) this.list = [];
  }

  /** Runs `ask`; what it refuses is told, and `null` comes back. */
  async orTell<T>(ask: () => Promise<T>): Promise<{ value: T } | null> {
    try {
      return { value: await ask() };
    } catch (thrown) {
      this.tell(refusalOf(thrown));
      return null;
    }
  }
}
