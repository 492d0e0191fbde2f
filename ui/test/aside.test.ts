//! Scans where nothing is charged.
import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../src/host/fake/clock.ts";
import { RefundScans } from "../src/refunds/scan.ts";
import { scan, stamp } from "./hand.ts";
import { openRefund, pins, shop, type } from "./staff.ts";
import { amount, isNowhere, type Opened, open } from "./window.ts";

const code = "134567890123456789";
/** The wallet's number of a payment, and one of a gateway that is as long as a payment code. */
const numbers = ["4200001234202701155678901234", "20270115202000001234"];
const notHere = /像是顾客的付款码，没有使用.*要收款，请到“收银”/;

async function shop30(): Promise<Opened> {
  return open(shop(), (till) => {
    till.seed("30.00", "paid", 60_000);
  });
}

/** A shop with an order of which a part went back, and one after it. */
async function refunded(): Promise<{ window: Opened; refundNo: string; no: string }> {
  const window = await open(shop(), (till) => {
    till.refunding.answers = [];
    till.seed("20.00", "paid", 90_000);
    const wanted = { order_no: till.last.no, amount: "5.00", reason: "退货", items: [] };
    till.refunding.ask(wanted, { pin: pins.陈店长, second: { name: "王店长", pin: pins.王店长 } });
    till.refunding.settle("succeeded");
    till.seed("30.00", "paid", 60_000);
  });
  const [order] = window.till.orderList;
  return { window, refundNo: order?.refunds[0]?.no ?? "", no: order?.no ?? "" };
}

async function go({ user }: Opened, to: "orders" | "settings" | "refunds") {
  await user.click(screen.getByTestId(`rail-${to}`));
  const first = { orders: "search", settings: "settings-accounts", refunds: "refund-find" } as const;
  await screen.findByTestId(first[to]);
}

describe("a search", () => {
  it.each([
    ["orders", "search"],
    ["refunds", "refund-find"],
  ] as const)("keeps no payment code, and says where it is charged: %s", async (to, testId) => {
    const window = await shop30();
    await go(window, to);
    const field = screen.getByTestId<HTMLInputElement>(testId);
    field.focus();
    expect(scan(code, { clock: window.clock })).toBe(false);
    await window.shows("notice", notHere);
    expect(field).toHaveValue("");
    isNowhere(code);
    for (const number of numbers) {
      field.focus();
      scan(number, { after: 3_000, clock: window.clock });
      if (to === "orders") expect(field).toHaveValue(number);
      else expect(field.value).toContain(number);
    }
    expect(window.till.codesSent).toEqual([]);
  });

  it("keeps none where silence ends a scan", async () => {
    localStorage.setItem("till:scanner-suffix", "none");
    const window = await shop30();
    await go(window, "orders");
    screen.getByTestId("search").focus();
    scan(code, { suffix: null, clock: window.clock });
    await window.pass(150);
    await window.shows("notice", notHere);
    expect(screen.getByTestId("search")).toHaveValue("");
  });

  it("keeps none on the refund screen either, and takes the next scan in the place of the one before", async () => {
    localStorage.setItem("till:scanner-suffix", "none");
    const window = await shop30();
    await go(window, "refunds");
    const field = screen.getByTestId<HTMLInputElement>("refund-find");
    field.focus();
    for (const tear of [undefined, { at: 9, gap: 150 }]) {
      scan(code, { suffix: null, clock: window.clock, after: 3_000, ...(tear === undefined ? {} : { tear }) });
      await window.pass(150);
      await window.shows("notice", notHere);
      expect(field).toHaveValue("");
      isNowhere(code);
      await window.pass(3_000);
    }
    for (const number of numbers) {
      scan(number, { suffix: null, clock: window.clock, after: 500 });
      await window.pass(200);
      expect(field).toHaveValue(number);
    }
  });

  it.each([
    ["orders", "search"],
    ["refunds", "refund-find"],
  ] as const)("keeps none of which the scan came in pieces: %s", async (to, testId) => {
    const window = await shop30();
    await go(window, to);
    screen.getByTestId(testId).focus();
    expect(scan(code, { tear: { at: 9, gap: 150 }, clock: window.clock })).toBe(false);
    await window.shows("notice", notHere);
    expect(screen.getByTestId(testId)).toHaveValue("");
  });
});

