import { expect, it } from "vitest";
import { troubleText } from "../src/domain/standing.ts";
import type { TimelineEntry } from "../src/host/contract.ts";
import { factsOf } from "../src/orders/facts.ts";
import { asSpoken } from "../src/words/languages.ts";
import { Words } from "../src/words/words.svelte.ts";

it("say in every language which refund a notice of money that went back elsewhere names, and how much it is", async () => {
  const entry: TimelineEntry = {
    seq: 7,
    at: "2026-11-29T10:43:07+08:00",
    since_ms: 90_000,
    actor: "gateway",
    kind: "attention_raised",
    facts: { attention: "refunded_elsewhere", refund_no: "EX20261129000042", amount_minor: "300" },
    proof: null,
    raw: "e5".repeat(32),
    raw_kept_days: null,
    hash: "1c".repeat(32),
  };
  const words = new Words(asSpoken);
  for (const language of ["zh-CN", "zh-HK", "en"] as const) {
    await words.speak(language);
    const { fact, value } = words.t.orders;
    expect(factsOf(entry, "CNY", words, (name) => name)).toEqual([
      { name: fact.attention, value: value.refunded_elsewhere },
      { name: fact.amount, value: words.money("3.00", "CNY") },
      { name: fact.refund_no, value: "EX20261129000042" },
    ]);
  }
});

it("say in every language of a reverse that it was refused, and of no close", async () => {
  const entry: TimelineEntry = {
    seq: 8,
    at: "2026-11-29T10:43:07+08:00",
    since_ms: 30_000,
    actor: "gateway",
    kind: "reverse_answered",
    facts: { outcome: "refused" },
    proof: null,
    raw: null,
    raw_kept_days: null,
    hash: "1c".repeat(32),
  };
  const words = new Words(asSpoken);
  for (const [language, reverse, close] of [
    ["zh-CN", "不肯撤销", "不肯关闭"],
    ["zh-HK", "拒絕撤銷", "拒絕關閉"],
    ["en", "refused to reverse", "refused to close"],
  ] as const) {
    await words.speak(language);
    const name = words.t.orders.fact.outcome;
    expect(factsOf(entry, "CNY", words, (way) => way)).toEqual([{ name, value: reverse }]);
    const closed = { ...entry, kind: "close_answered" };
    expect(factsOf(closed, "CNY", words, (way) => way)).toEqual([{ name, value: close }]);
  }
});

it("speak of another order only where the gateway's word ended this one", async () => {
  const entry: TimelineEntry = {
    seq: 3,
    at: "2026-11-29T10:43:07+08:00",
    since_ms: 800,
    actor: "gateway",
    kind: "create_unknown",
    facts: { reaction: "channel_off" },
    proof: null,
    raw: null,
    raw_kept_days: null,
    hash: "1c".repeat(32),
  };
  const words = new Words(asSpoken);
  await words.speak("en");
  const name = words.t.orders.fact.note;
  const noted = (kind: string) => factsOf({ ...entry, kind }, "CNY", words, (way) => way);
  expect(noted("create_unknown")).toEqual([{ name, value: "This way to pay is not enabled" }]);
  expect(noted("ended")).toEqual([{ name, value: "This way to pay is not enabled: use another" }]);
});

it("say in every language by how many seconds the signature of an answer is out of time", async () => {
  const entry: TimelineEntry = {
    seq: 9,
    at: "2026-11-29T10:43:07+08:00",
    since_ms: 90_000,
    actor: "gateway",
    kind: "refund_unknown",
    facts: { stale: "1206" },
    proof: null,
    raw: null,
    raw_kept_days: null,
    hash: "1c".repeat(32),
  };
  const words = new Words(asSpoken);
  for (const [language, told] of [
    ["zh-CN", "回答的签名对，但它的时间和收银台所知的网关时间差了 1,206 秒，没有采用"],
    ["zh-HK", "回覆的簽署正確，但它的時間與收銀台所知的網關時間相差 1,206 秒，沒有採用"],
    ["en", "The answer is rightly signed, but 1,206 s off the gateway's time as the till knows it, and was not used"],
  ] as const) {
    await words.speak(language);
    expect(troubleText({ unreadable: { stale: 1206 } }, true, words)).toBe(told);
    expect(factsOf(entry, "CNY", words, (name) => name)).toEqual([{ name: words.t.orders.fact.reason, value: told }]);
  }
});
