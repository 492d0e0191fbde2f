import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { beforeAll, describe, expect, it } from "vitest";
import type { Item } from "../src/host/contract.ts";
import { account, harbour, speaker, treasure } from "../src/host/fake/gateways.ts";
import type { FakeOrder } from "../src/host/fake/order.ts";
import type { FakeTill } from "../src/host/fake/till.ts";
import { en } from "../src/words/refunds/en.ts";
import { zhCN } from "../src/words/refunds/zh-CN.ts";
import { zhHK } from "../src/words/refunds/zh-HK.ts";
import { keyTime, scan, stamp } from "./hand.ts";
import { openRefund, pins, shop, type } from "./staff.ts";
import { type Opened, open } from "./window.ts";

// The screen is loaded when it is first opened. A busy machine compiles it for longer than a test waits.
beforeAll(async () => {
  await import("../src/refunds/RefundScreen.svelte");
}, 300_000);

const accounts = [account, harbour, treasure, speaker];

async function manager(prepare: (till: FakeTill) => FakeOrder): Promise<Opened & { order: FakeOrder }> {
  const found: { order?: FakeOrder } = {};
  const window = await open(shop("陈店长", { accounts }), (till) => {
    till.refunding.answers = [];
    found.order = prepare(till);
  });
  if (found.order === undefined) throw new Error("no order was made");
  return { ...window, order: found.order };
}

/** Fills in what is common to all and presses the button. */
async function send(window: Opened, amount: string | null = null, pin: string = pins.陈店长): Promise<void> {
  if (amount !== null) await type(window, "refund-amount", amount);
  await window.user.click(screen.getByTestId("refund-reason-returned"));
  await type(window, "refund-pin", pin);
  await window.user.click(screen.getByTestId("refund-send"));
}

const state = (till: FakeTill) => screen.findByTestId(`refund-state-${till.refunding.last.no}`);

/** Before the gateway has taken it on no other part can go back. */
async function takenOn(window: Opened): Promise<void> {
  expect(screen.queryByTestId("refund-more")).toBeNull();
  window.till.refunding.settle("processing");
  await window.user.click(await screen.findByTestId("refund-more"));
}

