//! Words that come with the settings, not with the checkout.
import type { Language } from "../../host/contract.ts";
import { en } from "./en.ts";
import { type ReceiverWords, zhCN } from "./zh-CN.ts";
import { zhHK } from "./zh-HK.ts";

const tables: Record<Language, ReceiverWords> = { "zh-CN": zhCN, "zh-HK": zhHK, en };

export function receiverWords({ language }: { language: Language }): ReceiverWords {
  return tables[language];
}
