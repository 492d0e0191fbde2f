//! The languages of the customer's window: all at once, for a customer looks on while the language changes.
import type { Language } from "../host/contract.ts";
import { en } from "../words/en.ts";
import { type Messages, zhCN } from "../words/zh-CN.ts";
import { zhHK } from "../words/zh-HK.ts";

const known: Record<Language, Messages> = { "zh-CN": zhCN, "zh-HK": zhHK, en };

export function atOnce(language: Language): Messages {
  return known[language];
}
