//! What tells the ways to pay apart, by which of them a payment code goes, and what is said of an order that has one.
import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { Reaction } from "../src/host/contract.ts";
import { account, harbour, treasure } from "../src/host/fake/gateways.ts";
import { parted } from "../src/shared/middle.ts";
import { alipay, scan, wechat } from "./hand.ts";
import { askForCode, choose, giveCode, open } from "./window.ts";

const english = { settings: { language: "en" } } as const;
const second = { ...account, id: "a2", name: "second" };

const request = (of: string, channel: string) => ({
  account: of,
  channel,
  amount: "12.50",
  body: null,
  extra: {},
  currency: null,
  expire_s: null,
  sale: null,
});

const isChosen = (testId: string) => within(screen.getByTestId(testId)).getByRole<HTMLInputElement>("radio").checked;

describe("the account on a card", () => {
  it("keeps its end where it is cut, sign by sign, and a short one is not parted", () => {
    expect(parted("wangjiaodian1")).toEqual({ head: "wangjiao", tail: "dian1" });
    expect(parted("wangjiaodian2").tail).toBe("dian2");
    expect(parted("practice")).toEqual({ head: "practice", tail: "" });
    expect(parted("旺角店二号收银台")).toEqual({ head: "旺角店二号", tail: "收银台" });
    expect(parted(`warehouse_${"e\u0301".repeat(7)}`).tail).toBe("e\u0301".repeat(5));
  });

  it("shows the end of its name, and is read as one name", async () => {
    const names = ["warehouse_shop_north_entrance_01", "warehouse_shop_north_entrance_02"];
    await open({ accounts: names.map((name) => ({ ...treasure, id: name, name })), ...english });
    for (const [at, name] of names.entries()) {
      const card = screen.getByTestId(at === 0 ? "channel-101" : `channel-${name}-101`);
      const seen = [...card.querySelectorAll(".account [aria-hidden]")].map(({ textContent }) => textContent);
      expect(seen).toEqual(["warehouse_shop_north_entran", name.slice(-5)]);
      const radio = within(card).getByRole("radio");
      expect(radio).toHaveAccessibleName(new RegExp(name));
      expect(radio).not.toHaveAccessibleName(/_0.*_0/);
      expect(card).toHaveAttribute("title", `Alipay (web page) · ${name}`);
    }
  });
});

describe("a payment code", () => {
  it("is asked for with the account that it goes to, where there are several", async () => {
    const window = await open({ accounts: [account, harbour], ...english });
    const prompt = await askForCode(window, "micropay", "12.50");
    expect(prompt).toHaveTextContent("HK$12.50 · Customer's payment code · harbour");
  });

  it("that waits says which way and account it goes by, and their card is the chosen one", async () => {
    const window = await open({ accounts: [account, second], ...english });
    expect(isChosen("channel-wechat.scan")).toBe(true);
    scan(alipay, { clock: window.clock });
    await window.shows("code-ready", "Probably Alipay · Alipay · main · type the amount, then Enter");
    expect([isChosen("channel-alipay.micro"), isChosen("channel-wechat.scan")]).toEqual([true, false]);
    expect(screen.getByTestId("channel-alipay.micro")).toHaveClass("chosen");
    await window.user.keyboard("8");
    await window.shows("code-ready", "Probably Alipay · Alipay · main · Enter charges it");
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("channel-alipay.micro")).toBeNull());
    expect(isChosen("channel-wechat.scan")).toBe(true);
    scan("281234567890123456", { clock: window.clock });
    await screen.findByTestId("state");
    expect(window.till.last.request).toMatchObject({ account: "main", channel: "alipay.micro" });
  });

  it("that waits keeps its card the checked one where another one is clicked", async () => {
    const window = await open();
    scan(alipay, { clock: window.clock });
    await screen.findByTestId("code-ready");
    for (const clicked of ["channel-qq.scan", "channel-alipay.scan"]) {
      await window.user.click(screen.getByTestId(clicked));
      const cards = screen.getAllByRole<HTMLInputElement>("radio").map((radio) => radio.closest("label"));
      const checked = cards.filter((card) => card?.querySelector("input")?.checked === true);
      expect(checked).toEqual(cards.filter((card) => card?.classList.contains("chosen")));
      expect(checked).toEqual([screen.getByTestId("channel-alipay.micro")]);
    }
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(isChosen("channel-alipay.scan")).toBe(true));
    expect(screen.getByTestId("channel-alipay.scan")).toHaveClass("chosen");
  });

  it("that goes by the chosen way of the only account does not name it again", async () => {
    const window = await open();
    await choose(window, "wechat.micro");
    scan(wechat, { clock: window.clock });
    await window.shows("code-ready", "可能是微信支付 · 输入金额，按 Enter 收款");
  });

  it("whose way is not clear is not said to be charged by Enter", async () => {
    const window = await open(english);
    scan("8812345678901234", { clock: window.clock });
    await screen.findByTestId("code-ready");
    await window.user.keyboard("8");
    await window.shows("code-ready", "Enter, then choose the way to pay");
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("picker");
    expect(window.till.codesSent).toEqual([]);
  });
});