describe("a refund", () => {
  it("goes from the find field to sent by keyboard alone", async () => {
    const window = await manager((till) => {
      till.seed("30.00", "paid", 90_000);
      return till.seed("12.50", "paid", 60_000);
    });
    const { user, till } = window;
    await user.keyboard("{Alt>}3{/Alt}");
    await waitFor(() => expect(screen.getByTestId("refund-find")).toHaveFocus());
    await user.keyboard("12.5");
    await waitFor(() => expect(screen.getAllByTestId(/^refund-row-/)).toHaveLength(1));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByTestId("refund-amount")).toHaveFocus());
    await user.keyboard("{F4}{F5}");
    expect(screen.getByTestId("refund-amount")).toHaveValue("12.50");
    expect(screen.getByTestId("refund-reason")).toHaveValue("顾客退货");
    expect(screen.getByText(/^把 ¥12.50 原路退回给顾客（微信支付 · 尾号 \w{4}）。$/)).toBeVisible();
    expect(screen.getByText("退后这一单就全部退完。")).toBeVisible();
    for (let at = 0; at < 12 && document.activeElement !== screen.getByTestId("refund-pin"); at += 1) await user.tab();
    await user.keyboard(`${pins.陈店长}{Enter}`);
    expect(await state(till)).toHaveAttribute("data-state", "sent");
    expect(till.refunding.last).toMatchObject({ minor: 1250, reason: "顾客退货", by: "陈店长", second: null });
    expect(document.body.innerHTML).not.toContain(pins.陈店长);
    expect(screen.getByTestId("refund-next")).toHaveFocus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByTestId("refund-find")).toHaveFocus());
  });

  it("tells the truth from sent to taken on to given back, and says it aloud", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    const { till } = window;
    await openRefund(window, window.order);
    await window.user.click(screen.getByTestId("refund-full"));
    await send(window);
    const card = await state(till);
    expect(card).toHaveTextContent("已发往网关，等它应答");
    await window.pass(12_000);
    await waitFor(() => expect(card).toHaveTextContent("已发出，网关 12 秒没有应答，还在等它应答。"));
    expect(card).not.toHaveTextContent("询问");
    till.refunding.settle("processing");
    await waitFor(() => expect(card).toHaveTextContent("网关已受理，还没有说款已退回"));
    for (const claim of ["在路上", "到账"]) expect(card).not.toHaveTextContent(claim);
    till.refunding.settle("succeeded");
    await waitFor(() => expect(card).toHaveAttribute("data-state", "succeeded"));
    expect(card).toHaveTextContent("网关确认款项已退回顾客的钱包");
    await window.shows("announcement", "¥12.50 已退给顾客");
    expect(screen.queryByTestId("refund-more")).toBeNull();
  });

  it("of all that there was keeps the focus on the next order when it has gone back", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    const { till, user } = window;
    await openRefund(window, window.order);
    await user.click(screen.getByTestId("refund-full"));
    await send(window);
    const card = await state(till);
    for (const end of ["processing", "succeeded"] as const) {
      till.refunding.settle(end);
      await waitFor(() => expect(card).toHaveAttribute("data-state", end));
      await window.pass(1_000);
      expect(screen.getByTestId("refund-next")).toHaveFocus();
    }
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByTestId("refund-find")).toHaveFocus());
  });

  it("that was sent and is not answered is waited for in every language: nothing asks before that", () => {
    const sent = [zhCN, zhHK, en].map(({ truth }) => truth.sent("12 s"));
    for (const sentence of sent) expect(sentence).not.toMatch(/询问|查詢|asking/);
  });

  it("goes back to whatever way it was paid", () => {
    expect(en.confirm("¥5.00", "Voice orders")).toBe("¥5.00 goes back the way it was paid: Voice orders.");
  });

  it("of a part leaves the rest, which can go back as well", async () => {
    const window = await manager((till) => till.seed("88.00", "paid", 60_000));
    const { till } = window;
    await openRefund(window, window.order);
    await type(window, "refund-amount", "20.00");
    expect(screen.getByText("退后这一单还能退 ¥68.00。")).toBeVisible();
    await send(window);
    await state(till);
    expect(screen.getByTestId("refund-order")).toHaveTextContent("正在退 ¥20.00");
    expect(screen.getByTestId("refund-order")).toHaveTextContent("还能退 ¥68.00");
    till.refunding.settle("succeeded");
    await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveTextContent("已退 ¥20.00"));
    await window.user.click(screen.getByTestId("refund-more"));
    await window.user.click(screen.getByTestId("refund-full"));
    await send(window);
    await waitFor(() => expect(till.refunding.last.minor).toBe(6800));
    till.refunding.settle("succeeded");
    expect(await screen.findByTestId("refund-order")).toHaveTextContent("还能退 ¥0.00");
  });

  it("over what is left is warned of, refused with a sentence, and sends nothing", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    await openRefund(window, window.order);
    await type(window, "refund-amount", "12.51");
    expect(screen.getByText("超过还能退的 ¥12.50")).toBeVisible();
    await send(window);
    const refused = await screen.findByTestId("refund-refused");
    expect(within(refused).getByText(/^最多还可以退 12.50 CNY。/)).toBeVisible();
    expect(refused.querySelector("[data-code]")).toHaveAttribute("data-code", "refund_over_ceiling");
    expect(window.order.refunds).toHaveLength(0);
  });

  it("of what is no amount is said to be none, and nothing can be sent", async () => {
    const window = await manager((till) => till.seed("950.00", "paid", 60_000));
    await openRefund(window, window.order);
    for (const typed of ["9,50", "9，50", "12.505", "-1", "1e3"]) {
      await window.user.clear(screen.getByTestId("refund-amount"));
      await type(window, "refund-amount", typed);
      expect(screen.getByText(/不成金额/)).toBeVisible();
      expect(screen.getByTestId("refund-send")).toBeDisabled();
    }
    await window.user.clear(screen.getByTestId("refund-amount"));
    await type(window, "refund-amount", "９。５０");
    expect(screen.queryByText(/不成金额/)).toBeNull();
    expect(screen.getByTestId("refund-send")).toHaveTextContent("¥9.50");
  });

  it("counts what is on its way against the ceiling", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    await openRefund(window, window.order);
    await send(window, "10");
    await state(window.till);
    await takenOn(window);
    await send(window, "2.51");
    expect(await screen.findByText(/^最多还可以退 2.50 CNY。/)).toBeVisible();
    expect(window.order.refunds).toHaveLength(1);
  });

  it("wants a reason where the shop wants one, before any PIN leaves", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    await openRefund(window, window.order);
    await type(window, "refund-amount", "5");
    await type(window, "refund-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("refund-send"));
    expect(await screen.findByText("还没有填写退款原因。")).toBeVisible();
    await waitFor(() => expect(screen.getByTestId("refund-reason")).toHaveFocus());
    expect(window.till.calls.filter((call) => call.startsWith("refund"))).toEqual([]);
  });

  it("counts its reason in bytes as the till does, and goes back to the reason when it is too long", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    await openRefund(window, window.order);
    await type(window, "refund-amount", "5");
    await type(window, "refund-reason", "退".repeat(26));
    expect(screen.queryByText("原因超过网关能接受的长度，请缩短")).toBeNull();
    await type(window, "refund-reason", "退".repeat(27));
    expect(screen.getByText("原因超过网关能接受的长度，请缩短")).toBeVisible();
    await type(window, "refund-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("refund-send"));
    expect(await screen.findByText("退款原因太长：网关只收一行，最多 80 字节，一个汉字算 3 个。")).toBeVisible();
    await waitFor(() => expect(screen.getByTestId("refund-reason")).toHaveFocus());
    expect(window.order.refunds).toHaveLength(0);
  });

  const goods = (amount: string, items: Item[]) =>
    manager((till) =>
      till.seed(amount, "paid", 60_000, {
        request: {
          account: "speaker",
          channel: "voice",
          amount,
          currency: null,
          body: null,
          extra: {},
          expire_s: null,
          sale: null,
        },
        items,
      }),
    );

  it("goes by lines where the gateway wants lines: what is chosen is the amount", async () => {
    const window = await goods("36.00", [
      { id: "tea", quantity: 2, amount_minor: 2400 },
      { id: "cup", quantity: 3, amount_minor: 1200 },
    ]);
    await openRefund(window, window.order);
    expect(screen.queryByTestId("refund-amount")).toBeNull();
    await type(window, "refund-line-tea", "1");
    await type(window, "refund-line-cup", "9");
    expect(screen.getByTestId("refund-line-cup")).toHaveValue("3");
    expect(screen.getByTestId("refund-send")).toHaveTextContent("退款 ¥24.00");
    await send(window);
    await state(window.till);
    expect(window.till.refunding.last).toMatchObject({
      minor: 2400,
      items: [
        { id: "tea", quantity: 1, amount_minor: 1200 },
        { id: "cup", quantity: 3, amount_minor: 1200 },
      ],
    });
    await takenOn(window);
    expect(screen.queryByTestId("refund-line-cup")).toBeNull();
    await window.user.click(screen.getByTestId("refund-full"));
    expect(screen.getByTestId("refund-send")).toHaveTextContent("退款 ¥12.00");
  });

  it("of a part of a line takes its share rounded down, and the rest takes all that is left of it", async () => {
    const window = await goods("10.00", [{ id: "tea", quantity: 3, amount_minor: 1000 }]);
    await openRefund(window, window.order);
    await type(window, "refund-line-tea", "1");
    await send(window);
    await state(window.till);
    expect(window.till.refunding.last.items).toEqual([{ id: "tea", quantity: 1, amount_minor: 333 }]);
    await takenOn(window);
    expect(screen.getByText("共 2 件 ¥6.67")).toBeVisible();
    await type(window, "refund-line-tea", "2");
    await send(window);
    await waitFor(() => expect(window.order.refunds).toHaveLength(2));
    expect(window.order.refunds[1]?.items).toEqual([{ id: "tea", quantity: 2, amount_minor: 667 }]);
  });

  it("of all goods takes exactly what the till says is left of each, whatever went back before", async () => {
    const window = await goods("36.00", [
      { id: "tea", quantity: 2, amount_minor: 2400 },
      { id: "cup", quantity: 3, amount_minor: 1200 },
    ]);
    const { till, order } = window;
    const items = [{ id: "tea", quantity: 1, amount_minor: 500 }];
    const request = { order_no: order.no, amount: "5.00", reason: "顾客退货", items };
    till.refunding.ask(request, { pin: pins.陈店长, second: null });
    till.refunding.settle("succeeded");
    await openRefund(window, order);
    await type(window, "refund-line-tea", "1");
    expect(screen.getByTestId("refund-send")).toHaveTextContent("退款 ¥19.00");
    await window.user.click(screen.getByTestId("refund-full"));
    expect(screen.getByTestId("refund-send")).toHaveTextContent("退款 ¥31.00");
    await send(window);
    await waitFor(() => expect(order.refunds).toHaveLength(2));
    expect(order.refunds[1]?.items).toEqual([
      { id: "tea", quantity: 1, amount_minor: 1900 },
      { id: "cup", quantity: 3, amount_minor: 1200 },
    ]);
  });

  it("counts wrong PINs to the lock-out, and gives nothing back", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    await openRefund(window, window.order);
    await send(window, "5", "000000");
    expect(await screen.findByText(/还可以试 5 次/)).toBeVisible();
    expect(screen.getByTestId("refund-pin")).toHaveValue("");
    await waitFor(() => expect(screen.getByTestId("refund-pin")).toHaveFocus());
    for (let tries = 2; tries <= 6; tries += 1) {
      await type(window, "refund-pin", "000000");
      await window.user.click(screen.getByTestId("refund-send"));
      await waitFor(() => expect(window.till.calls.filter((call) => call.startsWith("refund"))).toHaveLength(tries));
    }
    expect(await screen.findByText(/约 30 分钟后再试/)).toBeVisible();
    expect(window.order.refunds).toHaveLength(0);
  });

  it("above the limit has a second person sign, who is somebody else", async () => {
    const window = await manager((till) => till.seed("800.00", "paid", 60_000));
    await openRefund(window, window.order);
    await type(window, "refund-amount", "500");
    expect(screen.queryByTestId("refund-second-name")).toBeNull();
    await type(window, "refund-amount", "500.01");
    expect(screen.getByText("这一单连同以前退的超过 ¥500.00，要第二个人一起签")).toBeVisible();
    await send(window);
    expect(screen.getByTestId("refund-refused")).toHaveTextContent(
      "一张订单连同以前退的超过 500.00 CNY，须由第二个人同意",
    );
    await waitFor(() => expect(screen.getByTestId("refund-second-name")).toHaveFocus());
    expect(window.till.calls.filter((call) => call.startsWith("refund"))).toEqual([]);
    await type(window, "refund-second-name", "陈店长");
    await type(window, "refund-second-pin", pins.陈店长);
    await send(window);
    expect(await screen.findByText("第二个人不能是本人。")).toBeVisible();
    await type(window, "refund-second-name", "小李");
    await type(window, "refund-second-pin", "0000");
    await send(window);
    expect(await screen.findByText("“小李”的密码不对。")).toBeVisible();
    await waitFor(() => expect(screen.getByTestId("refund-second-pin")).toHaveFocus());
    await type(window, "refund-second-pin", pins.小李);
    await send(window);
    await state(window.till);
    expect(window.till.refunding.last).toMatchObject({ minor: 50_001, by: "陈店长", second: "小李" });
  });

  it("counts what went back of the order before, when it foresees the second person", async () => {
    const window = await manager((till) => till.seed("800.00", "paid", 60_000));
    window.till.refunding.ask(
      { order_no: window.order.no, amount: "450.00", reason: "顾客退货", items: [] },
      { pin: pins.陈店长, second: null },
    );
    window.till.refunding.settle("succeeded");
    await openRefund(window, window.order);
    await type(window, "refund-amount", "50");
    expect(screen.queryByText("这一单连同以前退的超过 ¥500.00，要第二个人一起签")).toBeNull();
    await type(window, "refund-amount", "50.01");
    expect(screen.getByText("这一单连同以前退的超过 ¥500.00，要第二个人一起签")).toBeVisible();
  });

  it("asks for the second person as soon as the till says so, with what was typed kept", async () => {
    const window = await manager((till) => till.seed("100.00", "paid", 60_000));
    await openRefund(window, window.order);
    const limits = window.till.people.limits;
    const strict = { ...limits.refunds.CNY, per_refund: "2000.00", per_day: "5000.00", second_above: "50.00" };
    window.till.people.limits = { ...limits, refunds: { ...limits.refunds, CNY: strict } };
    await send(window, "60");
    expect(await screen.findByTestId("refund-second-name")).toBeVisible();
    expect(screen.getByTestId("refund-refused")).toHaveTextContent(
      "一张订单连同以前退的超过 50.00 CNY，须由第二个人同意",
    );
    expect(screen.getByTestId("refund-pin")).toHaveValue(pins.陈店长);
    expect(screen.getByTestId("refund-amount")).toHaveValue("60");
  });

  it("whose outcome is unknown blocks a second one until it is settled", async () => {
    const window = await manager((till) => till.seed("88.00", "paid", 60_000));
    const { till } = window;
    await openRefund(window, window.order);
    await send(window, "20");
    const card = await state(till);
    till.refunding.settle("unknown");
    await waitFor(() => expect(card).toHaveAttribute("data-state", "unknown"));
    expect(card).toHaveTextContent("问清之前不能再退第二笔");
    expect(screen.queryByTestId("refund-more")).toBeNull();
    await window.user.click(screen.getByTestId("refund-next"));
    await openRefund(window, window.order);
    expect(await screen.findByTestId("refund-not")).toHaveAttribute("data-why", "refund_unknown");
    expect(screen.queryByTestId("refund-send")).toBeNull();
    till.refunding.settle("succeeded");
    expect(await screen.findByTestId("refund-send")).toBeVisible();
    expect(screen.queryByTestId("refund-not")).toBeNull();
  });

  it("that failed is sent again under the same number, with a PIN", async () => {
    const window = await manager((till) => till.seed("88.00", "paid", 60_000));
    const { till } = window;
    await openRefund(window, window.order);
    await send(window, "20");
    const card = await state(till);
    const { no } = till.refunding.last;
    till.refunding.settle("failed", { reaction: "balance_short", code: "NOTENOUGH", text: "余额不足" });
    await waitFor(() => expect(card).toHaveTextContent("“余额不足”"));
    expect(card).toHaveTextContent("单号不变：会记住编号的网关只退一次。");
    await window.user.click(screen.getByTestId(`refund-again-${no}`));
    await type(window, "again-pin", "000000");
    await window.user.click(screen.getByTestId("again-send"));
    expect(await screen.findByText(/还可以试 5 次/)).toBeVisible();
    await type(window, "again-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("again-send"));
    await waitFor(() => expect(card).toHaveAttribute("data-state", "sent"));
    expect(window.order.refunds.map((refund) => refund.no)).toEqual([no]);
  });

  it("that failed is sent again once by the owner, however often the key is pressed", async () => {
    const window = await open({}, (till) => {
      till.refunding.answers = [];
      const order = till.seed("88.00", "paid", 60_000);
      const request = { order_no: order.no, amount: "20.00", reason: "顾客退货", items: [] };
      till.refunding.ask(request, { pin: null, second: null });
      till.refunding.settle("failed", { reaction: "balance_short", code: "NOTENOUGH", text: "余额不足" });
    });
    const { till } = window;
    await openRefund(window, till.last);
    const press = () => fireEvent.keyDown(document.body, { key: "a", code: "KeyA", altKey: true });
    await Promise.all([press(), press()]);
    await waitFor(async () => expect(await state(till)).toHaveAttribute("data-state", "sent"));
    await window.pass(1_000);
    expect(till.calls.filter((call) => call.startsWith("again"))).toHaveLength(1);
    expect(screen.queryByTestId("notice")).toBeNull();
  });

  it("that is to be sent again is never said not to have left, and cannot be withdrawn", async () => {
    const window = await manager((till) => till.seed("88.00", "paid", 60_000));
    const request = { order_no: window.order.no, amount: "20.00", reason: "顾客退货", items: [] };
    await window.till.refund(request, { pin: pins.陈店长, second: null });
    window.till.refunding.settle("failed", { reaction: "balance_short", code: "NOTENOUGH", text: "余额不足" });
    const { till, user } = window;
    till.refunding.stuck = true;
    const { no } = till.refunding.last;
    await openRefund(window, till.last);
    await user.click(screen.getByTestId(`refund-again-${no}`));
    await type(window, "again-pin", pins.陈店长);
    await user.click(screen.getByTestId("again-send"));
    await waitFor(async () => expect(await state(till)).toHaveAttribute("data-state", "requested"));
    const card = await state(till);
    expect(card).toHaveTextContent("以前发出过，一有可能就以同一编号再发一次；会记住编号的网关只退一次。");
    expect(card).not.toHaveTextContent("还没有发出");
    expect(screen.queryByTestId(`refund-withdraw-${no}`)).toBeNull();
  });

  it("that could not be sent says so and why, and is withdrawn before it ever is", async () => {
    const window = await manager((till) => till.seed("88.00", "paid", 60_000));
    const { till, user } = window;
    till.refunding.stuck = true;
    await openRefund(window, window.order);
    await send(window, "20");
    const card = await state(till);
    expect(card).toHaveAttribute("data-state", "requested");
    expect(card).toHaveTextContent("还没有发出，一有可能就发出。");
    till.notices = [
      { code: "customer_screen_gone", facts: {} },
      { code: "keyring_locked", facts: {} },
    ];
    till.send(till.update([]));
    await waitFor(() => expect(card).toHaveTextContent("还没有发出：密钥环已锁定，或还没有设置。一有可能就发出。"));
    expect(card).not.toHaveTextContent("正在发往网关");
    expect(card).not.toHaveTextContent("马上发出");
    expect(screen.getByTestId("refund-order")).toHaveTextContent("还能退 ¥68.00");
    await user.dblClick(screen.getByTestId(`refund-withdraw-${till.refunding.last.no}`));
    await waitFor(() => expect(card).toHaveAttribute("data-state", "withdrawn"));
    expect(card).toHaveTextContent("已撤回，没有发出");
    expect(screen.queryByTestId(`refund-withdraw-${till.refunding.last.no}`)).toBeNull();
    expect(screen.getByTestId("refund-order")).toHaveTextContent("还能退 ¥88.00");
    expect(till.calls.filter((call) => call.startsWith("withdraw"))).toHaveLength(1);
    expect(screen.queryByTestId("notice")).toBeNull();
    await user.keyboard("{Alt>}[KeyO]{/Alt}");
    expect(await screen.findByTestId("timeline-entry-refund_withdrawn")).toHaveTextContent("退款已撤回，没有发出");
  });

  it("that is about to be sent for the first time says only that", async () => {
    const window = await manager((till) => till.seed("88.00", "paid", 60_000));
    window.till.refunding.stuck = true;
    await openRefund(window, window.order);
    await send(window, "20");
    const card = await state(window.till);
    window.till.refunding.last.unanswered = 0;
    window.till.send(window.till.update([window.order]));
    await waitFor(() => expect(card).toHaveTextContent("单号已写入流水，正在发往网关。"));
    await window.user.click(screen.getByTestId("refund-next"));
    await openRefund(window, window.order);
    const not = await screen.findByTestId("refund-not");
    expect(not).toHaveAttribute("data-why", "refund_waits");
    expect(not).toHaveTextContent("请等它发出，或者在它的卡片上撤回");
  });

  it("that the gateway says failed, while an older sending may yet arrive, is not called under way", async () => {
    const window = await manager((till) => till.seed("88.00", "paid", 60_000));
    const { till } = window;
    await openRefund(window, window.order);
    await send(window, "20");
    const card = await state(till);
    till.refunding.settle("processing");
    till.refunding.last.maySucceedUntil = till.clock.now() + 7_200_000;
    till.send(till.update([window.order]));
    await waitFor(() => expect(card).toHaveTextContent("网关说没有退成，还不算数"));
    expect(card).toHaveTextContent("之前还可能退成");
    expect(card).not.toHaveTextContent("网关已受理");
    expect(screen.getByTestId("refund-order")).toHaveTextContent("还能退 ¥68.00");
  });

  it("is proven by numbers, amount, state and times that can be copied", async () => {
    const window = await manager((till) => till.seed("88.00", "paid", 60_000));
    const { till, user } = window;
    await openRefund(window, window.order);
    await send(window, "20");
    await state(till);
    till.refunding.settle("succeeded");
    const proof = await screen.findByTestId("refund-proof");
    await waitFor(() => expect(proof).toHaveTextContent("已退给顾客"));
    await user.keyboard("{Alt>}[KeyC]{/Alt}");
    await waitFor(async () => expect(await navigator.clipboard.readText()).not.toBe(""));
    const copied = await navigator.clipboard.readText();
    for (const part of [
      till.refunding.last.no,
      window.order.no,
      till.refunding.last.gatewayNo,
      "20.00 CNY",
      "陈店长",
      "2026-01-05",
    ])
      expect(copied).toContain(part);
  });

  it("is not asked for by a cashier, who is told what to do", async () => {
    const window = await open(shop("小李"), (till) => till.seed("12.50", "paid", 60_000));
    await openRefund(window, window.till.last);
    expect(screen.queryByTestId("refund-send")).toBeNull();
    await window.user.click(screen.getByTestId("refund-sign-in"));
    await window.user.click(await screen.findByTestId("sign-in-name-陈店长"));
    await type(window, "sign-in-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("sign-in-go"));
    expect(await screen.findByTestId("refund-amount")).toBeVisible();
  });

  it("needs no PIN of the owner, and no second person", async () => {
    const window = await open({}, (till) => till.seed("800.00", "paid", 60_000));
    await openRefund(window, window.till.last);
    expect(screen.queryByTestId("refund-pin")).toBeNull();
    await window.user.keyboard("{F4}{F6}{Enter}");
    await waitFor(() => expect(window.till.refunding.last).toMatchObject({ by: "owner", minor: 80_000 }));
  });

  it("is forgotten half typed when the manager leaves: no PIN stays", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    await openRefund(window, window.order);
    await type(window, "refund-amount", "5");
    await type(window, "refund-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("lock-now"));
    await waitFor(() => expect(screen.queryByTestId("refund-pin")).toBeNull());
    await window.till.signIn("陈店长", pins.陈店长);
    expect(await screen.findByTestId("refund-pin")).toHaveValue("");
  });
});

