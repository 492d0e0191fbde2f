//! An amount while it is typed. It stays text: the till reads it, this only stops where it can never be an amount any more.

export type Typed = { text: string; ignored: "decimals" | "character" | "length" | null };

const longest = 8;

/** What a key of a Chinese input method means. */
export function halfWidth(typed: string): string {
  return Array.from(typed, (char) => {
    if (char === "。" || char === "｡") return ".";
    const code = char.codePointAt(0) ?? 0;
    return code >= 0xff01 && code <= 0xff5e ? String.fromCodePoint(code - 0xfee0) : char;
  }).join("");
}

export function isAmountKey(key: string): boolean {
  return /^[0-9.]$/.test(halfWidth(key));
}

/**
 * `before` with `typed` put at its end, as far as that is an amount: what follows a character that is none of it could be meant
 * in two ways, as in `9,50`, and is not taken.
 */
export function type(before: string, typed: string): Typed {
  let text = before;
  for (const char of halfWidth(typed).trim()) {
    const [whole = "", decimals] = text.split(".");
    if (char === "." && decimals === undefined) text = text === "" ? "0." : `${text}.`;
    else if (!/^[0-9]$/.test(char)) return { text, ignored: "character" };
    else if (decimals !== undefined && decimals.length >= 2) return { text, ignored: "decimals" };
    else if (decimals === undefined && whole.length >= longest) return { text, ignored: "length" };
    else text = text === "0" ? char : text + char;
  }
  return { text, ignored: null };
}

/** A whole text at once, as pasted: taken entirely or not at all, so that `1,250` never becomes another amount. */
export function paste(before: string, pasted: string): Typed {
  const typed = type("", pasted);
  return typed.ignored ? { text: before, ignored: typed.ignored } : typed;
}

export function erase(text: string): string {
  return text.slice(0, -1);
}

/** Whether there is anything to charge. The till has the last word. */
export function isChargeable(text: string): boolean {
  return /[1-9]/.test(text);
}

/** What is still missing of `12.50`, shown faintly. */
export function ghost(text: string): string {
  if (text === "") return "0.00";
  const [, decimals] = text.split(".");
  if (decimals === undefined) return ".00";
  return "00".slice(decimals.length);
}

/** Minor units of an amount that was typed; `null`: it is none. */
export function minorOf(text: string): number | null {
  const [, whole = "", decimals = ""] = /^(\d{1,8})(?:\.(\d{0,2}))?$/.exec(halfWidth(text).trim()) ?? [];
  return whole === "" ? null : Number(BigInt(whole + decimals.padEnd(2, "0")));
}

/** The whole amount as it will be asked for: `12` is `12.00`. */
export function whole(text: string): string {
  return text + (text === "" ? "" : ghost(text));
}
