import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { Burst, character, isSuffix, meaning, walletHint } from "../src/checkout/scanner.ts";
import { account, harbour, treasure } from "../src/host/fake/gateways.ts";
import { person } from "../src/host/fake/people.ts";
import { scan } from "./hand.ts";
import { amount, giveCode, isNowhere, type Opened, open, seenMs, sell } from "./window.ts";

const wechat = "134567890123456789";
const alipay = "289012345678901234";

/** What a burst of `text` with these pauses comes to, and the suffix after `last` ms. */
function burst(text: string, pause: number, last = pause): string | null {
  const read = new Burst();
  for (const [at, char] of [...text].entries()) read.take(char, 1_000 + at * pause);
  return read.end(1_000 + (text.length - 1) * pause + last);
}

describe("a burst of keys", () => {
  it("is a scanner's when no hand types so fast", () => {
    expect(burst(wechat, 5)).toBe(wechat);
    expect(burst(wechat, 35)).toBe(wechat);
    expect(burst("12345678", 10)).toBe("12345678");
  });

  it("is typing when the keys are as far apart as a hand's", () => {
    expect(burst(wechat, 60)).toBeNull();
    expect(burst("1234567", 5)).toBeNull();
    expect(burst(wechat, 5, 200)).toBeNull();
  });

  it("goes on over one hesitation of the machine, but not from what was typed before it", () => {
    const read = new Burst();
    read.take("7", 0);
    for (const [at, char] of [...wechat].entries()) read.take(char, 80 + at * 8 + (at > 9 ? 90 : 0));
    expect(read.end(80 + 18 * 8 + 100)).toBe(wechat);
  });

  it("is read by the place of its keys where an input method has taken them", () => {
    const stroke = { ctrlKey: false, altKey: false, metaKey: false };
    expect(character({ ...stroke, key: "Process", code: "Digit7" })).toBe("7");
    expect(character({ ...stroke, key: "Process", code: "Numpad3" })).toBe("3");
    expect(character({ ...stroke, key: "Process", code: "KeyK" })).toBe("K");
    expect(character({ ...stroke, key: "７", code: "Digit7" })).toBe("7");
    expect(character({ ...stroke, key: "t", code: "KeyT" })).toBe("T");
    // Another layout has digits elsewhere: what the key says goes before where it is.
    expect(character({ ...stroke, key: "&", code: "Digit1" })).toBe("&");
    expect(character({ ...stroke, key: "1", code: "Digit1", ctrlKey: true })).toBeNull();
    expect(character({ ...stroke, key: "Process", code: "Enter" })).toBeNull();
  });

  it("ends with the key that is set, and with Enter in any case", () => {
    expect(isSuffix({ key: "Enter", code: "Enter" }, "tab")).toBe(true);
    expect(isSuffix({ key: "Process", code: "Enter" }, "enter")).toBe(true);
    expect(isSuffix({ key: "Tab", code: "Tab" }, "enter")).toBe(false);
    expect(isSuffix({ key: "Tab", code: "Tab" }, "tab")).toBe(true);
  });

  it("means an order, a refund, a payment code or none of them", () => {
    expect(meaning("TK7Q2F9M0K3C5D8E1HABMNPQWXYZ")).toEqual({ kind: "order", no: "TK7Q2F9M0K3C5D8E1HABMNPQWXYZ" });
    expect(meaning("TK7Q2F9M0K3C5D8E1HABMNPQWXYU")).toEqual({ kind: "unknown" });
    expect(meaning("TR7Q2F9M0K3C5D8E1HABMNPQWXYZ")).toEqual({ kind: "refund", no: "TR7Q2F9M0K3C5D8E1HABMNPQWXYZ" });
    expect(meaning("TR7Q2F9M0K3C5D8E1HABMNPQWXYU")).toEqual({ kind: "unknown" });
    expect(meaning(wechat)).toEqual({ kind: "payment", code: wechat });
    expect(meaning("6901234567892")).toEqual({ kind: "unknown" });
    expect(meaning("02001234")).toEqual({ kind: "unknown" });
    expect(meaning("99999999")).toBeNull();
  });

  it("means a payment code by as many digits as wallets print", () => {
    const kinds = [15, 16, 24, 25].map((digits) => meaning("1".repeat(digits))?.kind);
    expect(kinds).toEqual(["unknown", "payment", "payment", "unknown"]);
  });

  it("hints at a wallet by its prefix", () => {
    expect(["10", "15", "25", "30", "62", "91", "16", "24", "88"].map(walletHint)).toEqual([
      "wechat",
      "wechat",
      "alipay",
      "alipay",
      "unionpay",
      "qq",
      null,
      null,
      null,
    ]);
  });
});

