//! What a scan does at the checkout.
import type { Checkout } from "../checkout/checkout.svelte.ts";
import type { Torn } from "../checkout/reading.ts";
import { kept, meaning, type Scanned, shortest, unknownFacts, walletHint } from "../checkout/scanner.ts";
import { isChargeable } from "../domain/amount.ts";
import type { Desk } from "./desk.svelte.ts";
import { type Before, type Came, Ear, type Editable, type Heard, type Use } from "./ear.ts";
import { amountInput, codeInput, focusAmount } from "./keys.ts";
import { mark } from "./mark.ts";
import type { Till } from "./till.svelte.ts";

/** How things stood before a key, but for its field. */
type Around = {
  typed: ReturnType<Checkout["typed"]>;
  mode: Checkout["mode"];
  /** The key goes to something else than the amount. */
  aside: boolean;
};

export class CheckoutScans implements Use<Around> {
  readonly behindSilence = "late";
  readonly ear: Ear<Around>;
  /** What was said of the last one. */
  #said: (() => void) | null = null;

  constructor(
    readonly till: Till,
    readonly desk: Desk,
    readonly checkout: Checkout,
  ) {
    this.ear = new Ear<Around>(till.clock, this);
  }

  listens(): boolean {
    return this.desk.screen === "checkout" && this.till.start !== null;
  }

  around(field: Editable | null): Around {
    const aside = (field !== null && !isAmount(field)) || document.querySelector("dialog[open]") !== null;
    return { typed: this.checkout.typed(), mode: this.checkout.mode, aside };
  }

  act({ read, wrote, late, composing }: Heard<Around>): Came {
    const taken =
      read.kind === "scan" ? this.#scan(read.text, wrote, composing) : this.#torn(read, wrote, late, composing);
    return taken ? "taken" : "left";
  }

  /** `true` when nothing else may hear the last key. */
  #scan(text: string, wrote: Before<Around>[], composing: boolean): boolean {
    const before = wrote[0];
    if (before === undefined) return false;
    const scanned = meaning(text) ?? { kind: "unknown" };
    if (this.#isBehindDialog()) return this.#refuseBehindDialog([scanned], wrote, composing);
    // What stays in a field stays there, but the key that ended it must not charge: nobody pressed it.
    if (!wrote.some(({ field }) => isForTill(scanned, field))) return !isScannedInto(before.field);
    mark("till:enter");
    this.desk.help = false;
    this.#takeBack(wrote, before.around.typed, composing);
    this.#act(scanned, before);
    return true;
  }

  /** Which of these keys were a scanner's nobody knows: none of them counts, nor does an amount that they may have changed. */
  #torn({ run, whole }: Torn, wrote: Before<Around>[], late: boolean, composing: boolean): boolean {
    const read = [whole, run].map((text): Scanned => meaning(text) ?? { kind: "unknown" });
    // An input method that kept some of the keys may be about to write them.
    const broken = whole.includes(kept);
    if (this.#isBehindDialog()) return this.#refuseBehindDialog(broken ? null : read, wrote, composing || broken);
    const first = wrote[0];
    const forTill = wrote.some(
      ({ field }) =>
        isText(field) || (broken && !isScannedInto(field)) || read.some((scanned) => isForTill(scanned, field)),
    );
    if (first === undefined || !forTill)
      return whole.length >= shortest && !wrote.some(({ field }) => isScannedInto(field));
    this.desk.help = false;
    this.#takeBack(wrote, this.#sure(wrote, late) ?? { amount: "", ignored: null }, composing || broken);
    this.#backToOrder(first);
    this.#tell(() => this.checkout.refuseScan(late ? "scan_tail" : "scan_torn"));
    return true;
  }

