//! The language of the screens, and how amounts and times are written in it. It changes without a reload.
import type { Label, Language } from "../host/contract.ts";
import { type Messages, zhCN } from "./zh-CN.ts";

/** The words of a language, or when they will be read. */
export type Languages = (language: Language) => Messages | Promise<Messages>;

const symbols: Record<string, string> = { CNY: "¥", HKD: "HK$", AUD: "A$" };

export class Words {
  #spoken = $state.raw<{ language: Language; t: Messages }>({ language: "zh-CN", t: zhCN });
  #wanted: Language = "zh-CN";

  constructor(readonly languages: Languages) {}

  get language(): Language {
    return this.#spoken.language;
  }

  get t(): Messages {
    return this.#spoken.t;
  }

  /** Changes the language, at once where it is known, else as soon as it is read. */
  async speak(language: Language): Promise<void> {
    this.#wanted = language;
    const read = this.languages(language);
    const t = read instanceof Promise ? await read : read;
    if (this.#wanted === language) this.#spoken = { language, t };
  }

  label(label: Label): string {
    return label[this.language];
  }

  /** Names one after another. */
  list(names: string[]): string {
    return names.join(this.language === "en" ? ", " : "、");
  }

  /** Whole sentences one after another. */
  sentences(sentences: string[]): string {
    return sentences.join(this.language === "en" ? " " : "");
  }

  /** The sign of a currency, or its code where it has none of its own. */
  symbol(currency: string): string {
    return symbols[currency] ?? currency;
  }

  /** `1234.50` as `1,234.50`: the digits stay text all the way. */
  amount(text: string): string {
    const [, sign = "", whole = "", rest = ""] = /^(-?)(\d+)(.*)$/.exec(text) ?? [];
    if (whole.length < 4) return text;
    return `${sign}${new Intl.NumberFormat(this.language).format(BigInt(whole))}${rest}`;
  }

  /** `81604378624` as `81.6 GB`, cut off and not rounded up: space that is not there is not promised. */
  bytes(text: string): string {
    const tenths = BigInt(text) / 100_000n;
    const [unit, size] = tenths < 10_000n ? ["MB", tenths] : ["GB", tenths / 1_000n];
    return `${this.amount(String(size / 10n))}.${size % 10n} ${unit}`;
  }

  money(text: string, currency: string): string {
    const symbol = this.symbol(currency);
    return /[A-Z]$/.test(symbol) ? `${symbol} ${this.amount(text)}` : `${symbol}${this.amount(text)}`;
  }

  /** Minor units of a currency with two decimals. */
  minor(minor: number, currency: string): string {
    return this.money(minorText(minor), currency);
  }

  /** `10:43:07`: a day of 24 hours reads the same in every language of this till. */
  time(at: string | number): string {
    const date = new Date(at);
    if (Number.isNaN(date.getTime())) return String(at);
    return `${this.clock(at)}:${two(date.getSeconds())}`;
  }

  /** `10:43` */
  clock(at: string | number): string {
    const date = new Date(at);
    return `${two(date.getHours())}:${two(date.getMinutes())}`;
  }

  /** `10:43:07.104` */
  instant(at: string): string {
    const date = new Date(at);
    if (Number.isNaN(date.getTime())) return at;
    return `${this.time(at)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
  }

  /** Day and time where the day is not `today`. */
  when(at: string, today: number): string {
    const date = new Date(at);
    if (Number.isNaN(date.getTime())) return at;
    if (date.toDateString() === new Date(today).toDateString()) return this.time(at);
    return `${this.#days().format(date)} ${this.clock(at)}`;
  }

  #days(): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(this.language, { month: "2-digit", day: "2-digit" });
  }

  /** A text that begins with a day as `when` writes it (`11/27 18:03`), with that day as the till reads one: `11-27 18:03`. */
  asRead(text: string): string {
    const [, first, second, rest] = /^(\d{1,2})\/(\d{1,2})(\s.+)$/.exec(text) ?? [];
    if (first === undefined || second === undefined || rest === undefined) return text;
    const parts = this.#days()
      .formatToParts(0)
      .map(({ type }) => type);
    const dayFirst = parts.indexOf("day") < parts.indexOf("month");
    return `${dayFirst ? `${second}-${first}` : `${first}-${second}`}${rest}`;
  }

  /** `212 ms`, `0.8 s`, `12 s`, `4 min 24 s` */
  span(ms: number): string {
    const passed = Math.max(0, ms);
    if (passed < 500) return this.t.common.milliseconds(String(Math.round(passed)));
    return this.calm(passed);
  }

  /** The same without milliseconds, for a line that is renewed while it is read. */
  calm(ms: number): string {
    const passed = Math.max(0, ms);
    if (passed >= 59_500) return this.#minutes(passed);
    if (passed >= 9_950) return this.t.common.seconds(String(Math.round(passed / 1000)));
    const tenths = Math.round(passed / 100);
    return this.t.common.seconds(`${Math.floor(tenths / 10)}.${tenths % 10}`);
  }

  /** In whole seconds. */
  seconds(ms: number): string {
    const passed = Math.max(0, ms);
    return passed >= 59_500 ? this.#minutes(passed) : this.t.common.seconds(String(Math.round(passed / 1000)));
  }

  /** Never `4:30`, which reads as a time of day. */
  #minutes(ms: number): string {
    const seconds = Math.round(ms / 1000);
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return this.t.common.minutes(String(minutes), String(seconds % 60));
    return this.t.common.hours(String(Math.floor(minutes / 60)), String(minutes % 60));
  }
}

/** Minor units as text with two decimals. */
export function minorText(minor: number): string {
  const digits = BigInt(Math.abs(minor)).toString().padStart(3, "0");
  return `${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** `4:24`, `1:02:03`; whole seconds, rounded up, so that it ends at `0:00`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** `4F7Q` of an order's number. */
export function lastFour(orderNo: string): string {
  return orderNo.slice(-4);
}

/** `TK7Q2F…7H3P` */
export function shortNo(orderNo: string): string {
  return orderNo.length > 12 ? `${orderNo.slice(0, 6)}…${lastFour(orderNo)}` : orderNo;
}