describe("a payment code that is scanned", () => {
  it("charges the amount at once, by the way that fits its prefix, and goes nowhere else", async () => {
    const window = await open();
    await window.user.keyboard("12.50");
    scan(alipay);
    await screen.findByTestId("state");
    expect(window.till.codesSent).toEqual([alipay]);
    expect(window.till.last.request).toMatchObject({ channel: "alipay.micro", amount: "12.50" });
    expect(JSON.stringify(window.till.last)).not.toContain(alipay);
    isNowhere(alipay);
  });

  it("is heard wherever the focus is, and leaves a note as it was", async () => {
    const window = await open();
    await window.user.keyboard("8{F6}two apples");
    scan(wechat);
    await screen.findByTestId("state");
    expect(window.till.last.request).toMatchObject({ channel: "wechat.micro", amount: "8", body: "two apples" });
    await window.pass(seenMs);
    await window.user.keyboard("{Enter}");
    await window.user.keyboard("9");
    screen.getByTestId("rail-checkout").focus();
    scan(alipay);
    await waitFor(() => expect(window.till.codesSent).toHaveLength(2));
    expect(window.till.last.request.amount).toBe("9");
  });

  it("takes a short barcode for no part of an amount that stands", async () => {
    const window = await open();
    await window.user.keyboard("12.5");
    await window.pass(500);
    scan("40170725");
    await window.pass(500);
    expect(window.till.calls.filter((call) => call.startsWith("sell"))).toEqual([]);
    expect(amount()).toBe("12.5");
  });

  it("charges nothing by the last key of a barcode that was read into the note", async () => {
    const window = await open();
    await window.user.keyboard("8{F6}");
    scan("6901234567892");
    await window.pass(500);
    expect(window.till.calls.filter((call) => call.startsWith("sell"))).toEqual([]);
    expect(screen.getByTestId("amount-input")).toBeVisible();
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
  });

  it("leaves nothing in the amount that took the focus while it was read into the note", async () => {
    const window = await open();
    await window.user.keyboard("8{F6}");
    const note = screen.getByTestId<HTMLInputElement>("note");
    const move = () => note.value.length === 4 && screen.getByTestId("amount-input").focus();
    note.addEventListener("input", move);
    expect(scan("6901234567892", { clock: window.clock })).toBe(false);
    note.removeEventListener("input", move);
    await window.shows("notice", "没有使用");
    expect([note.value, amount()]).toEqual(["", "8"]);
    expect(window.till.calls.filter((call) => call.startsWith("sell"))).toEqual([]);
  });

  it("is read while an input method composes, which leaves nothing behind", async () => {
    const window = await open();
    await window.user.keyboard("5");
    const input = screen.getByTestId<HTMLInputElement>("amount-input");
    await fireEvent.compositionStart(input);
    scan(wechat, { composing: true });
    await screen.findByTestId("state");
    expect(window.till.codesSent).toEqual([wechat]);
    expect(window.till.last.request.amount).toBe("5");
  });

  it("takes back what an input method still puts into the amount", async () => {
    const window = await open();
    const input = screen.getByTestId<HTMLInputElement>("amount-input");
    await fireEvent.compositionStart(input);
    scan(wechat, { composing: true });
    input.value = wechat;
    await fireEvent.compositionEnd(input);
    await window.pass(0);
    expect(amount()).toBe("");
    expect(screen.getByTestId("code-ready")).toBeVisible();
    isNowhere(wechat);
  });

  it("waits for its amount in memory only, and is charged by Enter", async () => {
    const window = await open();
    scan(wechat);
    await window.shows("code-ready", /付款码已就绪 ····.*可能是微信支付/);
    expect(amount()).toBe("");
    isNowhere(wechat);
    await window.user.keyboard("7.70");
    expect(screen.getByTestId("charge")).toHaveTextContent("用付款码收款 ¥7.70");
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    expect(window.till.codesSent).toEqual([wechat]);
    expect(window.till.last.request).toMatchObject({ channel: "wechat.micro", amount: "7.70" });
  });

  it("is dropped by Esc, by a minute, and by leaving the checkout", async () => {
    const window = await open();
    const drops: ((window: Opened) => Promise<void>)[] = [
      ({ user }) => user.keyboard("{Escape}"),
      ({ pass }) => pass(60_000),
      async ({ user }) => {
        await user.click(screen.getByTestId("rail-settings"));
        await user.click(screen.getByTestId("rail-checkout"));
      },
    ];
    for (const drop of drops) {
      await window.user.keyboard("3");
      await window.user.keyboard("{Escape}");
      scan(wechat);
      await screen.findByTestId("code-ready");
      await drop(window);
      await waitFor(() => expect(screen.queryByTestId("code-ready")).toBeNull());
      await screen.findByTestId("amount");
    }
    await window.user.keyboard("4{Enter}");
    await screen.findByTestId("state");
    expect(window.till.codesSent).toEqual([]);
    expect(window.till.last.request.channel).toBe("wechat.scan");
  });

  it.each([
    ["zh-CN", /付款码等了一分钟，已丢弃.*没有收款.*重新扫/],
    ["zh-HK", /付款碼等候了一分鐘，已丟棄.*沒有收款.*重新掃/],
    ["en", /waited for a minute was dropped.*no money moved.*scan the code again/],
  ] as const)("is said to be dropped after its minute, until the next one is scanned (%s)", async (language, said) => {
    const window = await open({ settings: { language } });
    scan(wechat, { clock: window.clock });
    await screen.findByTestId("code-ready");
    await window.pass(60_000);
    await window.shows("notice", said);
    expect(screen.getByTestId("notice")).toHaveAttribute("role", "alert");
    expect(screen.queryByTestId("code-ready")).toBeNull();
    await window.pass(60_000);
    expect(screen.getByTestId("notice")).toBeVisible();
    scan(alipay, { clock: window.clock });
    await screen.findByTestId("code-ready");
    expect(screen.queryByTestId("notice")).toBeNull();
  });

  it("lets the cashier pick where no prefix or several ways fit", async () => {
    const window = await open();
    await window.user.keyboard("6");
    scan("8812345678901234");
    const picker = await screen.findByTestId("picker");
    expect(picker).toHaveTextContent("用哪种方式收这个付款码？");
    expect(screen.queryByTestId("pick-wechat.scan")).toBeNull();
    await window.user.keyboard("{F3}");
    await screen.findByTestId("state");
    expect(window.till.last.request.channel).toBe("qq.micro");
  });

  it("goes to the account that is chosen, in its own currency", async () => {
    const window = await open({ accounts: [account, harbour] });
    await window.user.keyboard("/");
    await window.user.click(await screen.findByTestId("pick-alipay.qrcode"));
    await window.user.keyboard("6");
    scan(wechat);
    await screen.findByTestId("state");
    expect(window.till.last.request).toMatchObject({ account: "harbour", channel: "micropay" });
    expect(screen.getByTestId("order-amount")).toHaveTextContent("HK$6.00");
  });

  it("is refused in words where no way to pay takes one", async () => {
    const window = await open({ accounts: [treasure] });
    await window.user.keyboard("6");
    scan(wechat);
    expect(await screen.findByTestId("notice")).toHaveTextContent("由顾客扫码，不接收付款码");
    expect(window.till.orderList).toHaveLength(0);
    expect(amount()).toBe("6");
  });

  it("takes the code on screen off first and is charged by one more Enter", async () => {
    const window = await open();
    await sell(window);
    const first = window.till.last;
    scan(alipay);
    await screen.findByTestId("other-panel");
    expect(window.till.calls).toContain(`close ${first.no}`);
    await window.user.keyboard("{Enter}");
    await window.shows("armed", "一确认就用付款码收款");
    expect(window.till.codesSent).toEqual([]);
    await window.pass(2_000);
    await waitFor(() => expect(window.till.codesSent).toEqual([alipay]));
    expect(window.till.last.request).toMatchObject({ channel: "alipay.micro", sale: first.sale });
  });

  it("is not sent while another one is out for this order", async () => {
    const window = await open();
    await window.user.keyboard("5");
    scan(wechat);
    await screen.findByTestId("state");
    scan(alipay);
    expect(await screen.findByTestId("notice")).toHaveTextContent("上一个付款码已送出，要等它结束");
    expect(window.till.codesSent).toEqual([wechat]);
  });

  it("after a payment begins the next sale", async () => {
    const window = await open();
    await sell(window);
    window.till.pay();
    await screen.findByTestId("paid");
    scan(wechat);
    await screen.findByTestId("code-ready");
    expect(amount()).toBe("");
  });
});

