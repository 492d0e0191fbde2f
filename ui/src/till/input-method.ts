//! Lets the system's input method take keys only where words are typed. On some systems a window does not learn of the keys that
//! it takes: there it would keep a scanner's, and the digits of an amount.
import { type Host, refusalOf } from "../host/contract.ts";
import type { Notices } from "./notices.svelte.ts";

export class InputMethod {
  /** A page begins without it. */
  #told = false;
  #wanted = false;
  #telling = false;
  /** A field that goes from the page with the focus in it does not say that it lost it. */
  #goes = new MutationObserver(() => {
    if (!takesWords(document.activeElement)) this.follow(null);
  });

  constructor(
    private readonly host: Host,
    private readonly notices: Notices,
  ) {}

  /** What has the focus now, or gets it. */
  follow(target: EventTarget | null): void {
    this.#wanted = takesWords(target);
    this.#goes.disconnect();
    if (this.#wanted) this.#goes.observe(document.body, { childList: true, subtree: true });
    void this.#tell();
  }

  /** One word after the other: two that are under way at once may arrive in either order. */
  async #tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    while (this.#told !== this.#wanted) {
      this.#told = this.#wanted;
      try {
        await this.host.allowInputMethod(this.#told);
      } catch (thrown) {
        this.notices.tell(refusalOf(thrown));
      }
    }
    this.#telling = false;
  }
}

/** Whether a field is marked for words: names, notes, reasons. Amounts, numbers, codes and PINs are none. */
export function takesWords(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("[data-words]");
}
