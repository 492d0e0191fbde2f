import { describe, expect, it } from "vitest";
import { erase, ghost, halfWidth, isChargeable, paste, type, whole } from "../src/domain/amount.ts";
import { en } from "../src/words/en.ts";
import { asSpoken } from "../src/words/languages.ts";
import { countdown, minorText, Words } from "../src/words/words.svelte.ts";
import { zhCN } from "../src/words/zh-CN.ts";

describe("an amount that is typed", () => {
  it("is read as it is typed", () => {
    expect(type("", "12.50").text).toBe("12.50");
    expect(type("", ".5").text).toBe("0.5");
    expect(type("0", "7").text).toBe("7");
  });

  it("understands full-width digits and the points of an input method", () => {
    expect(type("", "１２。５０").text).toBe("12.50");
    expect(type("", "１２．５").text).toBe("12.5");
    expect(type("", "１２｡５").text).toBe("12.5");
    expect(halfWidth("？")).toBe("?");
  });

  it("takes no third decimal, no second point, no grouping and no sign, and says so", () => {
    expect(type("12.50", "5")).toEqual({ text: "12.50", ignored: "decimals" });
    expect(type("12.5", ".")).toEqual({ text: "12.5", ignored: "character" });
    expect(type("1", ",")).toEqual({ text: "1", ignored: "character" });
    expect(type("", "-")).toEqual({ text: "", ignored: "character" });
    expect(type("12345678", "9")).toEqual({ text: "12345678", ignored: "length" });
  });

  it("ends where it could be meant in two ways", () => {
    expect(type("", "9,50")).toEqual({ text: "9", ignored: "character" });
    expect(type("", "9，50")).toEqual({ text: "9", ignored: "character" });
    expect(type("", "1,250")).toEqual({ text: "1", ignored: "character" });
    expect(type("", "1e3")).toEqual({ text: "1", ignored: "character" });
    expect(type("", "12.505")).toEqual({ text: "12.50", ignored: "decimals" });
  });

  it("never becomes another amount by being pasted", () => {
    expect(paste("3", "1,250")).toEqual({ text: "3", ignored: "character" });
    expect(paste("3", "12.505")).toEqual({ text: "3", ignored: "decimals" });
    expect(paste("3", " 19.90 ").text).toBe("19.90");
  });

  it("can be erased and shows faintly what is still to come", () => {
    expect(erase("12.5")).toBe("12.");
    expect(["", "12", "12.", "12.5", "12.50"].map(ghost)).toEqual(["0.00", ".00", "00", "0", ""]);
    expect(whole("12")).toBe("12.00");
    expect(isChargeable("0.00")).toBe(false);
    expect(isChargeable("0.01")).toBe(true);
  });
});

describe("what is written on the screen", () => {
  it("groups an amount without ever making a float of it", () => {
    const words = new Words(asSpoken);
    expect(words.money("1234567.05", "CNY")).toBe("¥1,234,567.05");
    expect(words.money("90071992547409931.25", "CNY")).toBe("¥90,071,992,547,409,931.25");
    expect(words.money("8.00", "HKD")).toBe("HK$8.00");
    expect(minorText(5)).toBe("0.05");
    expect(minorText(-1250)).toBe("-12.50");
  });

  it("writes a size in the unit that fits, and never more than there is", () => {
    const words = new Words(asSpoken);
    expect(words.bytes("81604378624")).toBe("81.6 GB");
    expect(words.bytes("999999999")).toBe("999.9 MB");
    expect(words.bytes("1234567890123456")).toBe("1,234,567.8 GB");
    expect(words.bytes("0")).toBe("0.0 MB");
  });

  it("quotes and names a value as each language does", async () => {
    const words = new Words(asSpoken);
    const said = () => words.t.common.colon("A", words.t.common.quote("B"));
    expect(said()).toBe("A：“B”");
    await words.speak("zh-HK");
    expect(said()).toBe("A：「B」");
    await words.speak("en");
    expect(said()).toBe("A: “B”");
  });

  it("is in the language that was asked for last, whichever is read first", async () => {
    const words = new Words(asSpoken);
    const first = words.speak("en");
    await words.speak("zh-CN");
    await first;
    expect([words.language, words.t.common.close]).toEqual(["zh-CN", zhCN.common.close]);
    await words.speak("en");
    expect([words.language, words.t.common.close]).toEqual(["en", en.common.close]);
  });

  it.each([
    ["zh-CN", "4 分 30 秒", "1 小时 2 分"],
    ["zh-HK", "4 分 30 秒", "1 小時 2 分"],
    ["en", "4 min 30 s", "1 h 2 min"],
  ] as const)("says a span of a minute or more so that it is no time of day: %s", async (language, some, long) => {
    const words = new Words(asSpoken);
    await words.speak(language);
    for (const say of [words.seconds, words.calm, words.span]) {
      expect(say.call(words, 270_000)).toBe(some);
      expect(say.call(words, 3_723_000)).toBe(long);
      expect(say.call(words, 59_400)).toBe(words.t.common.seconds("59"));
      expect(say.call(words, 59_600)).toBe(words.t.common.minutes("1", "0"));
    }
    expect(words.t.header.healthy(words.seconds(270_000))).not.toMatch(/\d:\d/);
  });

  it("counts down to zero in whole seconds", () => {
    expect([300_000, 263_001, 1, 0, -5, 3_723_000].map(countdown)).toEqual([
      "5:00",
      "4:24",
      "0:01",
      "0:00",
      "0:00",
      "1:02:03",
    ]);
  });
});