describe("other things that are scanned", () => {
  it("open one of our orders by its number", async () => {
    const window = await open();
    await sell(window);
    const { no } = window.till.last;
    await window.pass(seenMs);
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("amount");
    scan(no);
    await waitFor(() => expect(screen.getByTestId("state")).toHaveAttribute("data-order", no));
  });

  it.each(["AB-12", "AB-12-12", "12345-12", "1234.56", "ab 12/12"])(
    "never charge by what follows a mark: %s",
    async (text) => {
      const window = await open();
      await window.user.keyboard("8");
      scan(text, { clock: window.clock });
      await window.pass(500);
      expect(window.till.calls.filter((call) => call.startsWith("sell"))).toEqual([]);
      expect(["", "8"]).toContain(amount());
    },
  );

  it("act on no command of the order on screen", async () => {
    const window = await open();
    await sell(window);
    window.till.pay();
    await screen.findByTestId("paid");
    scan("XRO/12345", { suffix: null });
    expect(screen.getByTestId("paid")).toBeVisible();
    expect(screen.queryByTestId("timeline")).toBeNull();
    await window.pass(2_500);
    await window.user.keyboard("o");
    await waitFor(() => expect(screen.queryByTestId("paid")).toBeNull());
  });

  it("are no payment code, where one is asked for", async () => {
    const window = await open({ accounts: [harbour] });
    await window.user.click(screen.getByTestId("channel-micropay"));
    await window.user.keyboard("8{Enter}");
    await screen.findByTestId("scan-prompt");
    scan("6901234567892", { clock: window.clock });
    await screen.findByTestId("code-bad");
    expect(window.till.codesSent).toEqual([]);
    expect(window.till.orderList).toHaveLength(0);
  });

  it("are told of by how long a payment code is: a longer one is taken where somebody types it", async () => {
    const window = await open({ accounts: [harbour] });
    const long = `${wechat}0123456789`;
    await window.user.keyboard("/");
    await window.user.click(await screen.findByTestId("pick-micropay"));
    await window.user.keyboard("8");
    scan(long, { clock: window.clock });
    await window.shows("notice", /付款码（扫出来的有 16 到 24 位数字），没有使用.*手工输入这些数字/);
    expect(window.till.codesSent).toEqual([]);
    expect(amount()).toBe("8");
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("scan-prompt");
    await giveCode(window, long);
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(window.till.codesSent).toEqual([long]));
    isNowhere(long);
  });

  it("are cut by no control key", async () => {
    const window = await open();
    await window.user.keyboard("8");
    expect(scan(["0108", "F8", "17"], { clock: window.clock })).toBe(false);
    await window.pass(500);
    expect(window.till.calls.filter((call) => call.startsWith("sell"))).toEqual([]);
  });

  it("never become an amount, and never charge one", async () => {
    const window = await open();
    await window.user.keyboard("3");
    expect(scan("6901234567892")).toBe(false);
    expect(await screen.findByTestId("notice")).toBeVisible();
    expect(amount()).toBe("3");
    expect(window.till.orderList).toHaveLength(0);
  });

  it("fill a field of a channel", async () => {
    const window = await open();
    await window.user.keyboard("9{F7}");
    screen.getByTestId("field-buyer_id").focus();
    expect(scan("2088102146225135", { suffix: null })).toBe(true);
    expect(screen.getByTestId("field-buyer_id")).toHaveValue("2088102146225135");
    expect(window.till.codesSent).toEqual([]);
  });

  it("are typing when they come as slowly as a hand", async () => {
    const window = await open();
    scan("12345678", { pause: 90, suffix: null });
    await window.pass(0);
    expect(amount()).toBe("12345678");
  });
});

