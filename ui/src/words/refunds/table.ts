//! Words that come with the refund screen, not with the checkout.
import type { Language } from "../../host/contract.ts";
import { en } from "./en.ts";
import { type RefundWords, zhCN } from "./zh-CN.ts";
import { zhHK } from "./zh-HK.ts";

const tables: Record<Language, RefundWords> = { "zh-CN": zhCN, "zh-HK": zhHK, en };

export function refundWords({ language }: { language: Language }): RefundWords {
  return tables[language];
}