describe("what cannot be refunded here", () => {
  it.each([
    ["not_paid", (till: FakeTill) => till.seed("12.50", "closed", 60_000)],
    ["disputed", (till: FakeTill) => till.seed("12.50", "disputed", 60_000, { reason: "amount" })],
    [
      "refunded_elsewhere",
      (till: FakeTill) => till.seed("12.50", "paid", 60_000, { attentions: ["refunded_elsewhere"] }),
    ],
  ] as const)("says why (%s) and what is next", async (why, prepare) => {
    const window = await manager(prepare);
    await window.user.keyboard("{Alt>}3{/Alt}");
    await window.user.click(await screen.findByTestId("refund-paid-only"));
    await window.user.click(await screen.findByTestId(`refund-row-${window.order.no}`));
    const not = await screen.findByTestId("refund-not");
    expect(not).toHaveAttribute("data-why", why);
    expect(not.querySelectorAll("p").length).toBeGreaterThan(1);
    expect(screen.queryByTestId("refund-send")).toBeNull();
  });

  const ask = ({ till, order }: Opened & { order: FakeOrder }, amount: string) =>
    till.refunding.ask(
      { order_no: order.no, amount, reason: "顾客退货", items: [] },
      { pin: pins.陈店长, second: null },
    );

  it("says that all has gone back only when the gateway has said so of all", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    ask(window, "12.50");
    await openRefund(window, window.order);
    expect(await screen.findByTestId("refund-not")).toHaveAttribute("data-why", "refund_unknown");
    const told = (what: string, tone: string) =>
      waitFor(() => {
        const not = screen.getByTestId("refund-not");
        expect(not).toHaveAttribute("data-why", "nothing_left");
        expect(not).toHaveTextContent(what);
        expect(not).toHaveClass(tone);
      });
    for (const open of ["processing", "failed"] as const) {
      window.till.refunding.settle(open);
      await told("还没退回的，正在退、留给没有退成的那笔，或已人工标记", "tone-look");
      expect(screen.getByTestId("refund-not")).not.toHaveTextContent("全部退完");
      expect(screen.getByTestId("refund-not")).not.toHaveTextContent("凭证");
    }
    expect(screen.getByTestId(`refund-again-${window.till.refunding.last.no}`)).toBeVisible();
    window.till.refunding.settle("succeeded");
    await told("这一单已经全部退完。", "tone-good");
    expect(screen.getByTestId("refund-not")).toHaveTextContent("要凭证给顾客看，用“复制凭证”。");
  });

  it("does not say that all has gone back where people have only marked it", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    ask(window, "2.50");
    window.till.refunding.settle("succeeded");
    window.till.refunding.mark(
      window.order.no,
      { what: "refunded", amount: "10.00", refund_no: null, note: "后台流水 4200" },
      { pin: pins.陈店长, second: { name: "小李", pin: pins.小李 } },
    );
    await openRefund(window, window.order);
    const not = await screen.findByTestId("refund-not");
    expect(not).toHaveAttribute("data-why", "nothing_left");
    expect(not).toHaveTextContent("已人工标记");
    expect(not).toHaveClass("tone-look");
  });

  it("leaves the amount of what failed for a new refund where the gateway wants a new number", async () => {
    const request = { account: "harbour", channel: "wechat.qrcode", amount: "12.50", body: null, extra: {} };
    const window = await manager((till) =>
      till.seed("12.50", "paid", 60_000, { request: { ...request, currency: null, expire_s: null, sale: null } }),
    );
    ask(window, "12.50");
    window.till.refunding.settle("failed");
    await openRefund(window, window.order);
    expect(await screen.findByTestId("refund-amount")).toBeVisible();
    expect(screen.queryByTestId(`refund-again-${window.till.refunding.last.no}`)).toBeNull();
    expect(screen.getByTestId("refund-order")).toHaveTextContent("能另退一笔的就另退一笔");
  });

  it("has what went back elsewhere marked before the rest is refunded here", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000, { attentions: ["refunded_elsewhere"] }));
    await openRefund(window, window.order);
    expect(screen.getByTestId("refund-not")).toHaveTextContent("先把这笔金额人工标记，再把待办标为“已处理”");
    await window.user.click(screen.getByTestId("refund-not-mark"));
    expect(await screen.findByTestId("mark-lead")).toHaveTextContent("网关有了说法就确认或推翻它");
    await type(window, "mark-amount", "2.50");
    await type(window, "mark-note", "后台流水 4200");
    await type(window, "mark-pin", pins.陈店长);
    await type(window, "mark-second-name", "小李");
    await type(window, "mark-second-pin", pins.小李);
    await window.user.click(screen.getByTestId("mark-save"));
    await screen.findByTestId("by-hand");
    window.till.refunding.handle(window.order.no, "refunded_elsewhere", "核对过");
    window.till.send(window.till.update([window.order]));
    expect(await screen.findByTestId("refund-amount")).toBeVisible();
    expect(screen.getByTestId("refund-order")).toHaveTextContent("还能退 ¥10.00");
  });

  it("says how much a notice told that went back elsewhere, and fills it into the mark", async () => {
    const elsewhere = [{ refund_no: "EX20261129000042", amount: "2.50", amount_minor: 250 }];
    const window = await manager((till) =>
      till.seed("12.50", "paid", 60_000, { attentions: ["refunded_elsewhere"], elsewhere }),
    );
    await openRefund(window, window.order);
    const gone = await screen.findByTestId("gone-elsewhere");
    expect(gone).toHaveTextContent("¥2.50");
    expect(gone).toHaveTextContent("EX20261129000042");
    expect(screen.getByTestId("refund-not")).toHaveTextContent("网关通知说这一单在别处退了 ¥2.50，可能不止这些。");
    await window.user.click(screen.getByTestId("refund-not-mark"));
    expect(await screen.findByTestId("mark-amount")).toHaveValue("2.50");
    expect(screen.getByTestId("mark-save")).toBeDisabled();
    await type(window, "mark-note", "后台流水 4200");
    await type(window, "mark-pin", pins.陈店长);
    await type(window, "mark-second-name", "小李");
    await type(window, "mark-second-pin", pins.小李);
    await window.user.click(screen.getByTestId("mark-save"));
    await screen.findByTestId("by-hand");
    await waitFor(() => expect(screen.queryByTestId("mark-dialog")).toBeNull());
    // What is marked is not proposed once more, and nothing else is.
    expect(screen.getByTestId("refund-not")).toHaveTextContent("网关通知的金额都已人工标记");
    await window.user.click(screen.getByTestId("refund-not-mark"));
    expect(await screen.findByTestId("mark-amount")).toHaveValue("");
    await window.user.keyboard("{Escape}");
    await window.user.keyboard("{Alt>}[KeyO]{/Alt}");
    const timeline = await screen.findByTestId("timeline");
    expect(within(timeline).getByTestId("gone-elsewhere")).toHaveTextContent("EX20261129000042");
  });

  it.each([
    ["12.50", 1_250, null],
    ["12.51", 1_251, "退回的比付的多 ¥0.01"],
  ])("says that more went back than was paid where notices told so (%s)", async (amount, amount_minor, said) => {
    const elsewhere = [{ refund_no: "EX20261129000042", amount, amount_minor }];
    const window = await manager((till) =>
      till.seed("12.50", "paid", 60_000, { attentions: ["refund_disputed", "refunded_elsewhere"], elsewhere }),
    );
    await openRefund(window, window.order);
    await screen.findByTestId("gone-elsewhere");
    expect(screen.queryByTestId("beyond-paid")?.textContent.trim() ?? null).toBe(said);
  });

  it("names the place at a gateway without refunds, and takes the mark of two people", async () => {
    const window = await manager((till) =>
      till.seed("15.00", "paid", 60_000, {
        request: {
          account: "treasure",
          channel: "101",
          amount: "15.00",
          body: null,
          extra: {},
          currency: null,
          expire_s: null,
          sale: null,
        },
      }),
    );
    await openRefund(window, window.order);
    expect(screen.getByTestId("refund-not")).toHaveTextContent("登录聚宝商户后台");
    await window.user.click(screen.getByTestId("refund-not-mark"));
    await screen.findByTestId("mark-dialog");
    expect(screen.getByTestId("mark-what-refunded").querySelector("input")).toBeChecked();
    expect(screen.getByTestId("mark-amount")).toHaveValue("15.00");
    await type(window, "mark-note", "后台流水 4200");
    await type(window, "mark-pin", pins.陈店长);
    expect(screen.getByTestId("mark-save")).toBeDisabled();
    await type(window, "mark-second-name", "小李");
    await type(window, "mark-second-pin", pins.小李);
    await window.user.click(screen.getByTestId("mark-save"));
    const mark = await screen.findByTestId("by-hand");
    expect(mark).toHaveTextContent("人工标记，未经平台确认");
    expect(mark).toHaveTextContent("后台流水 4200");
    expect(mark).toHaveTextContent("陈店长 + 小李");
    expect(window.order.state).toBe("paid");
  });
});

