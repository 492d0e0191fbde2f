//! What a scan does on the refund screen: one of our numbers opens its order, anything else becomes no amount and is said not to
//! have been used, and a customer's payment code stays in no field.
import type { Read } from "../checkout/reading.ts";
import { meaning, type Scanned, shortest, walletHint } from "../checkout/scanner.ts";
import type { Clock } from "../host/contract.ts";
import { type Came, Ear, type Editable, type Heard, type Use } from "../till/ear.ts";

/** What is done with what was read. */
export type Doing = {
  open(orderNo: string): void;
  openRefund(refundNo: string): void;
  /** A payment code was read, and is charged elsewhere. */
  refuse(code: string): void;
  /** It was not used: this screen goes by nothing of the kind, or it came in pieces. */
  ignore(torn: boolean): void;
};

export class RefundScans implements Use<null> {
  readonly behindSilence = "more";
  readonly ear: Ear<null>;

  constructor(
    clock: Clock,
    readonly doing: Doing,
  ) {
    this.ear = new Ear<null>(clock, this);
  }

  listens(): boolean {
    return true;
  }

  around(): null {
    return null;
  }

  act({ read, wrote, piece }: Heard<null>): Came {
    const whole = wrote[0];
    if (whole === undefined || piece === null) return "nothing";
    // No last key of a scanner answers a dialog.
    const dialog = document.querySelector("dialog[open]") !== null;
    // Where the focus moved on to another field while they came, no field was meant.
    const moved = wrote.length > 1;
    const text = !moved && takesText(piece.field);
    const said = whatWasRead(read);
    // Which keys of a torn scan were a machine's nobody knows: none of them stays in an amount.
    const spoils = isTypedInto(piece.field) && !text && !isOurs(said);
    const torn = read.kind === "torn" && (dialog || (spoils && read.whole.length >= shortest));
    const scanned = torn ? unknown : said;
    if (scanned === null && !dialog && !moved) return "nothing";
    const code = scanned?.kind === "payment" && !dialog && isNoText(scanned.code, piece.field) ? scanned.code : null;
    const before = moved ? wrote : [dialog || torn || code !== null ? whole : piece];
    if (text && !dialog && !isOurs(scanned) && code === null) return "left";
    // Goods may be scanned into a note; a customer's payment code, whole or in pieces, is kept nowhere.
    if (text && dialog && read.kind === "scan" && scanned?.kind !== "payment") return "taken";
    const emptied = (field: Editable | null) => code !== null && field?.type === "search";
    this.ear.takeBack(before.map(({ field, value }) => ({ field, value: emptied(field) ? "" : value })));
    if (code !== null) this.doing.refuse(code);
    if (scanned?.kind === "order" && !dialog) this.doing.open(scanned.no);
    else if (scanned?.kind === "refund" && !dialog) this.doing.openRefund(scanned.no);
    else if (code === null) {
      if ((scanned === null || scanned.kind === "unknown") && !dialog) this.doing.ignore(read.kind === "torn");
      return "taken";
    }
    return "done";
  }
}

const unknown: Scanned = { kind: "unknown" };

function isOurs(said: Scanned | null): boolean {
  return said?.kind === "order" || said?.kind === "refund";
}

/** On the screen itself the last piece of a scan is taken for all of it, if it is long enough; but for a payment code in pieces. */
function whatWasRead(read: Exclude<Read, { kind: "hand" }>): Scanned | null {
  const whole = meaning(read.kind === "torn" ? read.whole : read.text);
  if (whole?.kind === "payment") return whole;
  const text = read.kind === "torn" ? read.run : read.text;
  return text.length < shortest ? null : meaning(text);
}

/** A field that keys leave characters in. */
function isTypedInto(field: Editable | null): boolean {
  return field !== null && !(field instanceof HTMLSelectElement);
}

/** A field that a text may be scanned into: a search, a note, a reason, the gateway's number. */
function takesText(field: Editable | null): boolean {
  return field?.closest("[data-scanned=text], [data-scanned=search], [data-scanned=own]") != null;
}

/**
 * Whether a payment code is none of the field's texts. Gateways have numbers that are as long: without a wallet's prefix it is one
 * of those, and where a number is asked for it always is.
 */
function isNoText(code: string, field: Editable | null): boolean {
  if (field?.closest("[data-scanned=own]") != null) return false;
  return !takesText(field) || walletHint(code) !== null;
}
