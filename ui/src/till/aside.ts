//! What a scan does on the screens of orders and settings, where nothing is charged: one of our numbers, of an order or of a
//! refund, opens its order, and a customer's payment code stays in no search.
import { meaning, type Scanned, shortest, walletHint } from "../checkout/scanner.ts";
import type { Desk, Screen } from "./desk.svelte.ts";
import { type Came, Ear, type Editable, type Heard, noCharacter, type Use, write } from "./ear.ts";
import type { OwnCode } from "./notices.svelte.ts";
import type { Till } from "./till.svelte.ts";

const screens: Screen[] = ["orders", "settings"];

export class AsideScans implements Use<null> {
  readonly behindSilence = "another";
  readonly ear: Ear<null>;

  constructor(
    readonly till: Till,
    readonly desk: Desk,
  ) {
    this.ear = new Ear<null>(till.clock, this);
  }

  listens(): boolean {
    return screens.includes(this.desk.screen) && document.querySelector("dialog[open]") === null;
  }

  around(): null {
    return null;
  }

  act({ read, wrote }: Heard<null>): Came {
    const texts = read.kind === "torn" ? [read.whole, read.run] : [read.text];
    if (texts.every(({ length }) => length < shortest)) return "nothing";
    const scanned = texts.map(meaning);
    const field = wrote[0]?.field ?? null;
    if (field instanceof HTMLInputElement && field.type === "search") {
      return this.#search(scanned, field, read.kind === "torn" ? null : read.text) ? "taken" : "nothing";
    }
    if (isField(field)) return "nothing";
    this.till.notices.nextScan();
    const order = scanned.find((one) => one?.kind === "order");
    const refund = scanned.find((one) => one?.kind === "refund");
    if (order?.kind === "order") this.desk.timeline(order.no);
    else if (refund?.kind === "refund") void this.#openRefund(refund.no);
    else this.#tell(scanned.some((one) => one?.kind === "payment") ? "scan_elsewhere" : "scan_unplaced");
    return "taken";
  }

  async #openRefund(refundNo: string): Promise<void> {
    const { screen, timelineNo } = this.desk;
    const got = await this.till.orderOfRefund(refundNo);
    // Whoever has gone on meanwhile is not called back.
    if (got === null || this.desk.screen !== screen || this.desk.timelineNo !== timelineNo) return;
    if (got.no === null) this.till.notices.tell({ code: "unknown_refund", facts: { refund_no: refundNo } });
    else this.desk.timeline(got.no);
  }

  /**
   * Gateways have numbers that are as long as payment codes: without a wallet's prefix it is sought, in the place of what the search
   * held before.
   */
  #search(scanned: (Scanned | null)[], field: HTMLInputElement, whole: string | null): boolean {
    const isCode = scanned.some((one) => one?.kind === "payment" && walletHint(one.code) !== null);
    // A control character inside a code is sought by nobody.
    const wanted = isCode ? "" : (whole?.replaceAll(noCharacter, "") ?? field.value);
    if (field.value !== wanted) write(field, wanted);
    if (isCode) this.#tell("scan_elsewhere");
    return isCode;
  }

  #tell(code: OwnCode): void {
    this.till.notices.tell({ code, facts: {} });
  }
}

function isField(field: Editable | null): boolean {
  if (field instanceof HTMLInputElement) return !["radio", "checkbox", "button"].includes(field.type);
  return field !== null;
}
