//! What becomes of a customer's payment code between the scanner and the sale.
import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { isTooEarly, notYet } from "../src/checkout/not-yet.ts";
import { typedDigits } from "../src/checkout/scanner.ts";
import { SentCodes } from "../src/checkout/sent-codes.ts";
import { errorWords } from "../src/host/bindings.ts";
import { Refused } from "../src/host/contract.ts";
import { FakeClock } from "../src/host/fake/clock.ts";
import { harbour } from "../src/host/fake/gateways.ts";
import { alipay, scan, wechat } from "./hand.ts";
import { pins, shop, type } from "./staff.ts";
import { amount, askForCode, choose, giveCode, isNowhere, type Opened, open, seenMs, sell } from "./window.ts";

const readBefore = /这个付款码之前扫过，这次没有送出/;

describe("a payment code that is read again", () => {
  /** 12.50 yuan are paid by the code. */
  async function paid(): Promise<Opened> {
    const window = await open();
    await window.user.keyboard("12.50");
    scan(wechat, { clock: window.clock });
    await screen.findByTestId("state");
    window.till.pay();
    await screen.findByTestId("paid");
    return window;
  }

  it.each([150, 1_000, 90_000])("after %i ms leaves the payment on the screen and is held for nobody", async (ms) => {
    const window = await paid();
    await window.pass(ms);
    scan(wechat, { after: ms, clock: window.clock });
    await window.shows("notice", readBefore);
    expect(screen.getByTestId("paid")).toHaveAttribute("data-order", window.till.last.no);
    expect(screen.queryByTestId("code-ready")).toBeNull();

    await window.pass(seenMs);
    await window.user.keyboard("{Enter}5");
    await window.shows("charge", "¥5");
    scan(wechat, { clock: window.clock });
    await window.shows("notice", readBefore);
    expect(amount()).toBe("5");
    expect(window.till.codesSent).toEqual([wechat]);
    isNowhere(wechat);

    scan(alipay, { clock: window.clock });
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat, alipay]));
    expect(window.till.last.request.amount).toBe("5");
  });

  it("is told while its customer has yet to confirm", async () => {
    const window = await open();
    await window.user.keyboard("12.50");
    scan(wechat, { clock: window.clock });
    await screen.findByTestId("state");
    scan(wechat, { clock: window.clock });
    await window.shows("notice", readBefore);
    expect(screen.getByTestId("state")).toBeVisible();
  });

  it("is sent once although the till has not answered yet", async () => {
    const window = await open();
    let answer = () => {};
    const asked = new Promise<void>((done) => {
      answer = done;
    });
    const sell = window.till.sell.bind(window.till);
    window.till.sell = async (...sale) => {
      await asked;
      return sell(...sale);
    };
    await window.user.keyboard("8");
    scan(wechat, { clock: window.clock });
    scan(wechat, { after: 150, clock: window.clock });
    await window.shows("notice", readBefore);
    answer();
    await screen.findByTestId("state");
    window.till.pay();
    await screen.findByTestId("paid");
    expect(window.till.last.request.amount).toBe("8");
    expect(window.till.codesSent).toEqual([wechat]);
  });

  it("is charged where the till refused its sale before", async () => {
    const window = await open();
    const sell = window.till.sell.bind(window.till);
    window.till.sell = () => Promise.reject(new Refused({ code: "amount_over_limit", facts: { limit: "1.00" } }));
    await window.user.keyboard("8");
    scan(wechat, { clock: window.clock });
    await screen.findByTestId("notice");
    window.till.sell = sell;
    await window.pass(2_000);
    scan(wechat, { clock: window.clock });
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat]));
  });

  it("is refused where it is typed, in the question for one", async () => {
    const window = await open({ accounts: [harbour] });
    for (const sent of [0, 1]) {
      await askForCode(window, "micropay", "8");
      await giveCode(window, wechat);
      await window.user.keyboard("{Enter}");
      if (sent === 1) break;
      await screen.findByTestId("state");
      window.till.pay();
      await screen.findByTestId("paid");
      await window.pass(seenMs);
      await window.user.keyboard("{Enter}");
      await screen.findByTestId("amount-input");
    }
    await window.shows("code-bad", readBefore);
    expect(screen.getByTestId("scan-prompt")).toBeVisible();
    expect(window.till.codesSent).toEqual([wechat]);
  });

  it("is known for the last few", () => {
    const sent = new SentCodes(new FakeClock());
    const codes = Array.from({ length: 9 }, (_, at) => `13456789012345678${at}`);
    for (const code of codes) sent.add(code);
    expect(codes.map((code) => sent.has(code))).toEqual([false, ...Array.from({ length: 8 }, () => true)]);
  });

  it("is known for two minutes", () => {
    const clock = new FakeClock();
    const sent = new SentCodes(clock);
    sent.add(wechat);
    clock.advance(60_000);
    sent.add(alipay);
    clock.advance(59_999);
    expect([wechat, alipay].map((code) => sent.has(code))).toEqual([true, true]);
    clock.advance(1);
    expect([wechat, alipay].map((code) => sent.has(code))).toEqual([false, true]);
    // Sent once more, it is known for as long again.
    sent.add(alipay);
    clock.advance(119_999);
    expect(sent.has(alipay)).toBe(true);
    clock.advance(1);
    expect(sent.has(alipay)).toBe(false);
  });

  it("is unknown after two minutes also where the computer slept through the timer", () => {
    let now = 0;
    const stopped = { now: () => now, wall: () => now, every: () => () => {}, after: () => () => {} };
    const sent = new SentCodes(stopped);
    sent.add(wechat);
    now = 120_000;
    expect(sent.has(wechat)).toBe(false);
  });
});

