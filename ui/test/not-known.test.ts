//! An order that may still be paid is not called unpaid, and the gateway can be asked about it wherever that is the next step.
import { cleanup, screen, waitFor } from "@testing-library/svelte";
import { beforeAll, describe, expect, it } from "vitest";
import { errorWords } from "../src/host/bindings.ts";
import type { ByHandView, Came, Language } from "../src/host/contract.ts";
import type { FakeOrder } from "../src/host/fake/order.ts";
import type { FakeTill } from "../src/host/fake/till.ts";
import { openRefund, pins, shop } from "./staff.ts";
import { type Opened, open, sell } from "./window.ts";

// The screens are loaded when they are first opened. A busy machine compiles them for longer than a test waits.
beforeAll(async () => {
  await Promise.all([import("../src/refunds/RefundScreen.svelte"), import("../src/orders/OrdersScreen.svelte")]);
}, 300_000);

const mark: ByHandView = {
  what: "paid",
  amount: "12.50",
  note: "账单 10:42",
  by: "陈店长",
  second: "小李",
  at: "2026-01-05T02:41:00+00:00",
  refund_no: null,
  verdict: "open",
};

const expired = (till: FakeTill) =>
  till.seed("12.50", "closed", 60_000, { endReason: "expired_here", attentions: ["expired_here"] });

const neverKnown = (till: FakeTill) => till.seed("12.50", "closed", 60_000, { endReason: "never_created" });

/** Ends of the till's own. */
const unconfirmed = ["expired_here", "never_created"] as const;

/** Nobody knows here whether it was paid. */
const unknown: [string, (till: FakeTill) => FakeOrder][] = [
  ["open", (till) => till.seed("12.50", "awaiting_payment", 60_000)],
  ["perhaps never created", (till) => till.seed("12.50", "create_unknown", 60_000)],
  [
    "not to be asked about",
    (till) => till.seed("12.50", "create_unknown", 60_000, { attentions: ["cannot_be_asked"] }),
  ],
  ["expired here", expired],
  ["not known to the gateway", neverKnown],
  ["marked by hand as paid", (till) => till.seed("12.50", "closed", 60_000, { marks: [mark] })],
];

/** A manager has it on the refund screen. */
async function looked(
  prepare: (till: FakeTill) => FakeOrder,
  language: Language = "zh-CN",
): Promise<Opened & { order: FakeOrder }> {
  const window = await open(shop("陈店长", { settings: { language } }), (till) => {
    till.refunding.answers = [];
    prepare(till);
  });
  const order = window.till.last;
  await window.user.keyboard("{Alt>}3{/Alt}");
  await window.user.click(await screen.findByTestId("refund-paid-only"));
  await window.user.click(await screen.findByTestId(`refund-row-${order.no}`));
  await screen.findByTestId("refund-not");
  return { ...window, order };
}

