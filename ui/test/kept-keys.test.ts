//! Scans of which an input method took keys, as the page hears of them.
import { screen, waitFor, within } from "@testing-library/svelte";
import { beforeAll, describe, expect, it } from "vitest";
import { isTypedByMachine } from "../src/checkout/scanner.ts";
import { account, harbour } from "../src/host/fake/gateways.ts";
import { person } from "../src/host/fake/people.ts";
import { keyTime, scan, stamp } from "./hand.ts";
import { codeOverBopomofo, codeOverPinyin, handInPinyin, numberInEmptyNote, numberOverPinyin } from "./recorded.ts";
import { openRefund, shop } from "./staff.ts";
import { amount, isNowhere, type Opened, open, sell } from "./window.ts";

// The screen is loaded when it is first opened. A busy machine compiles it for longer than a test waits.
beforeAll(async () => {
  await import("../src/refunds/RefundScreen.svelte");
}, 300_000);

const torn = /扫描断开了.*没有发出请求/;
const wechat = "134567890123456789";

/** Has the page hear what was recorded; what a key would write that was kept from its field is not written. */
function replay(window: Opened, recorded: string): void {
  const begin = keyTime(1_000);
  let last = 0;
  const kept: string[] = [];
  for (const one of recorded.trim().split(/\s+/)) {
    const [, type = "", what = "", code = "", composing, ms] = /^(\w+):(.*)\/(\w*)(\*?)@(-?\d+)$/.exec(one) ?? [];
    const at = Number(ms);
    window.clock.advance(Math.max(0, at - last));
    last = Math.max(last, at);
    const target = document.activeElement ?? document.body;
    if (type === "input") {
      if (kept[0] === what) kept.shift();
      else if (target instanceof HTMLInputElement) {
        target.value += what;
        target.dispatchEvent(new InputEvent("input", { data: what, isComposing: composing === "*", bubbles: true }));
      }
      continue;
    }
    const event = type.startsWith("composition")
      ? new CompositionEvent(type, { data: what, bubbles: true })
      : new KeyboardEvent(type, { key: what === "Space" ? " " : what, code, bubbles: true, cancelable: true });
    stamp(event, begin + at);
    if (!target.dispatchEvent(event) && type === "keydown") kept.push(what);
  }
}

const sold = (window: Opened) => window.till.calls.filter((call) => call.startsWith("sell"));

