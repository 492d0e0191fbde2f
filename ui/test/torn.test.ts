//! Scans that come in pieces, and hands that type beside them.
import { cleanup, fireEvent, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import { Reading } from "../src/checkout/reading.ts";
import { harbour } from "../src/host/fake/gateways.ts";
import { hand, scan } from "./hand.ts";
import { amount, isNowhere, type Opened, open, sell } from "./window.ts";

const wechat = "134567890123456789";

describe("a scan that comes in pieces", () => {
  const sold = (window: Opened) => window.till.calls.filter((call) => call.startsWith("sell"));
  const torn = /扫描断开了.*没有发出请求/;

  /** Charged with the amount as typed, or nothing sent and no other amount. */
  async function isSafe(window: Opened, code: string, typed: string): Promise<"charged" | "told"> {
    await window.pass(1_000);
    expect(screen.queryByTestId("picker")).toBeNull();
    isNowhere(code);
    if (window.till.codesSent.length > 0) {
      expect(window.till.codesSent).toEqual([code]);
      expect(window.till.last.request.amount).toBe(typed);
      return "charged";
    }
    expect(sold(window)).toEqual([]);
    expect(["", typed]).toContain(amount());
    await window.shows("notice", torn);
    return "told";
  }

  it.each([40, 58, 100, 140, 250, 290])("never becomes an amount, wherever it hesitates for %i ms", async (gap) => {
    const ends = new Set<string>();
    for (const stalled of [false, true]) {
      for (let at = 1; at <= wechat.length; at += 1) {
        const window = await open();
        const clock = stalled ? undefined : window.clock;
        await window.user.keyboard("8");
        scan(wechat, { pause: 8, tear: { at, gap }, ...(clock && { clock }) });
        ends.add(await isSafe(window, wechat, "8"));
        cleanup();
      }
    }
    expect(ends).toEqual(new Set(gap > 120 ? ["told"] : ["charged", "told"]));
  });

  it.each([320, 800, 1_500])("is one although the machine rests for %i ms", async (gap) => {
    // One key and a long rest look like a hand's.
    for (let at = 2; at <= wechat.length; at += 1) {
      const window = await open();
      await window.user.keyboard("8");
      scan(wechat, { pause: 8, tear: { at, gap }, suffix: ["Enter", "Enter"], clock: window.clock });
      expect([at, await isSafe(window, wechat, "8")]).toEqual([at, "told"]);
      cleanup();
    }
  });

  it.each(["SKU12345-12", "1234.56", "A 12/345.6-78", "12345#12"])("is no amount when it reads %s", async (text) => {
    for (const gap of [6, 100, 320, 800, 1_500]) {
      for (let at = 2; at <= text.length; at += 3) {
        const window = await open();
        await window.user.keyboard("8");
        const tear = { at, gap };
        expect(scan(text, { tear, suffix: ["Enter", "Enter"], clock: window.clock })).toBe(false);
        await window.pass(1_000);
        expect([gap, at, sold(window)]).toEqual([gap, at, []]);
        expect(["", "8"]).toContain(amount());
        expect(screen.queryByTestId("shortcuts")).toBeNull();
        expect(screen.queryByTestId("picker")).toBeNull();
        cleanup();
      }
    }
  });

  it("leaves nothing in the note, however long it rests", async () => {
    for (const gap of [320, 1_500]) {
      for (const at of [5, 9, 14]) {
        const window = await open();
        await window.user.keyboard("8{F6}two apples");
        await window.pass(500);
        scan(wechat, { tear: { at, gap }, clock: window.clock });
        await window.shows("notice", torn);
        expect(screen.getByTestId("note")).toHaveValue("two apples");
        expect(amount()).toBe("8");
        expect(sold(window)).toEqual([]);
        cleanup();
      }
    }
  });

  it("brings the ended order back that its first digit put away", async () => {
    const window = await open();
    await sell(window);
    const { no } = window.till.last;
    window.till.pay();
    await screen.findByTestId("paid");
    scan(wechat, { tear: { at: 9, gap: 200 }, clock: window.clock });
    await window.shows("notice", torn);
    expect(await screen.findByTestId("paid")).toBeVisible();
    expect(sessionStorage.getItem("till:shown")).toBe(no);
  });

  it("is charged as it was typed, once it comes in one piece", async () => {
    const window = await open();
    await window.user.keyboard("8");
    scan(wechat, { pause: 8, tear: { at: 2, gap: 58 }, clock: window.clock });
    await window.shows("notice", torn);
    expect(amount()).toBe("");
    hand("8", 400, window.clock);
    scan(wechat, { clock: window.clock });
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat]));
    expect(window.till.last.request.amount).toBe("8");
  });

  it("is one where a hand's key came just before it: the amount is typed again", async () => {
    const window = await open();
    hand("12", 150, window.clock);
    scan(wechat, { after: 200, clock: window.clock });
    expect(await isSafe(window, wechat, "12")).toBe("told");
    expect(amount()).toBe("");
  });

  it("is none where the hand was off the keys for a moment", async () => {
    const window = await open();
    hand("12", 150, window.clock);
    scan(wechat, { after: 310, clock: window.clock });
    expect(await isSafe(window, wechat, "12")).toBe("charged");
  });

  it("leaves nothing behind when its last key never comes", async () => {
    const window = await open();
    for (const [at, text] of [wechat, "8812345678901234", "1345", "40170725"].entries()) {
      hand("8", 400, window.clock);
      scan(text, { suffix: null, clock: window.clock });
      await window.pass(150);
      await window.shows("notice", torn);
      expect([at, amount()]).toEqual([at, ""]);
      await window.pass(500);
    }
    expect(sold(window)).toEqual([]);
  });

  it("is forgotten after a while, whether or not another key comes", async () => {
    const window = await open();
    const forget = vi.spyOn(Reading.prototype, "forget");
    for (const [text, ms] of [
      [wechat, 2_000],
      ["1", 300],
    ] as const) {
      scan(text, { suffix: null, after: 3_000 });
      await window.pass(ms - 1);
      forget.mockClear();
      await window.pass(2);
      expect(forget).toHaveBeenCalledOnce();
    }
    forget.mockRestore();
  });

  it("is taken back again when the rest of it was only held up", async () => {
    const window = await open();
    await window.user.keyboard("8");
    scan(wechat.slice(0, 5), { suffix: null });
    await window.pass(200);
    expect(amount()).toBe("");
    for (const rest of ["8812345678901234", wechat.slice(5)]) {
      scan(rest, { after: 8 });
      await window.pass(200);
      expect(amount()).toBe("");
      expect(screen.queryByTestId("picker")).toBeNull();
      await window.shows("notice", torn);
      scan("134", { suffix: null });
      scan("1345", { suffix: null, after: 90 });
      await window.pass(200);
    }
    expect(sold(window)).toEqual([]);
  });

  it("waits for the keys of a window that was held up", async () => {
    const window = await open();
    await window.user.keyboard("8");
    scan(wechat.slice(0, 9), { suffix: null });
    const { clock } = window;
    const now = clock.now.bind(clock);
    clock.now = () => now() + 400;
    await window.pass(130);
    expect(screen.queryByTestId("notice")).toBeNull();
    scan(wechat.slice(9), { after: 8 });
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat]));
    expect(window.till.last.request.amount).toBe("8");
  });

  it("presses nothing by a last key that comes late", async () => {
    const window = await open();
    await window.user.keyboard("8");
    expect(scan(wechat, { tear: { at: wechat.length, gap: 250 }, clock: window.clock })).toBe(false);
    expect(await isSafe(window, wechat, "8")).toBe("told");
  });

  it("charges nothing by its last digits alone", async () => {
    const window = await open();
    await window.user.keyboard("8");
    await window.pass(500);
    scan("6789", { clock: window.clock });
    expect(await isSafe(window, "6789", "")).toBe("told");
  });

  it("leaves a note as it was", async () => {
    const window = await open();
    await window.user.keyboard("8{F6}two apples");
    scan(wechat, { tear: { at: 7, gap: 200 }, clock: window.clock });
    await window.shows("notice", torn);
    expect(screen.getByTestId("note")).toHaveValue("two apples");
    expect(amount()).toBe("8");
    isNowhere(wechat);
  });

  it("says so where the code was asked for, and leaves the amount", async () => {
    const window = await open({ accounts: [harbour] });
    await window.user.click(screen.getByTestId("channel-micropay"));
    await window.user.keyboard("8{Enter}");
    await screen.findByTestId("scan-prompt");
    scan(wechat, { tear: { at: 3, gap: 200 }, clock: window.clock });
    await window.shows("code-bad", torn);
    expect(screen.getByTestId("payment-code")).toHaveValue("");
    expect(screen.getByTestId("scan-prompt")).toHaveTextContent("HK$8.00");
    expect(window.till.codesSent).toEqual([]);
    scan(wechat, { clock: window.clock });
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat]));
  });

  it("leaves nothing where an input method composes", async () => {
    for (const at of [1, 2, 3, 8, 17]) {
      const window = await open();
      await window.user.keyboard("5");
      const input = screen.getByTestId<HTMLInputElement>("amount-input");
      await fireEvent.compositionStart(input);
      scan(wechat, { composing: true, tear: { at, gap: 200 }, clock: window.clock });
      input.value = `5${wechat.slice(0, at)}`;
      await fireEvent.input(input);
      await fireEvent.compositionEnd(input);
      await window.pass(0);
      expect([at, amount()]).toEqual([at, ""]);
      expect(sold(window)).toEqual([]);
      await window.shows("notice", torn);
      cleanup();
    }
  });

  it("is none where silence ends a scan, unless more comes late", async () => {
    localStorage.setItem("till:scanner-suffix", "none");
    const window = await open();
    await window.user.keyboard("5");
    scan(wechat, { suffix: null, tear: { at: 2, gap: 58 }, clock: window.clock });
    await window.pass(150);
    expect(amount()).toBe("");
    await window.shows("notice", torn);
    hand("5", 2_100, window.clock);
    scan("8812345678901234", { suffix: null, clock: window.clock });
    await window.pass(150);
    await screen.findByTestId("picker");
    scan("77", { suffix: null, after: 8, clock: window.clock });
    await window.pass(150);
    await window.shows("code-bad", "扫码枪的按键来晚了");
    expect(amount()).toBe("5");
  });
});

describe("a hand", () => {
  it.each([60, 100, 150])("types an amount with %i ms between its keys", async (apart) => {
    const window = await open();
    hand("1234567", apart, window.clock);
    await window.pass(500);
    expect(amount()).toBe("1234567");
    expect(screen.queryByTestId("notice")).toBeNull();
  });

  it("has a key for two or three zeros", async () => {
    const window = await open();
    hand("1", 200, window.clock);
    scan("00", { suffix: null, after: 90, clock: window.clock });
    await window.pass(500);
    expect(amount()).toBe("100");
    await window.user.keyboard("{Escape}2");
    scan("000", { clock: window.clock });
    await screen.findByTestId("state");
    expect(window.till.last.request.amount).toBe("2000");
  });
});