describe("an order of which nobody knows here whether it was paid", () => {
  it.each([
    ["zh-CN", /没有收到款|没有收款|没有可退/, "网关说已付款之前"],
    ["zh-HK", /沒有收到款項|沒有收款|沒有可退/, "網關表示已付款之前"],
    ["en", /nothing was paid|nothing to give back/i, "before"],
  ] as const)("is not called unpaid where it is to be refunded (%s)", async (language, unpaid, before) => {
    for (const [, prepare] of unknown) {
      await looked(prepare, language);
      const not = screen.getByTestId("refund-not");
      expect(not).toHaveAttribute("data-why", "not_paid");
      expect(not).toHaveTextContent(before);
      expect(not).not.toHaveTextContent(unpaid);
      cleanup();
    }
  });

  it("is told from one that the gateway itself ended unpaid", async () => {
    await looked((till) => till.seed("12.50", "closed", 60_000));
    expect(screen.getByTestId("refund-not")).toHaveTextContent("这一单没有收到款，没有可退的。");
  });

  it.each([
    ["zh-CN", "没有收款", "没有得知付款"],
    ["zh-HK", "沒有收款", "未得知付款"],
    ["en", "nothing was paid", "no payment is known"],
  ] as const)("is headed by what is known once its time is up here (%s)", async (language, unpaid, known) => {
    await looked(expired, language);
    const pane = screen.getByTestId("refund-order");
    expect(pane).toHaveTextContent(known);
    expect(pane).not.toHaveTextContent(unpaid);
  });

  it.each([
    ["zh-CN", "没有收款", "网关没有这一单，没有得知付款", "还会再查几次"],
    ["zh-HK", "沒有收款", "網關沒有這張單，未得知付款", "還會再查詢數次"],
    ["en", "nothing was paid", "No such order at the gateway, no payment is known", "looked for a few more times"],
  ] as const)("is not called unpaid where no such order is known (%s)", async (language, unpaid, known, looks) => {
    const { till, order, user } = await looked(neverKnown, language);
    const pane = screen.getByTestId("refund-order");
    expect(pane).toHaveTextContent(known);
    expect(pane).not.toHaveTextContent(unpaid);
    await user.keyboard("{Alt>}[KeyO]{/Alt}");
    const story = await screen.findByTestId("timeline");
    await waitFor(() => expect(story).toHaveTextContent(known));
    // A further question is promised only while one is planned.
    expect(story).not.toHaveTextContent(looks);
    const update = till.update([order]);
    for (const { asking } of update.orders.map(({ live }) => live)) asking.next_in_ms = 600_000;
    till.send(update);
    await waitFor(() => expect(story).toHaveTextContent(looks));
  });

  it.each(unconfirmed)("is not said to be confirmed unpaid where another way to pay is chosen (%s)", async (why) => {
    const window = await open();
    await sell(window);
    window.till.end("closed", why);
    await screen.findByTestId("outcome");
    await window.user.keyboard("{F9}");
    await window.shows("further", "仍可能有人付");
    expect(screen.getByTestId("further")).not.toHaveTextContent("确认");
    cleanup();

    const lost = await open({ create: "lost" });
    await sell(lost);
    await lost.pass(5_000);
    await lost.user.keyboard("{F9}");
    await lost.shows("further", "没有人能付上一单，可以换");
  });

  it("is not counted as unpaid among those that were open when the till stopped", async () => {
    await open({}, (till) => {
      const { no } = expired(till);
      till.recover({ order_nos: [no], still_asking: 0, paid: 0, ended: 1, open: 0, in_doubt: 0, not_asked: 0 });
    });
    const sheet = await screen.findByTestId("recovery");
    expect(sheet).toHaveTextContent("1 笔已结束，没有得知付款");
    expect(sheet).not.toHaveTextContent("没有收款");
  });
});

