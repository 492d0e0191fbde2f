import { screen, waitFor, within } from "@testing-library/svelte";
import { beforeAll, describe, expect, it } from "vitest";
import type { Attention } from "../src/host/contract.ts";
import { account, island, treasure } from "../src/host/fake/gateways.ts";
import type { FakeOrder } from "../src/host/fake/order.ts";
import { refused } from "../src/host/fake/people.ts";
import { alipay, scan, wechat } from "./hand.ts";
import { lastCall, pins, shop, type } from "./staff.ts";
import { askForCode, giveCode, type Opened, open, sell } from "./window.ts";

// The screen is loaded when it is first opened. A busy machine compiles it for longer than a test waits.
beforeAll(async () => {
  await import("../src/refunds/RefundScreen.svelte");
}, 300_000);

describe("what needs a person", () => {
  const matters = () =>
    open(shop(), (till) => {
      till.refunding.answers = [];
      till.seed("5.00", "paid", 400_000);
      till.seed("8.00", "paid", 300_000, { late: true, attentions: ["late_payment"] });
      till.seed("42.00", "paid", 200_000, { attentions: ["double_payment", "late_payment"] });
      till.seed("6.00", "closed", 100_000, { attentions: ["expired_here"] });
    });

  const toMatters = async ({ user }: Opened) => {
    await user.click(await screen.findByTestId("open-matters"));
    await screen.findAllByTestId(/^attention-row-/);
  };

  it("is counted on the rail and at the checkout, and listed weightiest first", async () => {
    const window = await matters();
    expect(await screen.findByTestId("open-matters")).toHaveTextContent("需要处理 3 件");
    expect(screen.getByTestId("rail-refunds")).toHaveTextContent("3");
    await toMatters(window);
    expect(screen.getAllByTestId(/^attention-row-/).map((row) => row.dataset.attention)).toEqual([
      "double_payment",
      "late_payment",
      "expired_here",
    ]);
    expect(screen.getByTestId("refund-tab-attention")).toHaveTextContent("待办 3");
    for (const row of screen.getAllByTestId(/^attention-row-/))
      expect(row.textContent).toMatch(/请交货或退款|要退款|不必处理/);
  });

  it("is listed in the till's own order of weight, each order with all that it needs somebody for", async () => {
    const weights: Attention[] = [
      "disputed",
      "refund_disputed",
      "double_payment",
      "refund_failed",
      "refund_unknown",
      "late_payment",
      "mark_contradicted",
      "refunded_elsewhere",
      "end_refused",
      "cannot_be_asked",
      "open_for_a_week",
      "expired_here",
    ];
    const window = await open(shop(), (till) => {
      for (const [at, attention] of weights.entries())
        till.seed("5.00", "paid", 900_000 - at * 1_000, { attentions: [attention] });
      till.seed("7.00", "paid", 10_000, { attentions: ["late_payment", "mark_contradicted", "refund_failed"] });
    });
    await toMatters(window);
    const rows = () => screen.getAllByTestId(/^attention-row-/);
    await waitFor(() => expect(rows()).toHaveLength(13));
    const shown = rows().map((row) => row.dataset.attention);
    expect(shown.filter((attention, at) => attention !== shown[at - 1])).toEqual(weights);
    const several = screen.getByTestId(`attention-row-${window.till.last.no}`);
    expect(several).toHaveAttribute("data-attention", "refund_failed");
    await waitFor(() =>
      expect(
        within(several)
          .getAllByTestId("attention-what")
          .map((what) => what.textContent),
      ).toEqual(["退款没有成功", "迟到付款", "人工标记与网关相反"]),
    );
    expect(several).not.toHaveTextContent("能另退一笔的就另退一笔");
    expect(several).toHaveTextContent("钱已收到：请交货或退款");
    expect(several).toHaveTextContent("对照凭据和网关后台");
  });

  it("is refunded in full by one key, filled in with amount and reason, and still wants the PIN", async () => {
    const window = await matters();
    await toMatters(window);
    const twice = window.till.orderList[2];
    await window.user.click(screen.getByTestId(`attention-open-${twice?.no}`));
    await waitFor(() => expect(screen.getByTestId("refund-amount")).toHaveValue(""));
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("refund-amount")).toBeNull());
    expect(screen.getByTestId(`attention-refund-${twice?.no}`)).toHaveTextContent("F4");
    await window.user.keyboard("{F4}");
    await waitFor(() => expect(screen.getByTestId("refund-amount")).toHaveValue("42.00"));
    expect(screen.getByTestId("refund-reason")).toHaveValue("重复付款");
    await window.user.click(screen.getByTestId("refund-send"));
    expect(await screen.findByText("还没有“陈店长”的密码。")).toBeVisible();
    await type(window, "refund-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("refund-send"));
    await waitFor(() => expect(twice?.refunds).toHaveLength(1));
    window.till.refunding.settle("succeeded");
    await waitFor(() => expect(screen.getByTestId("rail-refunds")).toHaveTextContent("2"));
  });

  it("is refunded in full by one key whatever weighs more beside it, unless nothing can go back now", async () => {
    const window = await open(shop("陈店长", { accounts: [account, treasure] }), (till) => {
      till.refunding.answers = [];
      const elsewhere = { account: "treasure", channel: "101", amount: "42.00", body: null, extra: {} };
      till.seed("42.00", "paid", 300_000, {
        request: { ...elsewhere, currency: null, expire_s: null, sale: null },
        attentions: ["double_payment"],
      });
      till.seed("6.00", "paid", 200_000, { late: true, attentions: ["refund_failed", "late_payment"] });
      till.seed("8.00", "paid", 100_000, { late: true, attentions: ["late_payment"] });
    });
    const [elsewhere, failed, late] = window.till.orderList.map(({ no }) => no) as [string, string, string];
    await toMatters(window);
    await waitFor(() => expect(screen.getByTestId(`attention-refund-${failed}`)).toHaveTextContent("F4"));
    await waitFor(() => expect(screen.queryByTestId(`attention-refund-${elsewhere}`)).toBeNull());
    expect(screen.getByTestId(`attention-refund-${late}`)).not.toHaveTextContent("F4");
    await window.user.keyboard("{F4}");
    await waitFor(() => expect(screen.getByTestId("refund-amount")).toHaveValue("6.00"));
    expect(screen.getByTestId("refund-reason")).toHaveValue("过时付款");
  });

  it("takes the gateway's number of an order that cannot be asked about, typed or scanned", async () => {
    const window = await open(shop());
    await sell(window);
    window.till.loseNumber();
    const { no } = window.till.last;
    await toMatters(window);
    await window.user.click(screen.getByTestId(`attention-open-${no}`));
    const field = await screen.findByTestId("gateway-no");
    await window.user.type(field, "4200001234202601051234567890{Enter}");
    await waitFor(() => expect(lastCall(window, "name")).toBe(`name ${no} 4200001234202601051234567890`));
    await waitFor(() => expect(screen.queryByTestId("gateway-no")).toBeNull());
  });

  it("says what does not match, with the amount that the gateway named", async () => {
    const window = await open(shop());
    await sell(window, "12.50");
    window.till.dispute("amount", window.till.last, { amount_minor: "1251" });
    const what = "金额不同：网关说 ¥12.51，这一单是 ¥12.50。";
    await toMatters(window);
    expect(await within(screen.getByTestId(`attention-row-${window.till.last.no}`)).findByText(what)).toBeVisible();
    await window.user.click(screen.getByTestId(`attention-open-${window.till.last.no}`));
    expect(await within(await screen.findByTestId("refund-order")).findByText(what)).toBeVisible();
    window.till.dispute("amount", window.till.last, { amount_minor: "1300" });
    const another = "金额不同：网关说 ¥13.00，这一单是 ¥12.50。";
    expect(await within(screen.getByTestId("refund-order")).findByText(another)).toBeVisible();
  });

  it("says what does not match where no amount was named", async () => {
    const window = await open(shop());
    await sell(window, "12.50");
    window.till.dispute("merchant");
    await toMatters(window);
    expect(await screen.findByTestId("mismatch")).toHaveTextContent(/商户/);
  });

  it("stays until somebody notes what was done", async () => {
    const window = await matters();
    await toMatters(window);
    const late = window.till.orderList[1];
    await window.user.click(screen.getByTestId(`attention-handle-${late?.no}`));
    await screen.findByTestId("attention-note");
    expect(screen.getByTestId("attention-done")).toBeDisabled();
    await type(window, "attention-note", "货已交给顾客");
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByTestId(`attention-row-${late?.no}`)).toBeNull());
    expect(lastCall(window, "handle")).toBe("handle late_payment");
    expect(late?.events.at(-1)).toMatchObject({ kind: "attention_handled", facts: { note: "货已交给顾客" } });
    await window.shows("open-matters", "需要处理 2 件");
  });

  it("that went back elsewhere is to be marked first, in the list and where it is handled", async () => {
    const window = await open(shop(), (till) => {
      till.seed("12.50", "paid", 60_000, { attentions: ["refunded_elsewhere"] });
    });
    await toMatters(window);
    const { no } = window.till.last;
    expect(screen.getByTestId(`attention-row-${no}`)).toHaveTextContent("先把这笔金额人工标记，再标为“已处理”");
    await window.user.click(screen.getByTestId(`attention-handle-${no}`));
    expect(await screen.findByTestId("handle-first")).toHaveTextContent("先把在别处退了多少人工标记好");
  });

  it("that is marked already is only to be handled, in the list, beside it and where it is handled", async () => {
    const mark: FakeOrder["marks"][number] = {
      what: "refunded",
      amount: "4.00",
      note: "后台流水 4200",
      by: "陈店长",
      second: "小李",
      at: new Date(0).toISOString(),
      refund_no: null,
      verdict: "open",
    };
    const window = await open(shop(), (till) => {
      till.seed("12.50", "paid", 60_000, { attentions: ["refunded_elsewhere"], marks: [mark] });
    });
    await toMatters(window);
    const { no } = window.till.last;
    const row = screen.getByTestId(`attention-row-${no}`);
    await waitFor(() => expect(row).toHaveTextContent("退了的已人工标记"));
    expect(row).not.toHaveTextContent("先把这笔金额人工标记");
    await window.user.click(screen.getByTestId(`attention-handle-${no}`));
    expect(await screen.findByTestId("handle-first")).toHaveTextContent(/^在别处退的已人工标记。/);
    await window.user.click(within(screen.getByTestId("handle-dialog")).getByText("取消"));
    await window.user.click(screen.getByTestId(`attention-open-${no}`));
    const pane = await screen.findByTestId("refund-order");
    expect(pane).toHaveTextContent("退了的已人工标记");
    expect(pane).not.toHaveTextContent("先把这笔金额人工标记");
  });

  it("is not handled by the last key of a scanner, whose payment code the note does not keep", async () => {
    const window = await matters();
    await toMatters(window);
    const { no } = window.till.orderList[1] as FakeOrder;
    await window.user.click(screen.getByTestId(`attention-handle-${no}`));
    await type(window, "attention-note", "货已交给顾客");
    const note = screen.getByTestId("attention-note");
    const code = "134567890123456789";
    for (const tear of [undefined, { at: 13, gap: 150 }, { at: 14, gap: 1_500 }]) {
      expect(scan(code, { suffix: ["Enter", "Enter"], ...(tear && { tear }) })).toBe(false);
      expect(note).toHaveValue("货已交给顾客");
    }
    expect(scan("6901234567892")).toBe(false);
    expect(note).toHaveValue("货已交给顾客6901234567892");
    await window.pass(1_000);
    expect(lastCall(window, "handle")).toBeUndefined();
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(lastCall(window, "handle")).toBe("handle late_payment"));
  });

  it("comes up by itself when a payment is late, and is no cashier's to handle", async () => {
    const window = await open(shop("小李"));
    await sell(window);
    window.till.end("closed");
    await screen.findByTestId("outcome");
    expect(screen.queryByTestId("open-matters")).toBeNull();
    window.till.pay();
    await window.shows("open-matters", "需要处理 1 件");
    await toMatters(window);
    expect(screen.queryByTestId(`attention-refund-${window.till.last.no}`)).toBeNull();
    expect(screen.queryByTestId(`attention-handle-${window.till.last.no}`)).toBeNull();
    expect(screen.getByTestId(`attention-open-${window.till.last.no}`)).toBeVisible();
  });

  it("says so where there is nothing", async () => {
    const window = await open(shop());
    await window.user.keyboard("{Alt>}3{/Alt}");
    await screen.findByTestId("refund-find");
    await window.user.keyboard("{F2}");
    expect(await screen.findByText("没有要处理的事")).toBeVisible();
    expect(screen.queryByTestId("open-matters")).toBeNull();
  });
});