describe("a payment code that goes by another way than was chosen", () => {
  it("takes none of the fields of that way, and the note", async () => {
    const window = await open({ accounts: [harbour] });
    await choose(window, "wechat.jsapi");
    await window.user.keyboard("12.50");
    await window.user.type(screen.getByTestId("field-sub_openid"), "oXoP");
    await window.user.type(screen.getByTestId("note"), "two apples");
    scan(wechat, { clock: window.clock });
    await screen.findByTestId("state");
    const { channel, extra, body } = window.till.last.request;
    expect({ channel, extra, body }).toEqual({ channel: "micropay", extra: {}, body: "two apples" });
  });
});

describe("a payment code without an amount", () => {
  it("has the focus go from the note to the amount, and takes away what was said of a scan before", async () => {
    const window = await open();
    scan("TK7Q2F9M0K3C5D8E1HABMNPQWXYZ", { clock: window.clock });
    await screen.findByTestId("notice");
    await window.user.keyboard("{F6}two apples");
    expect(screen.getByTestId("note")).toHaveFocus();
    scan(wechat, { clock: window.clock });
    await screen.findByTestId("code-ready");
    expect(screen.queryByTestId("notice")).toBeNull();
    expect(screen.getByTestId("amount-input")).toHaveFocus();
    await window.user.keyboard("4");
    expect(amount()).toBe("4");
    expect(screen.getByTestId("note")).toHaveValue("two apples");
  });
});

describe("a payment code that waits for the order before", () => {
  it("is not taken where by the next question it would have run out", async () => {
    const { till } = await open();
    const { live } = await till.order(till.seed("8.00", "awaiting_payment", 0, { qrOff: true }).no);
    const asked = (next_in_ms: number) => ({ ...live, asking: { ...live.asking, next_in_ms } });
    expect([60_000, 60_001].map((ms) => isTooEarly(asked(ms), 0))).toEqual([false, true]);
    const facts = { why: "unconfirmed", seconds: "90" };
    expect(notYet(asked(90_000), 0, true)).toEqual({ code: "further_order_not_yet", facts });
  });
});

