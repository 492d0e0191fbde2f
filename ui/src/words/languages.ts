//! The languages of the cashier's window. Reading one takes time at the start, so that each is read when it is first spoken.
import type { Language } from "../host/contract.ts";
import { type Messages, zhCN } from "./zh-CN.ts";

const known: Partial<Record<Language, Messages>> = { "zh-CN": zhCN };

const readers: Record<Language, () => Promise<Messages>> = {
  "zh-CN": () => Promise.resolve(zhCN),
  "zh-HK": () => import("./zh-HK.ts").then(({ zhHK }) => zhHK),
  en: () => import("./en.ts").then(({ en }) => en),
};

/** A language's words: at once where it was read before. */
export function asSpoken(language: Language): Messages | Promise<Messages> {
  return known[language] ?? readers[language]().then((messages) => (known[language] = messages));
}
