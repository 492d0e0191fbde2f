//! What people must be told, until they have read it.
import type { Clock, Code, Host, Refusal } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";

/** What this window itself has to say; the host has the words of all else. */
export type OwnCode =
  | "scan_torn"
  | "scan_tail"
  | "scan_behind_dialog"
  | "scan_unknown"
  | "scan_lost"
  | "scan_unplaced"
  | "scan_elsewhere"
  | "scan_not_refunded"
  | "draft_left"
  | "draft_left_by_refund"
  | "mark_paid"
  | "mark_over"
  | "scan_refund"
  | "typed_on"
  | "code_sent_before"
  | "code_not_yet"
  | "code_ran_out"
  | "currency_changed"
  | "code_other_currency"
  | "code_other_currency_sale";

export type Tidings = Refusal | { code: OwnCode; facts: Refusal["facts"] };

/** `said`: the line for screen readers says it. */
export type Notice = { id: number; refusal: Tidings; said: boolean };

const most = 4;

const textOf = (refusal: Tidings) => JSON.stringify(refusal);

/** What is said of a scan: over with the next one, and once the screen is left. */
const ofScans: ReadonlySet<Code | OwnCode> = new Set<Code | OwnCode>([
  "scan_torn",
  "scan_tail",
  "scan_behind_dialog",
  "scan_unknown",
  "scan_lost",
  "scan_unplaced",
  "scan_elsewhere",
  "scan_not_refunded",
  "scan_refund",
  "draft_left",
  "draft_left_by_refund",
  "code_sent_before",
  "code_not_yet",
  "code_ran_out",
  "code_other_currency",
  "code_other_currency_sale",
  "payment_code_bad",
  "payment_code_not_taken",
  "unknown_order",
  "unknown_refund",
]);

/** What of that another scan does not take away, nor time: something that was there is gone. */
const ofLosses: ReadonlySet<Code | OwnCode> = new Set<Code | OwnCode>([
  "draft_left",
  "draft_left_by_refund",
  "code_ran_out",
  "code_other_currency",
]);

/** More than an answer to what somebody did: money may have moved otherwise, something is gone, or the till is not well. */
const lasting: ReadonlySet<Code | OwnCode> = new Set<Code | OwnCode>([
  "answer_does_not_fit",
  "answer_names_no_order",
  "currency_changed",
  "refund_left",
  "settings_broken",
  "till_elsewhere",
  "till_in_use",
]);

/** The rest has been read after so long. */
const readMs = 20_000;

const passes = (code: Code | OwnCode) => ofScans.has(code) && !ofLosses.has(code);

/** Facts by which two refusals of one kind are about different things, and each stands. */
const subjects = ["incident", "name", "order_no", "part", "refund_no"];

function isSame({ code, facts }: Tidings, before: Tidings): boolean {
  return code === before.code && subjects.every((name) => facts[name] === before.facts[name]);
}

export class Notices {
  list = $state.raw<Notice[]>([]);
  /** What the till goes on saying and somebody has read. */
  #read = $state.raw<string[]>([]);
  #last = 0;

  constructor(private readonly clock: Clock) {}

  /** What was told before of the same, or of a scan before, gives way. */
  tell(refusal: Tidings, said = false): void {
    this.#last += 1;
    const id = this.#last;
    if (ofScans.has(refusal.code)) this.nextScan();
    const others = this.list.filter((notice) => !isSame(refusal, notice.refusal));
    this.list = [...others, { id, refusal, said }].slice(-most);
    if (passes(refusal.code)) this.clock.after(readMs, () => this.dismiss(id));
  }

  /** The next scan comes: what was said of the one before is over. */
  nextScan(): void {
    this.#forget(passes);
  }

  /** What the checkout shows gives way to something else. */
  leave(): void {
    this.#forget((code) => ofScans.has(code));
  }

  /** The screen is left: what answered something that was done there goes, unless it is grave. */
  leaveScreen(words: Host["errorWords"]): void {
    const known: Partial<Record<Code | OwnCode, Host["errorWords"][Code]>> = words;
    this.#forget((code) => {
      const found = known[code];
      return found?.severity !== "danger" && found?.hinders !== true && !lasting.has(code);
    });
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

  /** The cause of what was told is over; `name`: of whom. `true`: it still stood. */
  withdraw(code: Code | OwnCode, name?: string): boolean {
    return this.#forget((one, facts) => one === code && (name === undefined || facts.name === name));
  }

  #forget(over: (code: Code | OwnCode, facts: Refusal["facts"]) => boolean): boolean {
    const left = this.list.filter(({ refusal: { code, facts } }) => !over(code, facts));
    const stood = left.length < this.list.length;
    if (stood) this.list = left;
    return stood;
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
