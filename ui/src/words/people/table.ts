//! Words that come with sign-in, people and limits, not with the checkout.
import type { Language } from "../../host/contract.ts";
import { en } from "./en.ts";
import { type PeopleWords, zhCN } from "./zh-CN.ts";
import { zhHK } from "./zh-HK.ts";

const tables: Record<Language, PeopleWords> = { "zh-CN": zhCN, "zh-HK": zhHK, en };

export function peopleWords({ language }: { language: Language }): PeopleWords {
  return tables[language];
}
