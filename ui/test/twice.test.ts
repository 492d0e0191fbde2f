//! One code that its scanner reads twice in quick succession.
import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { type Read, Reading } from "../src/checkout/reading.ts";
import { alipay, scan, wechat } from "./hand.ts";
import { openRefund, shop, type } from "./staff.ts";
import { amount, isNowhere, type Opened, open } from "./window.ts";

const goods = "6901234567892";
/** The number of a gateway, as long as a payment code. */
const gatewayNo = "20270115202000001234";

/** `text` two times, each with its last key. */
function apart(text: string, { clock }: Opened): boolean {
  scan(text, { pause: 2, clock });
  return scan(text, { pause: 2, after: 6, clock });
}

describe("what its keys come to", () => {
  /** The keys of `text`, 5 ms apart but for a rest of `gap` before the one at `rest`, and the last key. */
  function read(text: string, rest = 0, gap = 5): Read {
    const reading = new Reading();
    let at = 1_000;
    for (const [place, char] of [...text].entries()) {
      at += place === rest ? gap : 5;
      reading.take(char, at);
    }
    return reading.end(at + 5);
  }

  it("is the one code where nothing is between, unless both together are a code", () => {
    expect(read(wechat + wechat)).toEqual({ kind: "scan", text: wechat });
    for (const text of [wechat + alipay, "1357902413579024", "ABCDABCD"])
      expect(read(text)).toEqual({ kind: "scan", text });
  });

  it.each([
    [120, "scan"],
    [121, "torn"],
  ])("is one burst, or pieces: %i ms between, %s", (gap, kind) => {
    expect(read(wechat + wechat, wechat.length, gap).kind).toBe(kind);
  });
});

describe("at the checkout", () => {
  it("is charged once, and nothing is said, in one burst", async () => {
    const window = await open();
    await window.user.keyboard("8");
    expect(scan(wechat + wechat, { clock: window.clock })).toBe(false);
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat]));
    await screen.findByTestId("state");
    await window.pass(1_000);
    expect(screen.queryByTestId("notice")).toBeNull();
    expect(window.till.last.request.amount).toBe("8");
    isNowhere(wechat);
  });

  it("is charged once, and is no scan in pieces, where its last key came between", async () => {
    const window = await open();
    await window.user.keyboard("8");
    expect(apart(wechat, window)).toBe(false);
    await screen.findByTestId("state");
    await window.pass(1_000);
    expect(screen.queryByText(/扫描断开了/)).toBeNull();
    expect(window.till.codesSent).toEqual([wechat]);
    expect(window.till.orderList.map(({ request }) => request.amount)).toEqual(["8"]);
    isNowhere(wechat);
  });

  it("is in pieces where it rests between the two, and charges nothing", async () => {
    const window = await open();
    await window.user.keyboard("8");
    expect(scan(wechat + wechat, { tear: { at: wechat.length, gap: 150 }, clock: window.clock })).toBe(false);
    await window.shows("notice", /扫描断开了/);
    expect(window.till.orderList).toHaveLength(0);
    expect(amount()).toBe("");
    isNowhere(wechat);
  });

  it("waits once for its amount", async () => {
    const window = await open();
    scan(wechat + wechat, { clock: window.clock });
    await screen.findByTestId("code-ready");
    expect(amount()).toBe("");
    expect(screen.queryByTestId("notice")).toBeNull();
    isNowhere(wechat);
  });

  it("is told of once, where it is not used", async () => {
    const window = await open();
    await window.user.keyboard("8");
    expect(apart(goods, window)).toBe(false);
    await window.shows("notice", "付款码（扫出来的有 16 到 24 位数字），没有使用");
    expect(screen.getAllByTestId("notice")).toHaveLength(1);
    expect(amount()).toBe("8");
  });

  it("is in pieces where its second half never ends", async () => {
    const window = await open();
    await window.user.keyboard("8");
    scan(goods, { pause: 2, clock: window.clock });
    scan(goods, { pause: 2, after: 6, suffix: null, clock: window.clock });
    await window.pass(150);
    await window.shows("notice", /扫描断开了/);
    expect(window.till.orderList).toHaveLength(0);
  });

  it("ends nothing by a last key behind a few quick keys more", async () => {
    const window = await open();
    await window.user.keyboard("8");
    scan(goods, { pause: 2, clock: window.clock });
    expect(scan("69012", { pause: 2, after: 6, clock: window.clock })).toBe(false);
    await window.shows("notice", /扫描断开了/);
    expect(window.till.orderList).toHaveLength(0);
  });
});

describe("on the other screens", () => {
  async function paid(): Promise<Opened> {
    return open(shop(), (till) => {
      till.seed("30.00", "paid", 60_000);
    });
  }

  it.each(["in one burst", "with its last key between"])("opens our order from the settings: %s", async (how) => {
    const window = await paid();
    const { no } = window.till.last;
    await window.user.click(screen.getByTestId("rail-settings"));
    await screen.findByTestId("settings-accounts");
    screen.getByTestId("rail-settings").focus();
    const passed = how === "in one burst" ? scan(no + no, { clock: window.clock }) : apart(no, window);
    expect(passed).toBe(false);
    await waitFor(() => expect(screen.getByTestId("timeline")).toHaveAttribute("data-order", no));
    expect(screen.queryByTestId("notice")).toBeNull();
  });

  it("is sought once among the orders", async () => {
    const window = await paid();
    await window.user.click(screen.getByTestId("rail-orders"));
    const field = await screen.findByTestId<HTMLInputElement>("search");
    field.focus();
    scan(gatewayNo + gatewayNo, { after: 3_000, clock: window.clock });
    expect(field).toHaveValue(gatewayNo);
    await window.pass(3_000);
    field.focus();
    apart(gatewayNo, window);
    expect(field).toHaveValue(gatewayNo);
  });

  it("opens our order from the form of a refund, and leaves its amount", async () => {
    const window = await paid();
    const other = window.till.seed("8.00", "paid", 30_000);
    await openRefund(window, window.till.orderList[0] ?? other);
    await type(window, "refund-amount", "3");
    const field = screen.getByTestId<HTMLInputElement>("refund-amount");
    field.focus();
    await window.pass(3_000);
    expect(scan(goods + goods, { clock: window.clock })).toBe(false);
    expect(field).toHaveValue("3");
    expect(scan(other.no + other.no, { after: 3_000, clock: window.clock })).toBe(false);
    await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", other.no));
  });
});