describe("the manual mark", () => {
  const disputed = async (signedIn: "陈店长" | null = "陈店长") => {
    const window = await open(signedIn === null ? {} : shop(signedIn), (till) => {
      till.seed("12.50", "disputed", 60_000, { reason: "amount", attentions: ["disputed"] });
    });
    await window.user.click(await screen.findByTestId("open-matters"));
    await window.user.click(await screen.findByTestId(`attention-mark-${window.till.last.no}`));
    await screen.findByTestId("mark-dialog");
    return window;
  };

  it("stands beside the state, is never called paid, and is confirmed later", async () => {
    const window = await disputed();
    expect(screen.getByTestId("mark-what-paid").querySelector("input")).toBeChecked();
    await type(window, "mark-note", "顾客手机账单 10:42");
    await type(window, "mark-pin", pins.陈店长);
    await type(window, "mark-second-name", "王店长");
    await type(window, "mark-second-pin", "000000");
    await window.user.click(screen.getByTestId("mark-save"));
    expect(await screen.findByText(/还可以试 5 次/)).toBeVisible();
    await type(window, "mark-pin", pins.陈店长);
    await type(window, "mark-second-pin", pins.王店长);
    await window.user.click(screen.getByTestId("mark-save"));
    const mark = await screen.findByTestId("by-hand");
    expect(mark).toHaveAttribute("data-verdict", "open");
    expect(window.till.last.state).toBe("disputed");
    expect(screen.getByTestId("refund-not")).toHaveAttribute("data-why", "disputed");
    window.till.pay();
    await waitFor(() => expect(screen.getByTestId("by-hand")).toHaveTextContent("人工标记，后来平台已确认"));
  });

  it("is not sent by the last key of a scanner", async () => {
    const window = await disputed();
    await type(window, "mark-pin", pins.陈店长);
    await type(window, "mark-second-name", "王店长");
    await type(window, "mark-second-pin", pins.王店长);
    await type(window, "mark-note", "见");
    expect(scan("AB-6901234567", { suffix: ["Enter", "Enter"] })).toBe(false);
    expect(screen.getByTestId("mark-note")).toHaveValue("见AB-6901234567");
    screen.getByTestId("mark-second-pin").focus();
    expect(scan("6901234567892")).toBe(false);
    expect(screen.getByTestId("mark-second-pin")).toHaveValue(pins.王店长);
    await window.pass(1_000);
    expect(screen.getByTestId("mark-dialog")).toBeVisible();
    expect(window.till.last.marks).toEqual([]);
  });

  it("is never about another order than the one it was asked for", async () => {
    const window = await open(shop(), (till) => {
      till.seed("12.50", "disputed", 90_000, { reason: "amount", attentions: ["disputed"] });
      till.seed("30.00", "disputed", 60_000, { reason: "amount", attentions: ["disputed"] });
    });
    const { till, user } = window;
    const [first, second] = till.orderList.map(({ no }) => no) as [string, string];
    const answer = till.order.bind(till);
    await user.click(await screen.findByTestId("open-matters"));
    await user.click(await screen.findByTestId(`attention-open-${first}`));
    await screen.findByTestId("refund-order");

    // The order asked for cannot be had.
    till.order = async (no) => (no === second ? Promise.reject(refused("file_failed", { reason: "" })) : answer(no));
    await user.click(screen.getByTestId(`attention-mark-${second}`));
    await screen.findByTestId("notice");
    await user.click(screen.getByTestId(`attention-open-${first}`));
    await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", first));
    expect(screen.queryByTestId("mark-dialog")).toBeNull();

    // Somebody has gone back to the first before the second is here.
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    till.order = async (no) => {
      if (no === second) await arrived;
      return answer(no);
    };
    await user.click(screen.getByTestId(`attention-mark-${second}`));
    await user.click(screen.getByTestId(`attention-open-${first}`));
    arrive();
    await window.pass(1_000);
    expect(screen.queryByTestId("mark-dialog")).toBeNull();

    // And where it is here, the dialog names it.
    await user.click(screen.getByTestId(`attention-open-${second}`));
    await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", second));
    await user.click(screen.getByTestId(`attention-mark-${first}`));
    expect(await screen.findByTestId("mark-dialog")).toHaveTextContent(first.slice(-4));
  });

  it("is put away when another order comes on screen", async () => {
    const window = await open(shop(), (till) => {
      till.seed("12.50", "disputed", 90_000, { reason: "amount", attentions: ["disputed"] });
      till.seed("30.00", "disputed", 60_000, { reason: "amount", attentions: ["disputed"] });
    });
    const { till, user } = window;
    const [first, second] = till.orderList.map(({ no }) => no) as [string, string];
    await user.click(await screen.findByTestId("open-matters"));
    await user.click(await screen.findByTestId(`attention-open-${first}`));
    await screen.findByTestId("refund-order");
    let arrive = () => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const answer = till.order.bind(till);
    till.order = async (no) => arrived.then(() => answer(no));
    await user.click(screen.getByTestId(`attention-open-${second}`));
    await user.keyboard("{Alt>}[KeyM]{/Alt}");
    expect(await screen.findByTestId("mark-dialog")).toHaveTextContent(first.slice(-4));
    arrive();
    await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", second));
    expect(screen.queryByTestId("mark-dialog")).toBeNull();
  });

  it("is shown on the order at the counter in words of its own", async () => {
    const window = await open(shop(), (till) => {
      till.seed("12.50", "disputed", 60_000, {
        reason: "amount",
        marks: [
          {
            what: "paid",
            amount: "12.50",
            note: "账单",
            by: "陈店长",
            second: "小李",
            at: "2026-01-05T02:41:00+00:00",
            refund_no: null,
            verdict: "contradicted",
          },
        ],
      });
    });
    await window.user.click(screen.getByTestId(`open-order-${window.till.last.no.slice(-4)}`));
    expect(await screen.findByTestId("by-hand")).toHaveTextContent("人工标记，平台说法相反");
  });

  it("is not the owner's to make alone", async () => {
    await disputed(null);
    expect(screen.getByText(/人工标记要两个名字/)).toBeVisible();
    expect(screen.queryByTestId("mark-save")).toBeNull();
  });
});