describe("the scanner's last key", () => {
  it("may be two: the second one charges nothing", async () => {
    const window = await open();
    await window.user.keyboard("8");
    expect(scan("6901234567892", { suffix: ["Enter", "Enter"] })).toBe(false);
    await window.shows("notice", "付款码");
    expect(amount()).toBe("8");
    expect(window.till.orderList).toHaveLength(0);
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    expect(window.till.last.request.amount).toBe("8");
  });

  it("may be two: the second one does not send the code of another way to pay", async () => {
    const window = await open();
    await sell(window);
    scan(alipay, { suffix: ["Enter", "Enter"] });
    await screen.findByTestId("other-panel");
    await window.pass(2_500);
    expect(screen.queryByTestId("armed")).toBeNull();
    expect(window.till.codesSent).toEqual([]);
  });

  it("is set for this window in the settings", async () => {
    const window = await open();
    await window.user.click(screen.getByTestId("rail-settings"));
    await window.user.selectOptions(await screen.findByTestId("scanner-suffix"), "tab");
    await window.user.click(screen.getByTestId("rail-checkout"));
    await window.user.keyboard("5");
    expect(scan(wechat, { suffix: "Tab" })).toBe(false);
    await screen.findByTestId("state");
    expect(window.till.codesSent).toEqual([wechat]);
  });

  it("moves no focus where another one is set: what was scanned is refused", async () => {
    const window = await open();
    await window.user.keyboard("5");
    const focused = document.activeElement;
    expect(scan(wechat, { suffix: "Tab", clock: window.clock })).toBe(false);
    expect(document.activeElement).toBe(focused);
    await window.shows("notice", /扫描断开了.*没有发出请求/);
    expect(window.till.codesSent).toEqual([]);
    expect(scan("", { suffix: "Tab", clock: window.clock })).toBe(true);
  });

  it("may be none: then silence ends a code", async () => {
    localStorage.setItem("till:scanner-suffix", "none");
    const window = await open();
    await window.user.keyboard("5");
    scan(wechat, { suffix: null });
    expect(window.till.codesSent).toEqual([]);
    await window.pass(150);
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat]));
    isNowhere(wechat);
  });
});