describe("a payment code about which a manager is asked", () => {
  const ranOut = /付款码等了一分钟，已丢弃/;

  /** The customer may be paying the order before, and shows a code for another one. */
  async function asked(): Promise<Opened> {
    const window = await open(shop());
    await sell(window);
    window.till.scan();
    await window.user.keyboard("{F9}");
    await screen.findByTestId("other-panel");
    scan(wechat, { clock: window.clock });
    await screen.findByTestId("code-ready");
    await window.user.click(screen.getByTestId("overrule"));
    await screen.findByTestId("overrule-dialog");
    return window;
  }

  /** A PIN is given 58 seconds after the code was read, and the till takes three more for its answer. */
  async function signedLate(pin: string, unheard = false): Promise<Opened> {
    const window = await asked();
    let answer = () => {};
    const answered = new Promise<void>((done) => {
      answer = done;
    });
    const host = window.till.sell.bind(window.till);
    window.till.sell = async (...sale) => {
      await answered;
      const shown = await host(...sale);
      if (unheard) throw new Refused({ code: "unexpected", facts: { incident: "K7Q2" } });
      return shown;
    };
    await window.pass(58_000);
    await type(window, "overrule-pin", pin);
    await window.user.click(screen.getByTestId("overrule-go"));
    await window.pass(3_000);
    expect(screen.getByTestId("overrule-dialog")).toBeVisible();
    expect(document.body).not.toHaveTextContent(ranOut);
    answer();
    await waitFor(() => expect(screen.queryByTestId("overrule-dialog")).toBeNull());
    expect(screen.queryByTestId("code-ready")).toBeNull();
    return window;
  }

  it("is not said to have run out while it is sold", async () => {
    const window = await signedLate(pins.陈店长);
    expect(window.till.codesSent).toEqual([wechat]);
    expect(screen.getByTestId("state")).toHaveAttribute("data-order", window.till.last.no);
    await window.pass(60_000);
    expect(document.body).not.toHaveTextContent(ranOut);
  });

  it("has run out by then where the till refused its sale", async () => {
    const window = await signedLate("000000");
    await window.shows("notice", ranOut);
    expect(window.till.codesSent).toEqual([]);
    expect(window.till.orderList).toHaveLength(1);
  });

  it("is not said to have run out, nor sold again, where nobody knows whether it left", async () => {
    const window = await signedLate(pins.陈店长, true);
    await window.shows("notice", "K7Q2");
    expect(document.body).not.toHaveTextContent(ranOut);
    expect(window.till.codesSent).toEqual([wechat]);
  });

  it("takes the question along when it runs out: nothing else is sold on the word given for it", async () => {
    const window = await asked();
    await type(window, "overrule-pin", pins.陈店长);
    await window.pass(60_000);
    await waitFor(() => expect(screen.queryByTestId("overrule-dialog")).toBeNull());
    await window.shows("notice", ranOut);
    expect(window.till.orderList).toHaveLength(1);
    expect(window.till.codesSent).toEqual([]);
  });
});

describe("a payment code that is typed", () => {
  it.each(["1234567", "12345678901", "1".repeat(33)])("is refused in the question for it: %s", async (code) => {
    const window = await open({ accounts: [harbour] });
    await askForCode(window, "micropay", "8");
    await giveCode(window, code);
    await window.user.keyboard("{Enter}");
    await window.shows("code-bad", "付款码是 12 到 32 位数字");
    expect(screen.getByTestId("scan-prompt")).toBeVisible();
    expect(screen.queryByTestId("notice")).toBeNull();
    expect(window.till.calls.filter((call) => call.startsWith("sell"))).toEqual([]);
  });

  it("may have as many digits as the till says", () => {
    const { least, most } = typedDigits;
    expect(errorWords.payment_code_bad.what.en).toContain(`${least} to ${most} digits`);
  });
});