describe("asking the gateway now", () => {
  it("is one key where the order is to be refunded, and says what came of it", async () => {
    const { user, till, clock, order, shows } = await looked((till) => till.seed("12.50", "awaiting_payment", 60_000));
    expect(screen.getByTestId("ask-now")).toHaveTextContent("F5");
    await user.keyboard("{F5}");
    await shows("asked", "网关已应答，没有变化");
    expect(till.calls).toContain(`ask ${order.no}`);
    till.gatewayUp = false;
    await user.click(screen.getByTestId("ask-now"));
    await shows("asked", "连不上网关");
    till.gatewayUp = true;
    // It was paid, and this window has not heard yet.
    Object.assign(order, { state: "paid", paidAt: clock.now(), gatewayTime: clock.now() });
    await user.keyboard("{F5}");
    expect(await screen.findByTestId("refund-amount")).toBeVisible();
    expect(screen.getByTestId("asked")).toHaveTextContent(/^$/);
  });

  it.each([
    ["zh-CN", "这次没有去问：网关要求稍候"],
    ["zh-HK", "這次沒有查詢：網關要求稍候"],
    ["en", "Not asked just now: the gateway wants a pause"],
  ] as const)("says that it was not asked where no question left (%s)", async (language, said) => {
    const { user, till, clock, order, shows } = await looked(
      (till) => till.seed("12.50", "awaiting_payment", 60_000),
      language,
    );
    // The gateway answered busy before, and wants a pause: the trouble is old.
    till.gatewayUp = false;
    till.poll();
    const ask = till.ask.bind(till);
    till.ask = async (no) => ({ shown: await till.order(no), came: { not_asked: "patience" } });
    clock.advance(1_000);
    await user.keyboard("{F5}");
    await shows("asked", said);
    till.ask = ask;
    till.gatewayUp = true;
    await user.keyboard("{F5}");
    await waitFor(() => expect(screen.getByTestId("asked")).not.toHaveTextContent(said));
    expect(till.calls).toContain(`ask ${order.no}`);
  });

  it.each<[Language, Came, string]>([
    ["zh-CN", "answered", "网关已应答，没有变化"],
    ["zh-CN", "not_stored", "网关的应答还没能写入流水"],
    ["zh-HK", "not_stored", "網關的回應尚未能寫入流水"],
    ["en", "not_stored", "What the gateway said could not be written into the journal yet"],
    ["zh-CN", { not_asked: "stores_first" }, "这次没有去问：先前发生的事还没能写入流水"],
    ["zh-HK", { not_asked: "stores_first" }, "這次沒有查詢：先前發生的事尚未能寫入流水"],
    [
      "en",
      { not_asked: "stores_first" },
      "Not asked just now: what happened before could not be written into the journal",
    ],
    ["zh-CN", { not_asked: "over" }, "刚才没有问到网关"],
    ["zh-CN", { not_asked: "keyring" }, "收银台无法发出询问"],
    ["zh-CN", { unanswered: "timed_out" }, "网关超时"],
  ])("says what came of it whatever was counted (%s, %j)", async (language, came, said) => {
    const { user, till, shows } = await looked((till) => till.seed("12.50", "awaiting_payment", 60_000), language);
    till.ask = async (no) => ({ shown: await till.order(no), came });
    await user.keyboard("{F5}");
    await shows("asked", said);
  });

  it("says what keeps the till from asking or from storing the answer, and nothing once that is over", async () => {
    const { user, till, shows } = await looked((till) => till.seed("12.50", "awaiting_payment", 60_000));
    till.notices = [{ code: "disk_full", facts: {} }];
    till.recover(null);
    await user.keyboard("{F5}");
    await shows("asked", errorWords.disk_full.what["zh-CN"].slice(0, 3));
    expect(screen.getByTestId("asked")).not.toHaveTextContent("没有变化");
    till.notices = [];
    till.recover(null);
    await shows("asked", /^$/);
  });

  it("leaves the key to the reasons where the form is", async () => {
    const window = await open(shop(), (till) => till.seed("12.50", "paid", 60_000));
    await openRefund(window, window.till.last);
    expect(screen.getByTestId("ask-now")).not.toHaveTextContent("F5");
    await window.user.keyboard("{F5}");
    expect(screen.getByTestId("refund-reason")).toHaveValue("顾客退货");
    expect(window.till.calls).not.toContain(`ask ${window.till.last.no}`);
    await window.user.click(screen.getByTestId("ask-now"));
    await window.shows("asked", "网关已应答，没有变化");
  });

  it("is not advised where the gateway cannot be asked: its own number is, or its notification", async () => {
    await looked((till) => till.seed("12.50", "create_unknown", 60_000, { attentions: ["cannot_be_asked"] }));
    expect(screen.queryByTestId("ask-now")).toBeNull();
    const not = screen.getByTestId("refund-not");
    expect(not).not.toHaveTextContent("立即查询");
    expect(not).toHaveTextContent("用这个单号查询");
    expect(not).toHaveTextContent("等网关通知");
    expect(screen.getByTestId("name-gateway-no")).toHaveTextContent("用这个单号查询");
  });

  it("is one key beside the story of an order, whether or not it has ended", async () => {
    const window = await open(shop(), expired);
    await window.user.keyboard("{Alt>}2{/Alt}");
    await window.user.click(await screen.findByTestId(/^order-row-/));
    await window.shows("state-line", "已到时，目前没有得知付款");
    await window.user.keyboard("{F5}");
    await window.shows("asked", "网关已应答，没有变化");
    expect(window.till.calls).toContain(`ask ${window.till.last.no}`);
    window.till.pay();
    await window.shows("state-line", "已收款，在订单结束之后才得知");
    await waitFor(() => expect(screen.getByTestId("asked")).toHaveTextContent(/^$/));
  });
});

describe("a mark by hand", () => {
  it("is not advised twice, and leaves the order to be asked about", async () => {
    const { till, order } = await looked((till) => till.seed("12.50", "awaiting_payment", 60_000));
    expect(screen.getByTestId("refund-not")).toHaveTextContent("看到凭据时可以人工标记");
    till.refunding.mark(
      order.no,
      { what: "paid", amount: "12.50", refund_no: null, note: "账单 10:42" },
      { pin: pins.陈店长, second: { name: "小李", pin: pins.小李 } },
    );
    const not = screen.getByTestId("refund-not");
    await waitFor(() => expect(not).toHaveTextContent("已人工标记为顾客已付款，但网关还没有说"));
    expect(not).not.toHaveTextContent("看到凭据时可以人工标记");
    expect(screen.getByTestId("ask-now")).toBeVisible();
  });
});
