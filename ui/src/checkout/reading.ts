//! What keys come to: a scan, a scan in pieces, or a hand. The till never guesses which digits were an amount.
import { Burst, kept, meaning, patienceMs, settled, shortest } from "./scanner.ts";

/** A key that comes so soon after another one may belong to the same scan, or to a hand: nobody knows. In milliseconds. */
const tornMs = 300;
/** So long a machine that was just seen may hesitate: until then its next keys, and a last key, are no hand's. */
const machineMs = 2_000;

/** So many quick keys may be a machine's: what follows them tells. */
const quick = 2;
/** What stands for a scan that was taken already: its text is kept nowhere. */
const takenText = " ";

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
  /** When a key last came too quickly for most hands. */
  #quickAt = Number.NEGATIVE_INFINITY;

  /** Takes a character that came `at` this millisecond; says whether it is the first of all, the first of a piece, or neither. */
  take(char: string, at: number): "first" | "piece" | "more" {
    const anew = this.#burst.take(char, at);
    const first = anew && (this.#whole === "" || !this.#isNear(at));
    if (first) this.forget(char);
    else this.#whole += char;
    this.#last = at;
    const { text } = this.#burst;
    // A key of some keyboards writes two zeros, or three.
    if (text.length >= quick && !/^0+$/.test(text)) this.#quickAt = at;
    // What an input method writes may come as quickly, where a hand holds one of its keys down.
    if (text.length >= settled && text !== kept.repeat(text.length)) this.#machine = true;
    if (first) return "first";
    return anew ? "piece" : "more";
  }

  /** Whether a machine's keys wait here for a last key. */
  get waits(): boolean {
    return this.#machine && this.#burst.text !== "";
  }

  /** Whether the last key may be a machine's: then it is no command. */
  get maybeMachine(): boolean {
    return this.#machine || this.#burst.text.length >= quick;
  }

  /** Whether a machine is typing `at` this millisecond, so that any key is its own. */
  isRunning(at: number): boolean {
    return this.#machine && this.#burst.text.length >= settled && at - this.#last <= patienceMs;
  }

  /** Whether a character `at` this millisecond is of the same burst as those before. */
  goesOn(at: number): boolean {
    return this.#burst.goesOn(at);
  }

  /** Whether they have waited too long `at` this millisecond, by the keys' own times. */
  isOver(at: number): boolean {
    return this.waits && at - this.#last > patienceMs;
  }

  /** Whether a whole scan lies so far back `at` this millisecond that the next key is none of it. */
  isPast(at: number): boolean {
    return at - this.#last > tornMs && this.soFar().kind === "scan";
  }

  /** How long from the last key on what was typed before may still matter. */
  get lastsMs(): number {
    return this.#quickAt === Number.NEGATIVE_INFINITY ? tornMs : machineMs;
  }

  /** An input method has written what a machine typed, and kept its keys: the scan is in pieces, whatever else came of it. */
  break(): Torn {
    const torn: Torn = { kind: "torn", run: this.#burst.text, whole: this.#whole };
    this.#machine = true;
    return torn;
  }

  /** What silence comes to; `ends`: the scanner sends no last key. What follows shortly is known for a piece of it. */
  pause(ends: boolean): Read {
    const read = this.#read(ends);
    if (this.#machine) this.#burst.forget();
    if (read.kind === "scan") {
      this.#whole = takenText;
      this.#quickAt = Number.NEGATIVE_INFINITY;
    }
    return read;
  }

  /** What it comes to where nothing follows. Nothing is forgotten: what follows after all belongs to it. */
  soFar(): Read {
    return this.#read(true);
  }

  /** What a last key `at` this millisecond comes to; everything is forgotten. */
  end(at: number): Read {
    const read = this.#isNear(at) ? this.#read(at - this.#last <= patienceMs) : ({ kind: "hand" } as const);
    this.forget();
    return read;
  }

  /** Forgets all; `char`: but for the character that begins anew. */
  forget(char = ""): void {
    if (char === "") this.#burst.forget();
    this.#whole = char;
    this.#machine = false;
    this.#quickAt = Number.NEGATIVE_INFINITY;
  }

  /** Whether a key `at` this millisecond may go on from those before. */
  #isNear(at: number): boolean {
    return at - this.#last <= tornMs || at - this.#quickAt <= machineMs;
  }

  #read(inTime: boolean): Read {
    if (!this.#machine) return { kind: "hand" };
    const run = this.#burst.text;
    const whole = this.#whole;
    // A scan of which an input method kept keys is never whole, however long the rest is.
    if (!inTime || run !== whole || run.length < shortest || whole.includes(kept)) return { kind: "torn", run, whole };
    return { kind: "scan", text: once(run) };
  }
}

/** A text; of one that one burst has twice, back to back, the one, unless both together are one of ours. */
function once(text: string): string {
  const half = text.slice(0, text.length / 2);
  const isTwice = half.length >= shortest && half + half === text && meaning(text)?.kind === "unknown";
  return isTwice ? half : text;
}