describe("a scan while something else is open", () => {
  it("closes the list of keys and is taken", async () => {
    const window = await open();
    await window.user.keyboard("8?");
    await screen.findByTestId("shortcuts");
    expect(scan(wechat)).toBe(false);
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat]));
    expect(window.till.last.request.amount).toBe("8");
    await waitFor(() => expect(screen.queryByTestId("shortcuts")).toBeNull());
  });

  it("is told and presses nothing where somebody signs in", async () => {
    const window = await open({ operators: [person("陈店长", "manager", "2468")] });
    await window.user.keyboard("8{F10}");
    const dialog = await screen.findByTestId("sign-in");
    for (const tear of [undefined, { at: 3, gap: 200 }]) {
      expect(scan(wechat, { clock: window.clock, ...(tear && { tear }) })).toBe(false);
      // In the dialog: what is behind it nobody reads.
      await waitFor(() =>
        expect(within(dialog).getByTestId("code-bad")).toHaveTextContent("有窗口打开时扫了码，没有使用"),
      );
    }
    expect(screen.queryByTestId("notice")).toBeNull();
    expect(dialog).toBeVisible();
    isNowhere(wechat);
    expect(window.till.codesSent).toEqual([]);
    expect(window.till.calls.filter((call) => call.startsWith("sign in"))).toEqual([]);
    expect(amount()).toBe("8");
  });

  it("chooses nobody who signs in, and leaves no digit for a PIN", async () => {
    const operators = [person("陈店长", "manager", "2468"), person("小李", "cashier", "1357")];
    const window = await open({ operators });
    await window.user.keyboard("8{F10}");
    const dialog = await screen.findByTestId("sign-in");
    const chosen = () => within(dialog).queryAllByRole("button", { pressed: true });
    screen.getByTestId("sign-in-find").focus();
    scan(wechat.slice(0, 1), { suffix: null });
    await window.pass(0);
    expect(chosen()).toHaveLength(1);
    scan(wechat.slice(1), { after: 6, clock: window.clock });
    await within(dialog).findByTestId("code-bad");
    await waitFor(() => expect(chosen()).toHaveLength(0));
    isNowhere(wechat);
    expect(screen.getByTestId("sign-in-pin")).toHaveValue("");
    expect(document.activeElement).toBe(screen.getByTestId("sign-in-find"));
    expect(amount()).toBe("8");
  });

  it("is told in the list of ways to pay, where that is open", async () => {
    const window = await open({ accounts: [account, harbour] });
    await window.user.keyboard("8/");
    const picker = await screen.findByTestId("picker");
    scan(wechat, { tear: { at: 9, gap: 200 }, clock: window.clock });
    await waitFor(() => expect(within(picker).getByTestId("code-bad")).toHaveTextContent("扫描断开了"));
    expect(screen.queryByTestId("notice")).toBeNull();
    expect(screen.getByTestId("picker-search")).toHaveValue("");
  });
});
