//! What people must be told, until they have read it.
import type { Code, Refusal } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";

/** What this window itself has to say; the host has the words of all else. */
export type OwnCode = "scan_torn" | "scan_tail" | "scan_behind_dialog" | "code_not_yet";

export type Tidings = Refusal | { code: OwnCode; facts: Refusal["facts"] };

export type Notice = { id: number; refusal: Tidings };

const most = 4;

export class Notices {
  list = $state.raw<Notice[]>([]);
  #last = 0;

  tell(refusal: Tidings): void {
    const same = (notice: Notice) => JSON.stringify(notice.refusal) === JSON.stringify(refusal);
    this.#last += 1;
    this.list = [...this.list.filter((notice) => !same(notice)), { id: this.#last, refusal }].slice(-most);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  /** The cause of what was told is over. */
  withdraw(code: Code): void {
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