describe("a scan of which an input method keeps keys", () => {
  it.each([
    ["a payment code over Pinyin", codeOverPinyin],
    ["an order's number in an empty note", numberInEmptyNote],
    ["an order's number over Pinyin", numberOverPinyin],
    ["a payment code over Bopomofo", codeOverBopomofo],
  ])("is refused, and the note is as it was: %s", async (_, recorded) => {
    // The way to pay that is chosen would take any code.
    const window = await open({ accounts: [harbour] });
    await window.user.click(screen.getByTestId("channel-micropay"));
    await window.user.keyboard("8{F6}");
    await window.user.keyboard("two apples");
    await window.pass(2_500);
    replay(window, recorded);
    await window.pass(500);
    await window.shows("notice", torn);
    expect(window.till.codesSent).toEqual([]);
    expect(sold(window)).toEqual([]);
    expect(screen.getByTestId("note")).toHaveValue("two apples");
    expect(amount()).toBe("8");
    expect(screen.queryByTestId("code-ready")).toBeNull();
    expect(screen.queryByTestId("scan-prompt")).toBeNull();
    // The next scan is whole.
    await window.pass(2_500);
    scan(wechat, { clock: window.clock });
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat]));
  });

  it("is none where a hand writes words, however quickly", async () => {
    const window = await open();
    await window.user.keyboard("8{F6}");
    replay(window, handInPinyin);
    await window.pass(500);
    expect(screen.getByTestId("note")).toHaveValue("你好世界，天气");
    expect(screen.queryByTestId("notice")).toBeNull();
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    expect(window.till.last.request).toMatchObject({ amount: "8", body: "你好世界，天气" });
  });

  it("is none where a hand holds a key of the input method down", async () => {
    const window = await open();
    await window.user.keyboard("8{F6}");
    const dots = Array.from({ length: 9 }, (_, at) => {
      const ms = at * 30;
      return `keydown:Unidentified/Unidentified@${ms} input:。/*@${ms + 1} compositionend:。/@${ms + 2}`;
    });
    replay(window, dots.join(" "));
    await window.pass(500);
    expect(screen.getByTestId("note")).toHaveValue("。".repeat(9));
    expect(screen.queryByTestId("notice")).toBeNull();
  });

  it("takes back what stood composed in the field as well", async () => {
    const window = await open();
    await window.user.keyboard("8{F6}");
    await window.user.keyboard("two apples");
    await window.pass(2_500);
    const note = screen.getByTestId<HTMLInputElement>("note");
    replay(window, "compositionstart:/@0 input:ping/*@1");
    expect(note).toHaveValue("two applesping");
    replay(window, codeOverPinyin);
    await window.shows("notice", torn);
    expect(note).toHaveValue("two apples");
    expect(window.till.codesSent).toEqual([]);
  });

  it("stays out of a field of the channel, and of the name of who signs in", async () => {
    const window = await open({ operators: [person("陈店长", "manager", "2468"), person("小李", "cashier", "1357")] });
    await window.user.keyboard("9{F7}");
    screen.getByTestId("field-buyer_id").focus();
    replay(window, codeOverPinyin);
    await window.shows("notice", torn);
    expect(screen.getByTestId("field-buyer_id")).toHaveValue("");
    expect(window.till.codesSent).toEqual([]);
    await window.pass(2_500);
    await window.user.keyboard("{F10}");
    await screen.findByTestId("sign-in");
    screen.getByTestId("sign-in-find").focus();
    replay(window, codeOverPinyin);
    await window.shows("code-bad", "有窗口打开时扫了码，没有使用");
    expect(screen.getByTestId("sign-in-find")).toHaveValue("");
    isNowhere("37237077757394778");
  });

  // As the source of ibus-libpinyin has it: before 1.15.6 only the last key comes up, since then each of them does.
  const upAlone = "keyup:Enter/Enter@110";
  const upAll = [...wechat].map((digit, at) => `keyup:${digit}/Digit${digit}@${at * 6}`).join(" ");

  it.each([
    ["its last key came up", upAlone, "enter"],
    ["its keys came up", `${upAll} ${upAlone}`, "enter"],
    ["its keys came up, and none ended it", upAll, "none"],
  ] as const)("is told to be lost where nothing was written of it: %s", async (_, recorded, suffix) => {
    const window = await open({ accounts: [harbour] });
    localStorage.setItem("till:scanner-suffix", suffix);
    await window.user.click(screen.getByTestId("channel-micropay"));
    await window.user.keyboard("8{F6}two apples");
    await window.pass(2_500);
    replay(window, recorded);
    await window.pass(500);
    await window.shows("notice", "刚才扫描或键入的内容被输入法收走");
    expect(screen.getAllByTestId("notice")).toHaveLength(1);
    expect(screen.getByTestId("note")).toHaveValue("two apples");
    expect(amount()).toBe("8");
    expect(sold(window)).toEqual([]);
    // No field for words has the focus: the next scan is heard.
    expect(screen.getByTestId("amount-input")).toHaveFocus();
    localStorage.setItem("till:scanner-suffix", "enter");
    scan(wechat, { clock: window.clock });
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat]));
    isNowhere(wechat);
  });

  it("is told to be lost inside the dialog that it was lost in, until something is typed there", async () => {
    const window = await open(shop(), (till) => {
      till.seed("30.00", "paid", 60_000);
    });
    await openRefund(window, window.till.last);
    await window.user.click(screen.getByTestId("mark-open"));
    const dialog = await screen.findByTestId("mark-dialog");
    screen.getByTestId("mark-note").focus();
    await window.pass(2_500);
    replay(window, upAlone);
    await window.pass(500);
    await waitFor(() =>
      expect(within(dialog).getByTestId("code-bad")).toHaveTextContent("刚才扫描或键入的内容被输入法收走"),
    );
    expect(screen.queryByTestId("notice")).toBeNull();
    await window.user.type(screen.getByTestId("mark-note"), "x");
    await waitFor(() => expect(screen.queryByTestId("code-bad")).toBeNull());
  });

  it("is told to be lost in the topmost of two dialogs alone", async () => {
    const window = await open(shop(), (till) => {
      till.seed("30.00", "paid", 60_000);
    });
    await openRefund(window, window.till.last);
    await window.user.click(screen.getByTestId("mark-open"));
    const below = await screen.findByTestId("mark-dialog");
    await window.till.signOut();
    await window.user.click(await screen.findByTestId("mark-sign-in"));
    (await screen.findByTestId("sign-in-find")).focus();
    await window.pass(2_500);
    replay(window, upAlone);
    await window.pass(500);
    await window.shows("code-bad", "刚才扫描或键入的内容被输入法收走");
    expect(within(screen.getByTestId("sign-in")).getByTestId("code-bad")).toBeVisible();
    expect(within(below).queryByTestId("code-bad")).toBeNull();
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("sign-in")).toBeNull());
    expect(screen.queryByTestId("code-bad")).toBeNull();
  });

  it("leaves the list of ways to pay to its keys where one was lost in its search", async () => {
    const window = await open({ accounts: [account, harbour] });
    await window.user.keyboard("/");
    const search = await screen.findByTestId("picker-search");
    const current = () => screen.getByTestId("picker").querySelector("li.current")?.getAttribute("data-id");
    const before = current();
    search.focus();
    await window.pass(2_500);
    replay(window, upAlone);
    await window.pass(500);
    await window.shows("code-bad", "刚才扫描或键入的内容被输入法收走");
    expect(search).not.toHaveFocus();
    await window.user.keyboard("{ArrowDown}");
    expect(current()).not.toBe(before);
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("picker")).toBeNull());
  });

  it("charges a code that waits by the way that is marked, and by no other, where one was lost in that list", async () => {
    // No wallet has such a code: the cashier says how it goes.
    const code = "8812345678901234";
    const window = await open();
    scan(code, { clock: window.clock });
    await screen.findByTestId("code-ready");
    await window.user.keyboard("8{Enter}");
    const picker = await screen.findByTestId("picker");
    screen.getByTestId("picker-search").focus();
    await window.user.keyboard("{ArrowDown}");
    const rows = [...picker.querySelectorAll("li")];
    await waitFor(() => expect(rows[1]).toHaveClass("current"));
    await window.pass(2_500);
    replay(window, upAlone);
    await window.pass(500);
    await window.shows("code-bad", "刚才扫描或键入的内容被输入法收走");
    expect(picker.contains(document.activeElement)).toBe(true);
    expect(screen.getByTestId("picker-search")).not.toHaveFocus();
    expect(window.till.codesSent).toEqual([]);
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(window.till.codesSent).toEqual([code]));
    const { account, channel } = window.till.last.request;
    expect(`${account}/${channel}`).toBe(rows[1]?.dataset.id);
  });

  const overruling = async () => {
    const window = await open(shop("小李"));
    await sell(window);
    window.till.scan();
    await window.user.keyboard("{F9}");
    await window.user.click(await screen.findByTestId("overrule"));
    return { window, field: await screen.findByTestId("overrule-name") };
  };

  const signingIn = async () => {
    const window = await open(shop());
    await window.user.keyboard("{F10}");
    return { window, field: await screen.findByTestId("sign-in-find") };
  };

  const handling = async () => {
    const window = await open(shop(), (till) => {
      till.seed("8.00", "paid", 300_000, { late: true, attentions: ["late_payment"] });
    });
    await window.user.click(await screen.findByTestId("open-matters"));
    await window.user.click(await screen.findByTestId(`attention-handle-${window.till.last.no}`));
    return { window, field: await screen.findByTestId("attention-note") };
  };

  it.each([
    ["above the names of managers", overruling],
    ["above the names of those who sign in", signingIn],
    ["without a button beside it", handling],
  ])("leaves the focus inside a dialog, where Enter and Space press nothing: a field %s", async (_, opened) => {
    const { window, field } = await opened();
    const dialog = field.closest("dialog");
    field.focus();
    await window.pass(2_500);
    replay(window, upAlone);
    await window.pass(500);
    const isInside = () => dialog?.contains(document.activeElement) === true && document.activeElement !== field;
    expect(isInside()).toBe(true);
    const before = dialog?.innerHTML;
    await window.user.keyboard(" {Enter}");
    expect(dialog).toHaveAttribute("open");
    expect(dialog?.innerHTML).toBe(before);
    expect(field).toHaveValue("");
    expect(isInside()).toBe(true);
  });

  it.each([
    ["wrote its text", "keydown:Unidentified/Unidentified@0 input:ping/*@3 compositionend:ping/@4 keyup:Enter/Enter@8"],
    ["has a hand's keys", [..."nihaoshijie"].map((key, at) => `keyup:${key}/Key${key}@${at * 110}`).join(" ")],
    ["ended nothing yet", upAll.split(" ").slice(0, 5).join(" ")],
    ["is still composing, and took Enter", "compositionstart:/@0 input:ping/*@1 keyup:Enter/Enter@1500"],
  ])("is not told to be lost where an input method %s", async (_, recorded) => {
    const window = await open();
    await window.user.keyboard("8{F6}");
    replay(window, recorded);
    await window.pass(500);
    expect(screen.queryByTestId("notice")).toBeNull();
    expect(screen.getByTestId("note")).toHaveFocus();
  });

  it("is not told to be lost where the key went down in another window, or in a field that has no input method", async () => {
    const window = await open();
    await window.user.keyboard("8");
    replay(window, upAlone);
    await window.user.keyboard("{F6}");
    window.clock.advance(5_000);
    globalThis.dispatchEvent(new Event("focus"));
    replay(window, upAlone);
    await window.pass(500);
    expect(screen.queryByTestId("notice")).toBeNull();
  });

  it("is told from words by what was written, and from capitals of a hand by the time", () => {
    expect(isTypedByMachine("TKBGFDTSTPBZZVBCNDWG", 193)).toBe(true);
    expect(isTypedByMachine("TKBGFDTSTPBZZVBCNDWG", 2_000)).toBe(false);
    expect(isTypedByMachine("13800138000", 50)).toBe(false);
    expect(isTypedByMachine("wechatpay", 50)).toBe(false);
    expect(isTypedByMachine("你好世界天气很好", 50)).toBe(false);
    expect(isTypedByMachine("你ㄅˇㄚㄓ˙˙ㄉ˙˙ˊ", 5_000)).toBe(true);
    expect(isTypedByMachine("ㄅㄆㄇㄈㄉㄊㄋㄌ", 50)).toBe(false);
  });
});