describe("the guard at the counter", () => {
  const waiting = async (signedIn: "陈店长" | "小李" | null) => {
    const window = await open(signedIn === null ? {} : shop(signedIn));
    await sell(window);
    window.till.scan();
    await window.user.keyboard("{F9}");
    await screen.findByTestId("other-panel");
    expect(screen.getByTestId("other-panel")).toHaveAttribute("data-allowed", "false");
    return window;
  };

  it("lets a further order pass on a manager's name and PIN, and says what it risks", async () => {
    const window = await waiting("小李");
    await window.user.keyboard("{F6}");
    const dialog = await screen.findByTestId("overrule-dialog");
    expect(dialog).toHaveTextContent("顾客可能付两次");
    expect(dialog).toHaveTextContent("顾客正在付上一单");
    await type(window, "overrule-name", "小李");
    await type(window, "overrule-pin", pins.小李);
    await window.user.click(screen.getByTestId("overrule-go"));
    expect(await screen.findByText(/放行另开订单/)).toBeVisible();
    expect(window.till.orderList).toHaveLength(1);
    await type(window, "overrule-name", "陈店长");
    await type(window, "overrule-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    expect(window.till.last.sale).toBe(window.till.orderList[0]?.sale);
    expect(window.till.last.events.map(({ kind }) => kind)).toContain("further_overruled");
    await waitFor(() => expect(screen.queryByTestId("overrule-dialog")).toBeNull());
    expect(screen.getByTestId("state")).toHaveAttribute("data-order", window.till.last.no);
    expect(document.body.innerHTML).not.toContain(pins.陈店长);
  });

  it("knows a manager who is signed in by name already", async () => {
    const window = await waiting("陈店长");
    await window.user.click(screen.getByTestId("overrule"));
    await screen.findByTestId("overrule-dialog");
    expect(screen.getByTestId("overrule-name")).toHaveValue("陈店长");
    await type(window, "overrule-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
  });

  it("asks the owner for no PIN, but still says what it risks", async () => {
    const window = await waiting(null);
    await window.user.keyboard("{F6}");
    expect(await screen.findByTestId("overrule-dialog")).toHaveTextContent("顾客可能付两次");
    expect(screen.queryByTestId("overrule-pin")).toBeNull();
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
  });

  it("offers it beside the till's refusal, and sells what was refused", async () => {
    const window = await open(shop("小李"));
    await sell(window);
    window.till.end("failed");
    await screen.findByTestId("again");
    // The gateway has just said otherwise; this window has not heard yet.
    window.till.last.state = "paying";
    await window.user.click(screen.getByTestId("again"));
    expect(await screen.findByTestId("notice")).toHaveTextContent("暂时不能另开订单");
    await window.user.click(screen.getByTestId("overrule"));
    await type(window, "overrule-name", "王店长");
    await type(window, "overrule-pin", pins.王店长);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    expect(window.till.last.request.amount).toBe("12.50");
  });

  it("has both payments of a sale looked after when both come", async () => {
    const window = await waiting("陈店长");
    await window.user.click(screen.getByTestId("overrule"));
    await type(window, "overrule-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    for (const order of window.till.orderList) window.till.pay(order);
    await window.shows("open-matters", "需要处理 2 件");
  });

  it("keeps a payment code that was not sent, for the manager to let it pass", async () => {
    const window = await open(shop("陈店长", { accounts: [account, island] }));
    await sell(window);
    await window.user.keyboard("{F9}");
    await window.pass(2_000);
    await waitFor(() => expect(screen.getByTestId("other-panel")).toHaveAttribute("data-allowed", "true"));
    await window.user.keyboard("/");
    await window.user.click(await screen.findByTestId("pick-micropay"));
    // The gateway has just said otherwise; this window has not heard yet.
    window.till.last.state = "paying";
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("payment-code");
    await giveCode(window, "134567890123456789");
    await window.user.keyboard("{Enter}");
    expect(await screen.findByTestId("notice")).toHaveTextContent("暂时不能另开订单");
    expect(screen.getByTestId("code-ready")).toBeVisible();
    expect(window.till.codesSent).toEqual([]);
    await window.user.click(screen.getByTestId("overrule"));
    await type(window, "overrule-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.codesSent).toEqual(["134567890123456789"]));
  });

  it("asks the manager at once for a code that would run out before the one before has ended, and else drops it", async () => {
    const window = await open(shop("陈店长", { accounts: [account, island] }));
    await askForCode(window, "wechat.micro", "12.50");
    await giveCode(window, wechat);
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    await window.user.keyboard("{F9}/");
    await window.user.click(await screen.findByTestId("pick-micropay"));
    const toManager = async () => {
      await window.user.click(screen.getByTestId("overrule"));
      await screen.findByTestId("payment-code");
      await giveCode(window, alipay);
      await window.user.keyboard("{Enter}");
      await screen.findByTestId("overrule-dialog");
    };
    await toManager();
    expect(screen.queryByTestId("armed")).toBeNull();
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("overrule-dialog")).toBeNull());
    await window.shows("notice", /刚扫的付款码没有使用/);
    expect(screen.queryByTestId("code-ready")).toBeNull();
    expect(window.till.codesSent).toEqual([wechat]);

    await toManager();
    await type(window, "overrule-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.codesSent).toEqual([wechat, alipay]));
  });

  it("keeps a payment code for the order that a manager lets pass", async () => {
    const window = await open(shop("陈店长", { accounts: [account, island] }));
    await sell(window);
    window.till.scan();
    await window.user.keyboard("{F9}/");
    await window.user.click(await screen.findByTestId("pick-micropay"));
    await window.user.click(screen.getByTestId("overrule"));
    await screen.findByTestId("payment-code");
    await giveCode(window, "134567890123456789");
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("armed");
    await window.user.click(screen.getByTestId("overrule"));
    await type(window, "overrule-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.codesSent).toEqual(["134567890123456789"]));
  });
});