describe("finding an order to refund", () => {
  it("shows paid orders only, until all are wanted", async () => {
    const window = await manager((till) => {
      till.seed("9.00", "closed", 90_000);
      return till.seed("12.50", "paid", 60_000);
    });
    await window.user.keyboard("{Alt>}3{/Alt}");
    expect(await screen.findAllByTestId(/^refund-row-/)).toHaveLength(1);
    await window.user.click(screen.getByTestId("refund-paid-only"));
    await waitFor(() => expect(screen.getAllByTestId(/^refund-row-/)).toHaveLength(2));
  });

  it("opens what the scanner reads, wherever the focus is, and never takes it for an amount", async () => {
    const window = await manager((till) => {
      till.seed("30.00", "paid", 90_000);
      return till.seed("12.50", "paid", 60_000);
    });
    const other = window.till.orderList[0] as FakeOrder;
    await openRefund(window, other);
    const amount = screen.getByTestId<HTMLInputElement>("refund-amount");
    await type(window, "refund-amount", "3");
    amount.focus();
    let at = keyTime(1_000);
    const key = (name: string) => {
      const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true });
      at += 5;
      stamp(event, at);
      return fireEvent(document.activeElement ?? document.body, event);
    };
    const scan = async (text: string) => {
      for (const char of text) {
        const goesOn = await key(char);
        if (goesOn && /[0-9]/.test(char)) await fireEvent.input(amount, { target: { value: amount.value + char } });
      }
      at += 5;
      return key("Enter");
    };
    expect(await scan("6901234567892")).toBe(false);
    expect(amount).toHaveValue("3");
    // Whoever goes on in another field, as soon as a hand can, is typing.
    at += 1_000;
    for (const digit of "2580") await key(digit);
    screen.getByTestId("refund-pin").focus();
    at += 150;
    for (const digit of "24681") await key(digit);
    at += 5;
    expect(await key("Enter")).toBe(true);
    expect(amount).toHaveValue("3");
    at += 1_000;
    await scan(window.order.no);
    await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", window.order.no));
    expect(screen.getByTestId("refund-amount")).toHaveValue("");
    expect(window.till.calls.filter((call) => call.startsWith("refund"))).toEqual([]);
  });

  it("lets no piece of a torn scan stay in an amount, nor its last key send the refund", async () => {
    const window = await manager((till) => till.seed("30.00", "paid", 60_000));
    await openRefund(window, window.order);
    await type(window, "refund-amount", "3");
    const amount = screen.getByTestId<HTMLInputElement>("refund-amount");
    amount.focus();
    for (const tear of [
      { at: 6, gap: 150 },
      { at: 13, gap: 150 },
      { at: 14, gap: 1_500 },
      { at: 16, gap: 150 },
    ]) {
      expect(scan("134567890123456789", { tear })).toBe(false);
      expect(amount).toHaveValue("3");
    }
    expect(window.till.calls.filter((call) => call.startsWith("refund"))).toEqual([]);
  });

  it("keeps a torn scan whole in the search, where everybody sees what was read", async () => {
    const window = await manager((till) => till.seed("30.00", "paid", 60_000));
    await window.user.keyboard("{Alt>}3{/Alt}");
    const field = await screen.findByTestId<HTMLInputElement>("refund-find");
    field.focus();
    scan("6901234567892", { tear: { at: 8, gap: 150 } });
    expect(field).toHaveValue("6901234567892");
  });

  it("goes from a payment and from an order's story to its refund", async () => {
    const window = await open(shop());
    await window.user.keyboard("12.50{Enter}");
    await screen.findByTestId("qr");
    window.till.pay();
    await screen.findByTestId("paid");
    await window.user.keyboard("r");
    await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", window.till.last.no));
    // A search before does not stand in front of it.
    await window.user.keyboard("{F1}");
    await waitFor(() => expect(screen.getByTestId("refund-find")).toHaveFocus());
    await window.user.click(screen.getByTestId(`refund-row-${window.till.last.no}`));
    await screen.findByTestId("refund-order");
    await window.user.keyboard("{Alt>}[KeyO]{/Alt}");
    expect(await screen.findByTestId("timeline")).toBeVisible();
    expect(screen.getByTestId("timeline-close")).toHaveFocus();
    await window.user.keyboard("{F8}");
    expect(await screen.findByTestId("refund-order")).toBeVisible();
  });

  it("tells the story of a refund among the order's events", async () => {
    const window = await manager((till) => till.seed("88.00", "paid", 60_000));
    await openRefund(window, window.order);
    await send(window, "20");
    await state(window.till);
    window.till.refunding.settle("succeeded");
    await window.user.keyboard("{Alt>}[KeyO]{/Alt}");
    const asked = await screen.findByTestId("timeline-entry-refund_requested");
    expect(asked).toHaveTextContent("陈店长");
    expect(asked).toHaveTextContent("¥20.00");
    expect(asked).toHaveTextContent("顾客退货");
    expect(screen.getByTestId("timeline-entry-refund_succeeded")).toHaveTextContent("退款成功");
    expect(screen.getByTestId("refunded")).toHaveTextContent("已退 ¥20.00");
  });
});