describe("a scan beside any field", () => {
  it.each(["orders", "settings", "refunds"] as const)("is told where it is a payment code: %s", async (to) => {
    const window = await shop30();
    await go(window, to);
    screen.getByTestId(`rail-${to}`).focus();
    expect(scan(code, { clock: window.clock })).toBe(false);
    await window.shows("notice", notHere);
    await window.pass(0);
    isNowhere(code);
  });

  it.each(["orders", "settings"] as const)("opens the order of our number: %s", async (to) => {
    const window = await shop30();
    const { no } = window.till.last;
    await go(window, to);
    screen.getByTestId(`rail-${to}`).focus();
    expect(scan(no, { clock: window.clock })).toBe(false);
    await waitFor(() => expect(screen.getByTestId("timeline")).toHaveAttribute("data-order", no));
    expect(screen.queryByTestId("notice")).toBeNull();
  });

  it.each(["orders", "settings"] as const)("opens the order of a refund's number: %s", async (to) => {
    const { window, refundNo, no } = await refunded();
    await go(window, to);
    screen.getByTestId(`rail-${to}`).focus();
    expect(scan(refundNo, { clock: window.clock })).toBe(false);
    await waitFor(() => expect(screen.getByTestId("timeline")).toHaveAttribute("data-order", no));
    expect(screen.queryByTestId("notice")).toBeNull();
    screen.getByTestId(`rail-${to}`).focus();
    scan("TR00000000000000000000000000", { after: 3_000, clock: window.clock });
    await window.shows("notice", "没有编号为 TR00000000000000000000000000 的退款。");
    expect(screen.getByTestId("timeline")).toHaveAttribute("data-order", no);
  });

  it("is told where it is anything else, and presses nothing", async () => {
    const window = await shop30();
    await go(window, "settings");
    screen.getByTestId("rail-orders").focus();
    expect(scan("6901234567892", { suffix: ["Enter", "Enter"], clock: window.clock })).toBe(false);
    await window.shows("notice", /没有使用：光标不在任何输入框里/);
    expect(screen.getByTestId("settings-accounts")).toBeVisible();
  });
});

describe("at the checkout the number of a refund", () => {
  it("opens the order of the refund, and is said to be that", async () => {
    const { window, refundNo, no } = await refunded();
    await window.user.keyboard("7");
    expect(scan(refundNo, { after: 3_000, clock: window.clock })).toBe(false);
    await window.shows("notice", `扫到了退款单号，打开的是它所属的订单，尾号 ${no.slice(-4)}。`);
    expect(sessionStorage.getItem("till:shown")).toBe(no);
    expect(window.till.codesSent).toEqual([]);
  });

  it("is no refund that the till knows, and changes nothing", async () => {
    const { window } = await refunded();
    await window.user.keyboard("7");
    scan("TR00000000000000000000000000", { after: 3_000, clock: window.clock });
    await window.shows("notice", "没有编号为 TR00000000000000000000000000 的退款。");
    expect(amount()).toBe("7");
    expect(sessionStorage.getItem("till:shown")).toBeNull();
  });
});

it("the reason of a refund keeps no payment code, and goods that are scanned", async () => {
  const window = await shop30();
  await openRefund(window, window.till.last);
  await type(window, "refund-reason", "破损");
  const reason = screen.getByTestId<HTMLInputElement>("refund-reason");
  reason.focus();
  expect(scan(code, { clock: window.clock })).toBe(false);
  await window.shows("notice", notHere);
  expect(reason).toHaveValue("破损");
  scan("6901234567892", { suffix: null, clock: window.clock });
  expect(reason).toHaveValue("破损6901234567892");
});

it("a control key inside a code is no command on the refund screen either", async () => {
  const window = await shop30();
  await openRefund(window, window.till.last);
  screen.getByTestId("refund-amount").focus();
  expect(scan(["69012345", "F6", "67892"], { after: 3_000, clock: window.clock })).toBe(false);
  await window.pass(0);
  expect(screen.getByTestId("refund-reason")).toHaveValue("");
  expect(screen.getByTestId("refund-amount")).toHaveValue("");
});

it("what is sought among the orders has no control key of its code", async () => {
  const window = await shop30();
  await go(window, "orders");
  screen.getByTestId("search").focus();
  scan(["01080712", "F8", "67892"], { after: 3_000, clock: window.clock });
  expect(screen.getByTestId("search")).toHaveValue("0108071267892");
});

