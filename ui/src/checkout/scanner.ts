//! A hand scanner is a keyboard that types very fast: time tells it from a hand, and the shape of what it read says what it is.
import { halfWidth } from "../domain/amount.ts";
import type { Wallet } from "../host/contract.ts";

/** The key that a scanner sends after what it read. With `none`, silence ends it. */
export type Suffix = "enter" | "tab" | "none";

export const suffixes: Suffix[] = ["enter", "tab", "none"];

/** The fewest characters of a burst. */
export const shortest = 8;
/** The longest pause inside it, in milliseconds. */
const quickMs = 35;
/** After so many quick characters a late one is the machine's hesitation: no hand types like that. */
export const settled = 4;
/** How late it may be, and the suffix too. */
export const patienceMs = 120;

export type Stroke = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "altKey" | "metaKey">;

/** What stands for a printable key of which an input method does not tell the character: it is none of a code. */
const unnamed = "-";

/** Stands for keys that an input method kept to itself: how many and which, the window does not learn. */
export const kept = "\u0001";

/** The character of a key that writes one; codes are made of a few of them, and what has another one is no code. */
export function character({ key, code, ctrlKey, altKey, metaKey }: Stroke): string | null {
  if (ctrlKey || altKey || metaKey) return null;
  // WebKitGTK tells of no key that an input method takes, but has this one in their stead where the method writes its text.
  if (key === "Unidentified" && (code === "Unidentified" || code === "")) return kept;
  // Chromium, and with it the web view of Windows, tells of each such key, but only its place on the keyboard.
  if (key === "Process" || key === "Unidentified") {
    const place = /^(?:Digit|Numpad|Key)([0-9A-Z])$/.exec(code)?.[1];
    return place ?? (isPrintable(code) ? unnamed : null);
  }
  const typed = halfWidth(key);
  if ([...typed].length !== 1) return null;
  return /^[a-z]$/.test(typed) ? typed.toUpperCase() : typed;
}

/** Whether the key of this place writes a character that is neither a letter nor a digit. */
function isPrintable(code: string): boolean {
  return /^(?:Minus|Equal|Bracket(?:Left|Right)|Semicolon|Quote|Backquote|Backslash|Comma|Period|Slash|Space|Intl\w+|Numpad(?:Add|Subtract|Multiply|Divide|Decimal|Comma|Equal))$/.test(
    code,
  );
}

/** A key that stands by other keys and ends nothing. */
export function isModifier({ key, code }: Pick<KeyboardEvent, "key" | "code">): boolean {
  return /^(Shift|CapsLock|NumLock)/.test(key) || /^(Shift|CapsLock|NumLock)/.test(code);
}

/** Whether this key is one that ends what a scanner typed. Enter always is: behind a burst it must never charge. */
export function isSuffix({ key, code }: Pick<KeyboardEvent, "key" | "code">, suffix: Suffix): boolean {
  if (key === "Enter" || code === "Enter" || code === "NumpadEnter") return true;
  return suffix !== "enter" && (key === "Tab" || code === "Tab");
}

/** Characters that came too fast for a hand, as far as they have come. */
export class Burst {
  #text = "";
  #last = Number.NEGATIVE_INFINITY;

  /** Takes a character that came `at` this millisecond; `true` when it goes on from nothing. */
  take(char: string, at: number): boolean {
    const goesOn = this.goesOn(at);
    this.#text = goesOn ? this.#text + char : char;
    this.#last = at;
    return !goesOn;
  }

  /** Whether a character `at` this millisecond goes on from those before. */
  goesOn(at: number): boolean {
    return this.#text !== "" && at - this.#last <= (this.#text.length >= settled ? patienceMs : quickMs);
  }

  get text(): string {
    return this.#text;
  }

  /** What was scanned, if a burst ends here; it is forgotten either way. */
  end(at: number): string | null {
    const text = this.#text;
    const inTime = at - this.#last <= patienceMs;
    this.forget();
    return inTime && text.length >= shortest ? text : null;
  }

  forget(): void {
    this.#text = "";
  }
}

/** What the ten digits write on a keyboard for Bopomofo. */
const digitSigns = new RegExp(`[ㄅㄉˇˋㄓˊ˙ㄚㄞㄢ]{${shortest},}`);

/**
 * Whether what an input method wrote in one piece is a machine's keys as they came: more capitals, as in one of our numbers, than
 * a hand types in these milliseconds, or digits that became signs. Nobody writes so many of those: they are a code that can be read.
 */
export function isTypedByMachine(text: string, withinMs: number): boolean {
  const capitals = /^(?=.*[A-Z])[0-9A-Z]+$/.test(text) && text.length >= shortest;
  return (capitals && withinMs <= text.length * quickMs) || digitSigns.test(text);
}

export type Scanned =
  | { kind: "order"; no: string }
  | { kind: "refund"; no: string }
  | { kind: "payment"; code: string }
  | { kind: "unknown" };

/**
 * How many digits a scan has that is taken for a payment code, as wallets print them: the barcodes of goods have fewer. The till
 * itself takes shorter and longer ones, which somebody types where a payment code is asked for.
 */
const codeDigits = { least: 16, most: 24 };
const paymentCode = new RegExp(`^[0-9]{${codeDigits.least},${codeDigits.most}}$`);

/** What is said of a scan that is nothing of these. */
export function unknownFacts(): Record<string, string> {
  return { least: String(codeDigits.least), most: String(codeDigits.most) };
}

/** How many digits a payment code may have that somebody types: as many as the till itself takes. */
export const typedDigits = { least: 12, most: 32 };
const typedCode = new RegExp(`^[0-9]{${typedDigits.least},${typedDigits.most}}$`);

/** Whether the till takes what somebody typed for a payment code. */
export function isTypedCode(text: string): boolean {
  return typedCode.test(text);
}

/** What was read: a number of ours, a customer's payment code, or something else; `null`: it may be an amount after all. */
export function meaning(text: string): Scanned | null {
  // Eight digits are the longest amount, far above any limit; with a zero in front they are a barcode.
  if (/^[1-9][0-9]{7}$/.test(text)) return null;
  if (/^TK[0-9A-HJKMNP-TV-Z]{26}$/.test(text)) return { kind: "order", no: text };
  if (/^TR[0-9A-HJKMNP-TV-Z]{26}$/.test(text)) return { kind: "refund", no: text };
  return paymentCode.test(text) ? { kind: "payment", code: text } : { kind: "unknown" };
}

/** The wallet that a payment code probably comes from. Prefixes change: this is a hint and never a rule. */
export function walletHint(code: string): Wallet | null {
  if (/^1[0-5]/.test(code)) return "wechat";
  if (/^(2[5-9]|30)/.test(code)) return "alipay";
  if (code.startsWith("62")) return "unionpay";
  return code.startsWith("91") ? "qq" : null;
}

const suffixKey = "till:scanner-suffix";

/** This window's setting. */
export function suffixOfWindow(): Suffix {
  const kept = localStorage.getItem(suffixKey);
  return suffixes.find((suffix) => suffix === kept) ?? "enter";
}

export function keepSuffix(suffix: Suffix): void {
  localStorage.setItem(suffixKey, suffix);
}
