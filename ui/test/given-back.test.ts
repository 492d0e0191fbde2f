//! What can go back, by goods or by amount, and who may ask for it by a key.
import { screen, waitFor } from "@testing-library/svelte";
import { beforeAll, describe, expect, it } from "vitest";
import { account, harbour, speaker, treasure } from "../src/host/fake/gateways.ts";
import type { FakeOrder } from "../src/host/fake/order.ts";
import type { FakeTill, Script } from "../src/host/fake/till.ts";
import { lastCall, openRefund, pins, shop, type } from "./staff.ts";
import { type Opened, open } from "./window.ts";

// The screen is loaded when it is first opened. A busy machine compiles it for longer than a test waits.
beforeAll(async () => {
  await import("../src/refunds/RefundScreen.svelte");
}, 300_000);

const request = (of: string, channel: string, amount: string) => ({
  account: of,
  channel,
  amount,
  body: null,
  extra: {},
  currency: null,
  expire_s: null,
  sale: null,
});

async function shown(
  who: "陈店长" | null,
  make: (till: FakeTill) => FakeOrder,
  more: Script = {},
): Promise<Opened & { order: FakeOrder }> {
  const found: FakeOrder[] = [];
  const script = shop(who, { accounts: [account, harbour, treasure, speaker], settings: { language: "en" }, ...more });
  const window = await open(script, (till) => {
    till.refunding.answers = [];
    found.push(make(till));
  });
  const [order] = found;
  if (order === undefined) throw new Error("no order was made");
  await openRefund(window, order);
  return { ...window, order };
}

const marked = (amount: string): FakeOrder["marks"][number] => ({
  what: "refunded",
  amount,
  note: "back office",
  by: "陈店长",
  second: "小李",
  at: new Date(0).toISOString(),
  refund_no: null,
  verdict: "open",
});

describe("an order at a gateway without refunds", () => {
  it("has nothing left once all of it was marked, and sends nobody to the back office", async () => {
    await shown("陈店长", (till) =>
      till.seed("15.00", "paid", 60_000, { request: request("treasure", "101", "15.00"), marks: [marked("15.00")] }),
    );
    const not = await screen.findByTestId("refund-not");
    expect(not).toHaveTextContent("Nothing is left to give back: all of it was marked by hand as given back.");
    expect(not).not.toHaveTextContent(/back office/);
    expect(screen.queryByTestId("refund-not-mark")).toBeNull();
  });

  it("still sends there while something is left", async () => {
    await shown("陈店长", (till) =>
      till.seed("15.00", "paid", 60_000, { request: request("treasure", "101", "15.00"), marks: [marked("5.00")] }),
    );
    expect(await screen.findByTestId("refund-not")).toHaveTextContent("Sign in to Jubao's back office");
  });
});

describe("goods", () => {
  it.each([
    [false, ""],
    [true, " --training"],
  ])("that are not known here can be named by a command (training: %s)", async (training, chosen) => {
    const { till, order } = await shown(
      "陈店长",
      (till) => till.seed("36.00", "paid", 60_000, { request: request("speaker", "voice", "36.00") }),
      { training },
    );
    const lacks = await screen.findByTestId("refund-no-lines");
    expect(lacks).toHaveTextContent("this order was taken in without any");
    const program = `tillkeeper --data-dir "~/.local/share/tillkeeper"${chosen}`;
    expect(lacks).toHaveTextContent(`${program} refund ${order.no} AMOUNT --item ID:QTY:AMOUNT`);
    expect(screen.queryByTestId("refund-send")).toBeNull();
    const wanted = { order_no: order.no, amount: "1.00", reason: "returned", items: [] };
    await expect(till.refund(wanted, { pin: pins.陈店长, second: null })).rejects.toMatchObject({
      refusal: { code: "refund_lines_needed" },
    });
  });

  it("can be chosen where an amount alone would do, and make the amount", async () => {
    const items = [
      { id: "tea", quantity: 2, amount_minor: 2_400 },
      { id: "cup", quantity: 1, amount_minor: 1_200 },
    ];
    const window = await shown("陈店长", (till) => till.seed("36.00", "paid", 60_000, { items }));
    const amount = await screen.findByTestId("refund-amount");
    await type(window, "refund-line-tea", "1");
    expect(amount).toHaveValue("12.00");
    await type(window, "refund-amount", "5.00");
    expect(screen.getByTestId("refund-line-tea")).toHaveValue("");
    await window.user.keyboard("{F4}");
    expect(amount).toHaveValue("36.00");
    expect(screen.getByTestId("refund-line-tea")).toHaveValue("2");
    await type(window, "refund-line-cup", "0");
    expect(amount).toHaveValue("24.00");
    await window.user.click(screen.getByTestId("refund-reason-returned"));
    await type(window, "refund-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("refund-send"));
    await waitFor(() => expect(lastCall(window, "refund ")).toBe("refund 24.00"));
    expect(window.till.refunding.last.items).toEqual([{ id: "tea", quantity: 2, amount_minor: 2_400 }]);
  });
});

describe("somebody without rights", () => {
  const failed = (till: FakeTill) => {
    const order = till.seed("64.00", "paid", 40_000, { attentions: ["refund_failed"] });
    order.refunds = [
      {
        no: "TR7Q2F9M0K3C5D8E1HABMNPQ8K0M",
        minor: 800,
        state: "failed",
        reason: "x",
        by: "陈店长",
        second: null,
        items: [],
        gatewayNo: null,
        said: null,
        requested: 0,
        sent: 0,
        ended: 1,
        maySucceedUntil: null,
        unanswered: 0,
        trouble: null,
        again: true,
      },
    ];
    return order;
  };

  it("opens by key no dialog whose button is not there", async () => {
    const window = await shown(null, failed);
    await window.user.keyboard("{Alt>}h{/Alt}{Alt>}m{/Alt}{Alt>}a{/Alt}");
    await window.pass(0);
    expect(document.querySelector("dialog")).toBeNull();
    expect(lastCall(window, "again ")).toBeUndefined();
  });

  it("is a manager's counterpart, for whom the same key opens it", async () => {
    const window = await shown("陈店长", failed);
    await window.user.keyboard("{Alt>}h{/Alt}");
    await waitFor(() => expect(document.querySelector("dialog")).not.toBeNull());
  });
});