  /** The amount before these pieces, where it is sure that it was a hand's. */
  #sure(wrote: Before<Around>[], late: boolean): Around["typed"] | null {
    const first = wrote[0]?.around.typed;
    if (first === undefined) return null;
    const elsewhere = wrote.every(({ around }) => around.aside) && first.amount === this.checkout.amount;
    return late || elsewhere ? first : null;
  }

  /**
   * Somebody signs in or lets an order pass: a code is no part of that, and its last key must press nothing there.
   * `read`: `null` where nobody knows what a machine typed.
   */
  #refuseBehindDialog(read: Scanned[] | null, wrote: Before<Around>[], composing: boolean): boolean {
    if (read?.every(({ kind }) => kind === "unknown")) return wrote.some(({ field }) => field === null);
    const typed = wrote[0]?.around.typed ?? this.checkout.typed();
    this.#takeBack(wrote, typed, composing);
    this.#tell(() => this.checkout.refuseScan("scan_behind_dialog"));
    return true;
  }

  #isBehindDialog(): boolean {
    return this.desk.signingIn || this.checkout.overruling;
  }

  #act(scanned: Scanned, before: Before<Around>): void {
    const { checkout } = this;
    if (scanned.kind === "order") void checkout.open(scanned.no);
    else if (scanned.kind === "refund") {
      this.#backToOrder(before);
      void checkout.openRefund(scanned.no);
    } else if (scanned.kind === "payment" && !checkout.wasSent(scanned.code)) {
      checkout.scanned(scanned.code);
      // What it waits for is the amount, wherever it was read.
      if (checkout.ready !== null && !isChargeable(checkout.due)) focusAmount();
    } else {
      this.#backToOrder(before);
      const again = scanned.kind === "payment";
      this.#tell(() =>
        again ? checkout.refuseScan("code_sent_before") : checkout.refuseScan("scan_unknown", unknownFacts()),
      );
    }
  }

  /** A digit beside an ended order begins the next sale: a machine's does not. */
  #backToOrder({ around: { mode } }: Before<Around>): void {
    if (mode.kind === "order" && this.checkout.mode.kind === "pad") this.checkout.show(mode.no);
  }

  /** What an input method still writes looks like typing, and whoever types has read what was said: it is said again then. */
  #tell(say: () => void): void {
    this.#said = say;
    say();
  }

  /** `typed`: the amount as it stands then. */
  #takeBack(wrote: Before<Around>[], typed: Around["typed"], composing: boolean): void {
    this.#said = null;
    const contents = wrote.map(({ field, value }) => ({
      field,
      value: field?.id === amountInput ? typed.amount : value,
    }));
    this.ear.takeBack(contents, composing, () => {
      this.checkout.retype(typed);
      this.#said?.();
    });
    if (composing && wrote.length > 0) focusAmount();
  }
}

/**
 * A burst is never an amount, whatever it reads. A field of its own may be filled by a scanner on purpose: there only what
 * looks like ours is taken, in a field of the channel, whose ids are as long as codes, only with a wallet's prefix, and in
 * one that is made for numbers nothing at all.
 */
function isForTill(scanned: Scanned, field: Editable | null): boolean {
  if (field === null || isAmount(field) || field.id === codeInput) return true;
  if (isScannedInto(field)) return false;
  const scans = field.closest<HTMLElement>("[data-scanned]")?.dataset.scanned;
  if (scanned.kind !== "payment") return scanned.kind !== "unknown";
  return scans !== "ids" || walletHint(scanned.code) !== null;
}

/** Whether keys in a field are keys of the amount: its own field, and those that nothing is typed into. */
function isAmount(field: Editable): boolean {
  if (field.id === amountInput) return true;
  return field instanceof HTMLInputElement && ["radio", "checkbox"].includes(field.type);
}

/** Whether a text of somebody's own stands in a field, which pieces of a scan would spoil. */
function isText(field: Editable | null): boolean {
  return field !== null && !isAmount(field) && field.closest("[data-scanned]") === null;
}

/** Whether a field is made to be filled by a scanner, its last key too. */
function isScannedInto(field: Editable | null): boolean {
  return field?.closest<HTMLElement>("[data-scanned]")?.dataset.scanned === "own";
}