describe("a scan that begins in a search, and goes on in the amount that took the focus", () => {
  it.each(["6901234567892", "69012345", ...numbers, code])("stays in neither, and sends nothing: %s", async (text) => {
    const window = await shop30();
    await openRefund(window, window.till.last);
    await type(window, "refund-amount", "3");
    const find = screen.getByTestId<HTMLInputElement>("refund-find");
    const amount = screen.getByTestId<HTMLInputElement>("refund-amount");
    for (const moves of [1, 5]) {
      const move = () => {
        if (find.value.length === moves) amount.focus();
      };
      find.addEventListener("input", move);
      find.focus();
      expect(scan(text, { after: 3_000, clock: window.clock })).toBe(false);
      find.removeEventListener("input", move);
      expect(amount).toHaveFocus();
      expect([find.value, amount.value]).toEqual(["", "3"]);
      await window.pass(3_000);
    }
    expect(window.till.calls.filter((call) => call.startsWith("refund"))).toEqual([]);
  });
});

describe("where silence ends a scan, the form of a refund", () => {
  async function refunding(): Promise<Opened> {
    localStorage.setItem("till:scanner-suffix", "none");
    const window = await shop30();
    await openRefund(window, window.till.last);
    return window;
  }

  it.each([
    ["refund-amount", "3"],
    ["refund-reason", "破损"],
    ["refund-pin", ""],
  ])("keeps no payment code, whole or in pieces: %s", async (testId, before) => {
    const window = await refunding();
    const field = screen.getByTestId<HTMLInputElement>(testId);
    if (before !== "") await type(window, testId, before);
    field.focus();
    await window.pass(3_000);
    for (const at of [0, 6, 9, 14]) {
      scan(code, { suffix: null, clock: window.clock, after: 3_000, ...(at === 0 ? {} : { tear: { at, gap: 150 } }) });
      await window.pass(150);
      const said = at === 0 || testId === "refund-reason" ? "scan_elsewhere" : "scan_torn";
      await waitFor(() => expect(document.querySelector(`[data-code=${said}]`)).not.toBeNull());
      expect(field).toHaveValue(before);
      isNowhere(code);
      await window.pass(3_000);
    }
    expect(window.till.calls.filter((call) => call.startsWith("refund"))).toEqual([]);
  });

  it("lets goods become no amount, and stay in the reason", async () => {
    const window = await refunding();
    const amount = screen.getByTestId<HTMLInputElement>("refund-amount");
    const reason = screen.getByTestId<HTMLInputElement>("refund-reason");
    amount.focus();
    scan("6901234567892", { suffix: null, clock: window.clock, after: 3_000 });
    await window.pass(150);
    expect(amount).toHaveValue("");
    reason.focus();
    scan("6901234567892", { suffix: null, clock: window.clock, after: 3_000 });
    await window.pass(150);
    expect(reason).toHaveValue("6901234567892");
  });

  it("is left for the order whose number is scanned", async () => {
    const window = await refunding();
    const other = window.till.seed("8.00", "paid", 30_000);
    screen.getByTestId("refund-reason").focus();
    scan(other.no, { suffix: null, clock: window.clock, after: 3_000 });
    await window.pass(150);
    await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", other.no));
  });
});

describe("what the ear writes down on the refund screen", () => {
  /** Keys as a browser delivers them, to an ear of its own. */
  function heard(field: HTMLInputElement) {
    const clock = new FakeClock();
    const nothing = () => {};
    const { ear } = new RefundScans(clock, { open: nothing, openRefund: nothing, refuse: nothing, ignore: nothing });
    const key = (name: string, at: number) => {
      const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true });
      stamp(event, at);
      field.addEventListener("keydown", (pressed) => ear.hear(pressed), { once: true });
      field.dispatchEvent(event);
      if (name.length === 1) field.value += name;
    };
    return { clock, key };
  }

  function fieldFor(scanned: string): HTMLInputElement {
    document.body.innerHTML = `<label data-scanned="${scanned}"><input type="search" /></label>`;
    return document.querySelector("input") as HTMLInputElement;
  }

  it.each(["search", "text"])("is written back in a search alone: %s", (scanned) => {
    const field = fieldFor(scanned);
    field.value = "12";
    const { key } = heard(field);
    for (const [place, char] of [..."59706a00"].entries()) key(char, 10_000 + place * 6);
    expect(field).toHaveValue(scanned === "search" ? "59706a00" : "1259706a00");
  });

  it("fades, so that nothing of it is written back later", () => {
    const field = fieldFor("search");
    const { clock, key } = heard(field);
    for (const [place, char] of [..."59706a00"].entries()) key(char, 10_000 + place * 6);
    clock.advance(2_000);
    field.value = "";
    // By its own time this key might still belong to them.
    key("7", 10_100);
    expect(field).toHaveValue("7");
  });
});