describe("the history of refunds", () => {
  it("is filtered by text, state and person, and leads to the order", async () => {
    const window = await manager((till) => {
      const made = [1, 2, 3].map((at) => till.seed(`${at}0.00`, "paid", 60_000 * at));
      return made[0] as FakeOrder;
    });
    const { till, user } = window;
    for (const [at, order] of till.orderList.entries()) {
      const request = { order_no: order.no, amount: `${at + 1}.00`, reason: "顾客退货", items: [] };
      till.refunding.ask(request, { pin: pins.陈店长, second: null });
      till.refunding.settle(at === 1 ? "failed" : "succeeded", null, order.refunds[0]);
    }
    await user.keyboard("{Alt>}3{/Alt}");
    await screen.findByTestId("refund-find");
    await user.keyboard("{F3}");
    await waitFor(() => expect(screen.getAllByTestId(/^history-row-/)).toHaveLength(3));
    expect(screen.getByLabelText("退款经手人")).toBe(screen.getByTestId("history-by"));
    await user.selectOptions(screen.getByTestId("history-state"), "failed");
    await waitFor(() => expect(screen.getAllByTestId(/^history-row-/)).toHaveLength(1));
    await user.selectOptions(screen.getByTestId("history-by"), "小李");
    expect(await screen.findByText("没有符合的退款")).toBeVisible();
    await user.selectOptions(screen.getByTestId("history-by"), "陈店长");
    await user.click(await screen.findByTestId(/^history-row-/));
    await waitFor(() =>
      expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", till.orderList[1]?.no ?? ""),
    );
    expect(await screen.findByTestId("refund-proof")).toBeVisible();
  });

  it("is read again when a refund moves on while its first page is on the way", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    const { till, user, order } = window;
    const request = { order_no: order.no, amount: "12.50", reason: "顾客退货", items: [] };
    till.refunding.ask(request, { pin: pins.陈店长, second: null });
    till.refunding.settle("processing");
    const answer = till.refunds.bind(till);
    const held: { release?: () => void } = {};
    till.refunds = async (query) => {
      const page = structuredClone(await answer(query));
      till.refunds = answer;
      await new Promise<void>((release) => {
        held.release = release;
      });
      return page;
    };
    await user.keyboard("{Alt>}3{/Alt}");
    await screen.findByTestId("refund-find");
    await user.keyboard("{F3}");
    await waitFor(() => expect(held.release).toBeDefined());
    till.refunding.settle("succeeded");
    await window.pass(0);
    held.release?.();
    await waitFor(() => expect(screen.getByTestId(/^history-row-/)).toHaveAttribute("data-state", "succeeded"));
  });

  it("keeps the focus where a day is emptied by keys", async () => {
    const window = await manager((till) => till.seed("12.50", "paid", 60_000));
    const { user } = window;
    await user.keyboard("{Alt>}3{/Alt}");
    await screen.findByTestId("refund-find");
    await user.keyboard("{F3}");
    await user.click(await screen.findByTestId("history-day-all"));
    await waitFor(() => expect(screen.getByTestId("history-day")).toHaveFocus());
    await user.clear(screen.getByTestId("history-day"));
    await fireEvent.change(screen.getByTestId("history-day"));
    await user.tab();
    expect(screen.getByTestId("history-day-clear")).toHaveFocus();
    await user.tab({ shift: true });
    expect(screen.getByTestId("history-day")).toHaveFocus();
    await user.tab({ shift: true });
    expect(document.body).not.toHaveFocus();
    expect(await screen.findByTestId("history-day-all")).toBeVisible();
  });

  it("is of all days until a day is chosen, which begins with today", async () => {
    const window = await manager((till) => till.seed("10.00", "paid", 60_000));
    const { till, user } = window;
    till.refunding.ask(
      { order_no: till.last.no, amount: "1.00", reason: "顾客退货", items: [] },
      { pin: pins.陈店长, second: null },
    );
    await user.keyboard("{Alt>}3{/Alt}");
    await screen.findByTestId("refund-find");
    await user.keyboard("{F3}");
    expect(await screen.findByTestId("history-day-all")).toHaveTextContent("所有日期");
    expect(screen.queryByTestId("history-day")).toBeNull();
    await user.click(screen.getByTestId("history-day-all"));
    const now = new Date(window.clock.wall());
    const today = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0"));
    await waitFor(() => expect(screen.getByTestId("history-day")).toHaveFocus());
    expect(screen.getByTestId("history-day")).toHaveValue(today.join("-"));
    await fireEvent.input(screen.getByTestId("history-day"), { target: { value: "2020-02-02" } });
    await fireEvent.change(screen.getByTestId("history-day"));
    expect(await screen.findByText("没有符合的退款")).toBeVisible();
    await user.click(screen.getByTestId("history-day-clear"));
    await waitFor(() => expect(screen.getAllByTestId(/^history-row-/)).toHaveLength(1));
    expect(screen.getByTestId("history-day-all")).toHaveTextContent("所有日期");
  });

  it("is only rendered as far as it is in sight", async () => {
    const window = await manager((till) => till.seed("4000.00", "paid", 60_000));
    const { refunds } = window.till.people.limits;
    for (const limits of Object.values(refunds)) limits.per_day = "99999.00";
    for (let at = 0; at < 120; at += 1) {
      window.till.refunding.ask(
        { order_no: window.order.no, amount: "1.00", reason: "顾客退货", items: [] },
        { pin: pins.陈店长, second: null },
      );
      window.till.refunding.settle("processing", null, window.order.refunds.at(-1));
    }
    await window.user.keyboard("{Alt>}3{/Alt}");
    await screen.findByTestId("refund-find");
    await window.user.keyboard("{F3}");
    await waitFor(() => expect(screen.getAllByTestId(/^history-row-/).length).toBeGreaterThan(5));
    expect(screen.getAllByTestId(/^history-row-/).length).toBeLessThan(40);
  });
});
