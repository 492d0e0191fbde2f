//! What the keys of the checkout come to: a scan, a scan in pieces, or a hand. The till never guesses which digits were an amount.
import { Burst, patienceMs, settled, shortest } from "./scanner.ts";

/** A key that comes so soon after another one may belong to the same scan, or to a hand: nobody knows. In milliseconds. */
export const tornMs = 300;

/** `whole`: with the keys that came shortly before; `run`: those alone that followed quickly. */
export type Torn = { kind: "torn"; run: string; whole: string };

export type Read = { kind: "scan"; text: string } | Torn | { kind: "hand" };

export class Reading {
  #burst = new Burst();
  /** Every character since the last long pause or key of another kind: more than the burst where a scan came in pieces. */
  #whole = "";
  /** So many of them came so quickly that no hand typed them. */
  #machine = false;
  #last = Number.NEGATIVE_INFINITY;

  /** Takes a character that came `at` this millisecond; says whether it is the first of all, the first of a piece, or neither. */
  take(char: string, at: number): "first" | "piece" | "more" {
    const apart = at - this.#last;
    const anew = this.#burst.take(char, at);
    const first = anew && (this.#whole === "" || apart > tornMs);
    this.#last = at;
    this.#whole = first ? char : this.#whole + char;
    this.#machine = (!first && this.#machine) || this.#burst.text.length >= settled;
    if (first) return "first";
    return anew ? "piece" : "more";
  }

  /** Whether a machine's keys wait here for a last key. */
  get waits(): boolean {
    return this.#machine && this.#burst.text !== "";
  }

  /** Whether they have waited too long `at` this millisecond, by the keys' own times. */
  isOver(at: number): boolean {
    return this.waits && at - this.#last > patienceMs;
  }

  /** What silence comes to; `ends`: the scanner sends no last key. What follows shortly is known for a piece of it. */
  pause(ends: boolean): Read {
    const read = this.#read(ends);
    if (this.#machine) this.#burst.forget();
    return read;
  }

  /** What a last key `at` this millisecond comes to; everything is forgotten. */
  end(at: number): Read {
    const read = at - this.#last > tornMs ? ({ kind: "hand" } as const) : this.#read(at - this.#last <= patienceMs);
    this.forget();
    return read;
  }

  forget(): void {
    this.#burst.forget();
    this.#whole = "";
    this.#machine = false;
  }

  #read(inTime: boolean): Read {
    if (!this.#machine) return { kind: "hand" };
    const run = this.#burst.text;
    const whole = this.#whole;
    if (inTime && run === whole && run.length >= shortest) return { kind: "scan", text: run };
    return { kind: "torn", run, whole };
  }
}
