//! What the window says of a payment, of its code and of its gateway is what is known, and no more.
import { cleanup, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { errorWords } from "../src/host/bindings.ts";
import type { EndReason } from "../src/host/contract.ts";
import { account as usualAccount } from "../src/host/fake/gateways.ts";
import type { FakeOrder } from "../src/host/fake/order.ts";
import { zhHK as people } from "../src/words/people/zh-HK.ts";
import { zhHK as receiver } from "../src/words/receiver/zh-HK.ts";
import { zhHK as refunds } from "../src/words/refunds/zh-HK.ts";
import { zhHK as general } from "../src/words/zh-HK.ts";
import { openRefund, shop } from "./staff.ts";
import { amount, type Opened, open, sell } from "./window.ts";

type Proof = FakeOrder["proof"];

const bare: Proof = { order_no: false, amount: false, merchant: true, currency: false, signature: "verified" };

async function paidWith(proof: Partial<Proof>): Promise<Opened> {
  const window = await open({ settings: { language: "en" } });
  await sell(window);
  window.till.payWith(proof);
  await screen.findByTestId("paid");
  return window;
}

async function timelineOf(window: Opened, kind: string): Promise<HTMLElement> {
  await window.user.keyboard("o");
  return screen.findByTestId(`timeline-entry-${kind}`);
}

describe("a payment", () => {
  it("is said to agree in everything only where the answer stated everything", async () => {
    const window = await paidWith({});
    const said = "as ordered: number, amount, merchant, currency";
    expect(screen.getByTestId("paid")).toHaveTextContent(said);
    expect(screen.getByTestId("paid")).toHaveTextContent("Signature checked");
    const entry = await timelineOf(window, "paid");
    expect(entry).toHaveTextContent(`${said} · Signature: checked`);
    expect(entry).not.toHaveTextContent("not stated");
  });

  it("names what the answer did not state", async () => {
    const window = await paidWith(bare);
    const said = "as ordered: merchant · not stated: number, amount, currency";
    expect(screen.getByTestId("paid")).toHaveTextContent(said);
    expect(await timelineOf(window, "paid")).toHaveTextContent(said);
  });

  it.each<[Proof["signature"], string]>([
    ["absent", "the answer bears none"],
    ["unchecked", "not checked: the account holds no key for it"],
    [null, "not recorded"],
  ])("says of a signature that is %s what is known of it", async (signature, said) => {
    const window = await paidWith({ signature });
    expect(screen.getByTestId("paid")).toHaveTextContent(`Signature ${said}`);
    expect(await timelineOf(window, "paid")).toHaveTextContent(`Signature: ${said}`);
  });

  it.each<["closed" | "failed" | "reversed", EndReason, string]>([
    ["closed", "gateway", "It had been closed before the payment became known."],
    ["closed", "never_created", "The gateway had not known it"],
    ["closed", "expired_here", "Its time had run out here"],
    ["failed", "gateway", "The gateway had said that it failed"],
    ["reversed", "gateway", "The gateway had said that it was reversed"],
  ])("that became known late says that the order was %s (%s) before", async (state, reason, said) => {
    const window = await open({ settings: { language: "en" } });
    await sell(window);
    window.till.end(state, reason);
    await screen.findByTestId("outcome");
    window.till.pay();
    const paid = await screen.findByTestId("paid");
    expect(paid).toHaveTextContent("Paid, known only after the order had ended");
    expect(paid).toHaveTextContent(said);
    expect(paid).toHaveTextContent("The money is here");
  });
});

describe("an order that the gateway refused", () => {
  it.each([
    ["zh-CN", "网关拒绝了这一单，没有人能付", "丢失"],
    ["zh-HK", "網關拒絕了這張單，沒有人能付", "遺失"],
    ["en", "The gateway refused this order, nobody can pay it", "lost"],
  ] as const)("is not said to have lost a code, and goes on by another way (%s)", async (language, refused, lost) => {
    const window = await open({ create: "refused", settings: { language } });
    await sell(window);
    await window.pass(212);
    await window.shows("state-line", refused);
    expect(screen.getByTestId("state")).not.toHaveTextContent(lost);
    expect(screen.queryByTestId("again")).toBeNull();
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("charge");
    expect(window.till.orderList).toHaveLength(1);
  });
});

describe("an order that the gateway refused and cannot be asked about", () => {
  it.each([
    ["zh-CN", "网关拒绝了这一单，没有人能付", "不能查询这一单", "系统会继续询问"],
    ["zh-HK", "網關拒絕了這張單，沒有人能付", "不能查詢這張單", "系統會繼續查詢"],
    ["en", "The gateway refused this order, nobody can pay it", "cannot be asked about it", "asked about until"],
  ] as const)("is said to stay open and is promised no question (%s)", async (language, refused, stays, promise) => {
    const window = await open({ create: "refused", settings: { language } });
    await sell(window);
    window.till.last.attentions.push("cannot_be_asked");
    await window.pass(212);
    await window.shows("state-line", refused);
    expect(screen.getByTestId("state")).toHaveTextContent(stays);
    expect(screen.getByTestId("state")).not.toHaveTextContent(promise);
    expect(screen.queryByTestId("ask-now")).toBeNull();
    expect(screen.getByTestId("other-way")).toBeVisible();
  });
});

describe("an order that the gateway gave no code for", () => {
  it("is not said to have lost one, and goes on by another way", async () => {
    const window = await open({ create: "no_code" });
    await sell(window);
    await window.shows("state-line", "网关没有给能用的二维码");
    expect(screen.getByTestId("state")).not.toHaveTextContent("丢失");
    expect(screen.queryByTestId("again")).toBeNull();
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("charge");
    expect(window.till.orderList).toHaveLength(1);
    expect(document.querySelector('[aria-checked="true"][data-testid="channel-wechat.scan"]')).toBeNull();
    await window.user.keyboard("{Escape}");
    window.till.end("closed");
    await screen.findByTestId("outcome");
    expect(screen.queryByTestId("again")).toBeNull();
    expect(screen.getByTestId("other-way")).toBeVisible();
  });

  it.each([
    ["zh-CN", "关闭它", "到期时在这里按过期结束"],
    ["zh-HK", "關閉它", "到期時在這裏按過期完結"],
    ["en", "closed by itself", "ends here as expired"],
  ] as const)("ends at its expiry where its gateway closes nothing (%s)", async (language, closed, expires) => {
    const busy = { reaction: "busy", code: "1", text: null } as const;
    for (const create of ["no_code", 0] as const) {
      const window = await open({ create, settings: { language } });
      await sell(window);
      if (create === 0) window.till.loseCode();
      await waitFor(() => expect(screen.getByTestId("state")).toHaveTextContent(closed));
      window.till.last.closes = false;
      window.till.says(busy);
      await waitFor(() => expect(screen.getByTestId("state")).toHaveTextContent(expires));
      expect(screen.getByTestId("state")).not.toHaveTextContent(closed);
      cleanup();
    }
  });

  it("has no code in its timeline", async () => {
    const window = await open({ create: "no_code", settings: { language: "en" } });
    await sell(window);
    expect(await timelineOf(window, "created")).toHaveTextContent("Accepted, but no usable code came");
  });

  it("differs from one whose code is here", async () => {
    const window = await open({ settings: { language: "en" } });
    await sell(window);
    expect(await timelineOf(window, "created")).toHaveTextContent("Accepted, the code is here");
  });
});

describe("the checkout", () => {
  it("asks for one of several fields where one is enough", async () => {
    const { user } = await open({ settings: { language: "en" } });
    await user.keyboard("9{F7}");
    const pad = screen.getByTestId("charge").closest("form");
    expect(pad).toHaveTextContent("Fill in one of: Buyer id, Buyer's login");
    expect(pad).not.toHaveTextContent("Still needed");
    await user.type(screen.getByTestId("field-buyer_logon_id"), "a@b.cn");
    expect(pad).not.toHaveTextContent("Fill in one of");
    expect(screen.getByTestId("charge")).toBeEnabled();
  });

  it("says why nothing can be charged for a zero", async () => {
    const { user, till } = await open({ settings: { language: "en" } });
    await user.keyboard("0{Enter}");
    expect(await screen.findByTestId("notice")).toHaveTextContent("The amount is zero.");
    expect([amount(), till.orderList.length]).toEqual(["0", 0]);
    await user.keyboard(".5");
    await waitFor(() => expect(screen.queryByTestId("notice")).toBeNull());
    await user.keyboard("{Enter}");
    await screen.findByTestId("state");
  });
});

describe("an order at no real gateway", () => {
  const pretend = { ...usualAccount, mark: "not_a_real_gateway" as const };
  const marked = "不是真实网关";

  it("bears its mark among the open orders, in the list, and in its timeline", async () => {
    const window = await open({ accounts: [pretend] });
    await sell(window);
    const last = window.till.last.no.slice(-4);
    expect(screen.getByTestId(`open-order-${last}`)).toHaveTextContent(marked);
    await window.user.click(screen.getByTestId("rail-orders"));
    const row = await screen.findByTestId(`order-row-${last}`);
    expect(row).toHaveTextContent(marked);
    await window.user.click(row);
    expect(within(await screen.findByTestId("timeline")).getByTestId("not-real")).toHaveTextContent(marked);
  });

  it("bears it where it is given back", async () => {
    const window = await open({ ...shop("陈店长"), accounts: [pretend] }, (till) => till.seed("88.00", "paid", 60_000));
    await openRefund(window, window.till.last);
    expect(within(screen.getByTestId("refund-order")).getByTestId("not-real")).toHaveTextContent(marked);
  });

  it("is told apart in the sum of the day", async () => {
    const window = await open({ accounts: [pretend] });
    await sell(window);
    window.till.pay();
    await window.shows("today", "其中 ¥12.50 不是真实网关的");
  });

  it("is told from one at a real one", async () => {
    const window = await open();
    await sell(window);
    expect(screen.queryByTestId("not-real")).toBeNull();
    window.till.pay();
    await window.shows("today", "1 笔");
    expect(screen.getByTestId("today")).not.toHaveTextContent("不是真实网关");
  });
});

describe("the words of Hong Kong", () => {
  it("call a screen and a command line by one name each", () => {
    const texts = JSON.stringify([general, people, receiver, refunds], (_, value) =>
      typeof value === "function" ? String(value) : value,
    );
    const refusals = Object.values(errorWords).flatMap(({ what, money, next, found, again }) => [
      what,
      money,
      next,
      ...(found === null ? [] : [found.money, found.next]),
      ...(again === null ? [] : [again.money]),
      ...(again === null || again.next === null ? [] : [again.next]),
    ]);
    const all = [texts, ...refusals.map((label) => label["zh-HK"])].join();
    expect(all.match(/.{0,12}(屏幕|命令行).{0,12}/g)).toBeNull();
  });
});