describe("the list of all ways to pay", () => {
  it("marks the row whose button has the focus, so that Enter takes the marked one", async () => {
    const window = await open({ accounts: [account, harbour] });
    await window.user.keyboard("/");
    await screen.findByTestId("picker");
    const row = screen.getByTestId("pick-qq.scan");
    expect(row.closest("li")).not.toHaveClass("current");
    row.focus();
    await waitFor(() => expect(row.closest("li")).toHaveClass("current"));
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(screen.queryByTestId("picker")).toBeNull());
    expect(isChosen("channel-qq.scan")).toBe(true);
  });

  it.each([
    ["HKD", ["pick-wechat.qrcode", "pick-micropay"], ["pick-wechat.scan"]],
    ["cny", ["pick-wechat.scan"], ["pick-wechat.qrcode", "pick-micropay"]],
    ["weixin", ["pick-wechat.scan", "pick-wechat.qrcode"], ["pick-alipay.scan"]],
    ["zhifubao", ["pick-alipay.scan", "pick-alipay.qrcode"], ["pick-wechat.scan"]],
    ["yunshanfu", ["pick-unionpay.qrcode", "pick-unionpay.link"], ["pick-alipay.scan"]],
    ["yinlian", ["pick-unionpay.qrcode", "pick-unionpay.link"], ["pick-alipay.scan"]],
  ])("finds a currency, and a wallet as it is typed without an input method: %s", async (text, found, others) => {
    const window = await open({ accounts: [account, harbour] });
    await window.user.keyboard("/");
    await window.user.type(await screen.findByTestId("picker-search"), text);
    await waitFor(() => expect(screen.queryByTestId(others[0] ?? "")).toBeNull());
    for (const testId of found) expect(screen.getByTestId(testId)).toBeVisible();
    for (const testId of others) expect(screen.queryByTestId(testId)).toBeNull();
  });
});

describe("an order", () => {
  it("goes by one name on its panel, in the column, and where another way to pay is chosen", async () => {
    const window = await open(english, (till) => {
      const order = till.seed("12.50", "awaiting_payment", 6_000, { request: request("main", "wechat.jsurl") });
      sessionStorage.setItem("till:shown", order.no);
    });
    const name = "WeChat account payment";
    await window.shows("state", name);
    expect(screen.getByTestId(`open-order-${window.till.last.no.slice(-4)}`)).toHaveTextContent(name);
    await window.user.keyboard("{F9}");
    await window.shows("other-panel", name);
  });

  it("waits for what its gateway allows, in the words of Hong Kong", async () => {
    const window = await open({ accounts: [harbour], settings: { language: "zh-HK" } });
    await askForCode(window, "micropay", "12.50");
    await giveCode(window, wechat);
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    await window.user.keyboard("{Escape}");
    await window.shows("state-line", /\d:\d\d後網關才容許撤銷$/);
    expect(screen.getByTestId("state")).toHaveTextContent("顧客可能剛好付款成功");
  });

  it.each([
    ["en", "channel_off", "This way to pay is not enabled", "use another"],
    ["zh-CN", "out_of_hours", "不在服务时间", "请换一种"],
    ["zh-HK", "refused", "顧客的錢包或銀行沒有同意付款，請顧客查看手機", "或改用其他付款方式"],
  ] as const)(
    "that may be paid sends nobody to another one by the gateway's word, and does once it has ended (%s)",
    async (language, reaction: Reaction, means, another) => {
      const window = await open({ accounts: [harbour], settings: { language } }, (till) => {
        const said = { reaction, code: "202", text: "GW" };
        const order = till.seed("12.50", "create_unknown", 2_000, { request: request("harbour", "micropay") });
        sessionStorage.setItem("till:shown", Object.assign(order, { said, unanswered: 1, trouble: { said } }).no);
      });
      const quotation = () => screen.getByText(/[“「]GW[”」]/);
      await waitFor(() => expect(quotation()).toHaveTextContent(means));
      expect(quotation()).not.toHaveTextContent(another);
      window.till.end("failed");
      await screen.findByTestId("outcome");
      expect(quotation()).toHaveTextContent(another);
    },
  );
});
