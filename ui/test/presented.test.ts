import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { type AccountView, catalogueWords, reasonWords } from "../src/host/bindings.ts";
import { Refused } from "../src/host/contract.ts";
import { account, harbour, island, speaker, treasure } from "../src/host/fake/gateways.ts";
import { alipay, scan, wechat } from "./hand.ts";
import { amount, askForCode, choose, giveCode, type Opened, open, seenMs } from "./window.ts";

/** Sells by a payment code that is typed by hand. */
async function sellByCode(window: Opened, channel = "micropay", script = "12.50") {
  await askForCode(window, channel, script);
  await giveCode(window, wechat);
  await window.user.keyboard("{Enter}");
  await screen.findByTestId("state");
}

describe("a way to pay that takes the customer's payment code", () => {
  it("asks for the code, takes a typed one, and keeps it nowhere", async () => {
    const window = await open({ accounts: [harbour] });
    const prompt = await askForCode(window, "micropay", "12.50");
    expect(prompt).toHaveTextContent("HK$12.50 · 扫顾客付款码");
    expect(window.till.orderList).toHaveLength(0);
    expect(screen.getByTestId("payment-code")).toHaveFocus();
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("scan-prompt")).toBeNull());
    await window.user.click(screen.getByTestId("charge"));
    await window.user.click(await screen.findByTestId("scan-cancel"));
    await waitFor(() => expect(screen.queryByTestId("scan-prompt")).toBeNull());

    await window.user.click(screen.getByTestId("charge"));
    await screen.findByTestId("payment-code");
    await giveCode(window, "134567890123456789");
    await window.user.click(screen.getByTestId("scan-charge"));
    await screen.findByTestId("state");
    expect(window.till.codesSent).toEqual(["134567890123456789"]);
    expect(document.body.innerHTML).not.toContain("134567890");
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("134567890");
  });

  it("says in its place that what was given is no payment code", async () => {
    const window = await open({ accounts: [harbour] });
    await askForCode(window, "micropay", "12.50");
    await giveCode(window, "abc");
    await window.user.keyboard("{Enter}");
    await window.shows("code-bad", "没有可用的付款码");
    expect(screen.getByTestId("payment-code")).toHaveValue("");
    expect(window.till.orderList).toHaveLength(0);
  });

  it("says that the customer confirms on the phone, and what will happen when time is up", async () => {
    const window = await open({ accounts: [harbour] });
    await sellByCode(window);
    expect(screen.queryByTestId("qr")).toBeNull();
    expect(screen.getByTestId("on-the-phone")).toBeVisible();
    expect(screen.getByRole("img", { name: "顾客正在手机上确认付款" })).toBe(screen.getByTestId("on-the-phone"));
    await window.shows("state-line", "等待顾客在手机上确认");
    expect(screen.getByTestId("state")).toHaveTextContent("到时自动撤销");
    expect(screen.getByTestId("countdown")).toHaveAttribute("max", "30000");
    window.till.scan();
    await window.shows("state-line", "顾客正在付款");
    window.till.pay();
    expect(await screen.findByTestId("paid")).toHaveTextContent("已收款");
  });

  it("is reversed by Esc where its gateway can", async () => {
    const window = await open({ accounts: [harbour] });
    await sellByCode(window);
    expect(screen.getByTestId("reverse-order")).toHaveTextContent("撤销付款");
    await window.user.keyboard("{Escape}");
    expect(window.till.calls).toContain(`reverse ${window.till.last.no}`);
    await window.shows("state-line", /后网关才允许撤销/);
    // The drawing stays, and says nothing that is not so any more.
    expect(screen.getByTestId("on-the-phone")).toHaveAttribute("aria-hidden", "true");
    expect(screen.getByTestId("on-the-phone")).not.toHaveAttribute("aria-label");
    await window.pass(16_000);
    expect(await screen.findByTestId("outcome")).toHaveTextContent("已撤销，这一单不向顾客收款");
  });

  it("is closed by Esc where its gateway cannot reverse", async () => {
    const window = await open({ accounts: [account] });
    await sellByCode(window, "wechat.micro");
    expect(screen.getByTestId("close-order")).toHaveTextContent("关闭订单");
    await window.user.keyboard("{Escape}");
    expect(window.till.calls).toContain(`close ${window.till.last.no}`);
  });

  it("is reversed when time is up", async () => {
    const window = await open({ accounts: [harbour] });
    await sellByCode(window);
    await window.pass(30_000);
    await window.shows("state-line", "已到时，正在向网关确认");
    await window.pass(2_000);
    expect(await screen.findByTestId("outcome")).toHaveAttribute("data-state", "reversed");
  });

  it("quotes the gateway when the payment was declined, says what to do, and scans anew", async () => {
    const window = await open({ accounts: [harbour] });
    await sellByCode(window);
    window.till.says({ reaction: "fresh_code", code: "AUTH_CODE_EXPIRED", text: "二维码已过期" });
    window.till.end("failed");
    const outcome = await screen.findByTestId("outcome");
    expect(outcome).toHaveTextContent("付款没有成功，没有收款");
    expect(outcome).toHaveTextContent("“二维码已过期” · 这个付款码已用过或已过期，请顾客刷新付款码");
    await window.user.click(screen.getByTestId("again"));
    await screen.findByTestId("scan-prompt");
    await giveCode(window, "289012345678901234");
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(window.till.codesSent).toHaveLength(2));
    expect(window.till.orderList[1]?.sale).toBe(window.till.orderList[0]?.sale);
  });

  it("is tried again by a key, which its button and the list of keys have", async () => {
    const window = await open({ accounts: [harbour] });
    await sellByCode(window);
    await window.user.keyboard("n");
    expect(screen.queryByTestId("scan-prompt")).toBeNull();
    window.till.says({ reaction: "fresh_code", code: "AUTH_CODE_EXPIRED", text: "二维码已过期" });
    window.till.end("failed");
    expect(await screen.findByTestId("again")).toHaveTextContent("N");
    await window.user.keyboard("?");
    const keys = await screen.findByTestId("shortcuts");
    expect(keys).toHaveTextContent("用同一方式再试");
    await window.user.click(within(keys).getByText("关闭"));
    await waitFor(() => expect(screen.queryByTestId("shortcuts")).toBeNull());
    await window.user.keyboard("n");
    expect(await screen.findByTestId("scan-prompt")).toBeVisible();
  });

  it("says of a code that was not taken that its attempt ends first, and when the next one is taken", async () => {
    const window = await open({ accounts: [harbour] });
    await sellByCode(window);
    window.till.says({ reaction: "fresh_code", code: "AUTH_CODE_EXPIRED", text: "二维码已过期" });
    await window.pass(5_000);
    await window.shows("state-line", "网关没有接受这个付款码，先结束这一次");
    expect(screen.getByTestId("state")).toHaveTextContent("0:25后自动开始结束（按 Esc 更早）");
    expect(screen.getByTestId(`open-order-${window.till.last.no.slice(-4)}`)).toHaveTextContent("付款码没有接受");
    screen.getByTestId("next-customer").focus();
    const next = "289012345678901234";
    for (const [at, key] of [...next, "Enter"].entries()) {
      const event = new KeyboardEvent("keydown", { key, code: key.length === 1 ? `Digit${key}` : key, bubbles: true });
      Object.defineProperty(event, "timeStamp", { value: at * 6 });
      document.activeElement?.dispatchEvent(event);
    }
    await window.shows("notice", /刚扫的付款码没有使用.*约 0:25后自动结束，按 Esc 更早。/);
    expect(window.till.codesSent).toHaveLength(1);
    await window.user.keyboard("{Escape}");
    await window.shows("state-line", /后网关才允许撤销/);
    await window.shows("notice", /约 0:10后自动结束。/);
    expect(screen.getByTestId("state")).toHaveTextContent("网关确认结束之后，才能扫下一个付款码");
    window.till.end("reversed");
    expect(await screen.findByTestId("outcome")).toHaveTextContent("没有扣的不会再扣，已扣的款项会退回顾客");
    // Nobody waits any more.
    await waitFor(() => expect(screen.queryByTestId("notice")).toBeNull());
  });

  it("counts until its gateway lets it be closed, the same on the panel, on its card and to whoever scans the next", async () => {
    const window = await open({ accounts: [account] });
    await sellByCode(window, "wechat.micro");
    const { no } = window.till.last;
    const card = () => screen.getByTestId(`open-order-${no.slice(-4)}`);
    await window.pass(5_000);
    expect(screen.getByTestId("state")).toHaveTextContent("还剩 4:55，到时自动关闭");
    expect(screen.getByTestId("countdown")).toHaveAttribute("max", "300000");
    expect(card()).toHaveTextContent("4:55");
    scan(alipay, { clock: window.clock });
    await window.shows("notice", /刚扫的付款码没有使用.*约 4:55后自动结束。/);
    expect(screen.getByTestId("notice")).not.toHaveTextContent("Esc");

    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("close-order")).toBeNull());
    await window.pass(3_000);
    const left = /\d:\d\d/.exec(screen.getByTestId("state-line").textContent)?.[0] ?? "";
    expect(left).toMatch(/^4:5\d$/);
    expect(card()).toHaveTextContent(left);
    scan(alipay, { clock: window.clock });
    await window.shows("notice", `约 ${left}后自动结束。`);
    expect(screen.getAllByTestId("notice")).toHaveLength(1);
    expect(window.till.codesSent).toHaveLength(1);
  });

  it("is not taken beside another way to pay either while the one before may be charged, and is asked for then", async () => {
    const window = await open({ accounts: [account] });
    await sellByCode(window, "wechat.micro");
    await window.user.keyboard("{F9}");
    await screen.findByTestId("other-panel");
    scan(alipay, { clock: window.clock });
    await window.shows("notice", /刚扫的付款码没有使用.*约 \d:\d\d后自动结束。/);
    expect(screen.queryByTestId("code-ready")).toBeNull();
    expect(screen.getByTestId("charge")).not.toHaveTextContent("用付款码收款");
    await choose(window, "alipay.micro");
    await window.user.keyboard("{Enter}");
    await window.shows("armed", "一确认就请顾客出示付款码来扫");
    window.till.end("closed");
    await screen.findByTestId("scan-prompt");
    expect(screen.queryByTestId("notice")).toBeNull();
    expect(window.till.codesSent).toHaveLength(1);
  });

  it("never speaks of a lost code, and warns of charging twice while the outcome is unknown", async () => {
    const window = await open({ accounts: [harbour], create: "lost" });
    await sellByCode(window);
    await window.shows("state-line", "付款码已送往网关");
    await window.pass(5_000);
    await window.shows("state-line", "正在查顾客是否付款");
    expect(screen.getByTestId("state")).toHaveTextContent("不要再扫一次付款码");
    expect(screen.queryByTestId("again")).toBeNull();
    // The gateway had an answer all the same: the customer has yet to confirm.
    window.till.says({ reaction: "awaits_customer", code: "USERPAYING", text: "the customer must confirm" });
    await window.shows("state-line", "等待顾客在手机上确认");
  });

  it("is money in doubt where no query shows that it has ended", async () => {
    const window = await open({ accounts: [harbour] });
    await sellByCode(window);
    window.till.refuseEnd();
    await window.shows("state-line", "查询还没有显示已结束，仍可能扣款");
    expect(screen.getByTestId("state")).toHaveTextContent("请顾客看手机上有没有扣款");
  });
});

describe("a way to pay that was chosen before a code is scanned", () => {
  it("is not left for another because of the code's first digits: the cashier is asked, and nothing is sent", async () => {
    const window = await open();
    await choose(window, "wechat.micro");
    await window.user.keyboard("12.50");
    scan(alipay, { clock: window.clock });
    const picker = await screen.findByTestId("picker");
    expect(window.till.codesSent).toEqual([]);
    const offered = within(picker).getAllByTestId(/^pick-/);
    expect(offered.map((row) => row.dataset.testid)).toEqual([
      "pick-alipay.micro",
      "pick-wechat.micro",
      "pick-qq.micro",
    ]);
    await window.user.click(screen.getByTestId("pick-wechat.micro"));
    await screen.findByTestId("state");
    expect(window.till.last.request).toMatchObject({ channel: "wechat.micro", amount: "12.50" });
    expect(window.till.codesSent).toEqual([alipay]);
  });

  it("is asked about in the same way where the code was asked for, and Enter takes what the code hints at", async () => {
    const window = await open();
    await askForCode(window, "wechat.micro", "12.50");
    await giveCode(window, alipay);
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("picker");
    expect(window.till.codesSent).toEqual([]);
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    expect(window.till.last.request.channel).toBe("alipay.micro");
  });

  it("is asked about with the wallet in words, and by keys in the order of the list, that beside the amount by its own", async () => {
    const second = { ...account, id: "a2", name: "second" };
    const window = await open({ accounts: [account, second] });
    await choose(window, "wechat.micro");
    await window.shows("channel-wechat.micro", "Ctrl+1");
    await window.user.keyboard("12.50");
    scan(alipay, { clock: window.clock });
    const picker = await screen.findByTestId("picker");
    expect(screen.getByTestId("picker-hint")).toHaveTextContent("可能是支付宝");
    const offered = within(picker).getAllByTestId(/^pick-/);
    expect(offered.map((row) => [row.dataset.testid, row.querySelector("kbd")?.textContent])).toEqual([
      ["pick-alipay.micro", "F1"],
      ["pick-wechat.micro", "Ctrl+1"],
      ["pick-qq.micro", "Ctrl+2"],
      ["pick-second-alipay.micro", "Ctrl+3"],
      ["pick-second-wechat.micro", "Ctrl+4"],
      ["pick-second-qq.micro", "Ctrl+5"],
    ]);
    await window.user.keyboard("{Control>}3{/Control}");
    await screen.findByTestId("state");
    expect(window.till.last.request).toMatchObject({ account: "second", channel: "alipay.micro" });
  });

  it("has the ways of its own account first in the list for a code, and Enter takes one of those", async () => {
    const second = { ...account, id: "a2", name: "second" };
    const window = await open({ accounts: [account, second] });
    await choose(window, "second-wechat.micro");
    await window.user.keyboard("12.50");
    scan(alipay, { clock: window.clock });
    const offered = within(await screen.findByTestId("picker")).getAllByTestId(/^pick-/);
    expect(offered.map((row) => row.dataset.testid)).toEqual([
      "pick-second-alipay.micro",
      "pick-second-wechat.micro",
      "pick-second-qq.micro",
      "pick-alipay.micro",
      "pick-wechat.micro",
      "pick-qq.micro",
    ]);
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    expect(window.till.last.request).toMatchObject({ account: "second", channel: "alipay.micro" });
  });

  it("is taken at once where the code fits it", async () => {
    const window = await open();
    await choose(window, "wechat.micro");
    await window.user.keyboard("12.50");
    scan(wechat, { clock: window.clock });
    await screen.findByTestId("state");
    expect(window.till.last.request.channel).toBe("wechat.micro");
  });

  it("comes first in the list for a code even before favourites", async () => {
    const window = await open({ accounts: [account, harbour] });
    await window.user.keyboard("/");
    await window.user.click(await screen.findByTestId("star-wechat.micro"));
    await window.user.click(screen.getByTestId("pick-wechat.micro"));
    await window.user.keyboard("12.50");
    scan(alipay, { clock: window.clock });
    const offered = within(await screen.findByTestId("picker")).getAllByTestId(/^pick-/);
    expect(offered[0]?.dataset.testid).toBe("pick-alipay.micro");
  });

  it("is not taken again unasked after a try by it has failed", async () => {
    const window = await open();
    await window.user.keyboard("12.50");
    scan(alipay, { clock: window.clock });
    await screen.findByTestId("state");
    expect(window.till.last.request.channel).toBe("alipay.micro");
    window.till.end("failed");
    await screen.findByTestId("outcome");
    await window.user.click(screen.getByTestId("other-way"));
    await screen.findByTestId("other-panel");
    // The wallet shows another code for its second try.
    scan("281234567890123456", { clock: window.clock });
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("picker");
    expect(window.till.codesSent).toHaveLength(1);
    await window.user.click(screen.getByTestId("pick-wechat.micro"));
    await waitFor(() => expect(window.till.codesSent).toHaveLength(2));
    expect(window.till.last.request.channel).toBe("wechat.micro");
  });
});

describe("an amount that was typed in one currency", () => {
  /** A payment code whose digits hint at no wallet. */
  const unknown = "512345678901234567";
  /** The till of an island: CNY by `main`, HKD by `harbour`. */
  const both = [account, harbour];

  it("is offered to ways of that currency alone when a payment code fits none, and Enter charges in it", async () => {
    const window = await open({ accounts: both });
    await window.user.keyboard("7");
    await window.shows("charge", "¥7");
    scan(unknown, { clock: window.clock });
    const picker = await screen.findByTestId("picker");
    expect(screen.getByTestId("picker-amount")).toHaveTextContent("¥7");
    expect(within(picker).queryByTestId("pick-micropay")).toBeNull();
    await window.shows("picker-others", "只列出收 CNY 的方式");
    expect(window.till.codesSent).toEqual([]);
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    expect(window.till.last).toMatchObject({ currency: "CNY", request: { amount: "7", currency: "CNY" } });
    expect(window.till.last.request.account).toBe("main");
  });

  it("says nothing of other currencies where there are none", async () => {
    const window = await open();
    await window.user.keyboard("7");
    scan(unknown, { clock: window.clock });
    await screen.findByTestId("picker");
    expect(screen.queryByTestId("picker-others")).toBeNull();
  });

  it("is never charged in another: it is typed anew, and the code waits meanwhile", async () => {
    const window = await open({ accounts: [treasure, harbour] });
    await window.user.keyboard("7");
    scan(unknown, { clock: window.clock });
    await window.shows("code-ready", "先选收 HKD 的付款方式");
    await window.shows("notice", /收 CNY 的付款方式都不接收付款码，只有收 HKD 的接收.*没有收 7.00 CNY.*重新输入金额/);
    expect(screen.queryByTestId("picker")).toBeNull();
    expect(amount()).toBe("");
    await window.user.keyboard("{Enter}");
    expect(window.till.orderList).toHaveLength(0);

    await window.user.keyboard("7{Enter}");
    await window.shows("notice", /重新输入金额/);
    expect(window.till.orderList).toHaveLength(0);
    await choose(window, "micropay");
    await window.user.keyboard("7.50");
    await window.shows("charge", "HK$7.50");
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    expect(window.till.last).toMatchObject({ currency: "HKD", request: { amount: "7.50", currency: "HKD" } });
    expect(window.till.codesSent).toEqual([unknown]);
  });

  it("is charged by what stands beside it where the code was scanned before anything was typed", async () => {
    const window = await open({ accounts: both });
    scan(unknown, { clock: window.clock });
    await screen.findByTestId("code-ready");
    await choose(window, "micropay");
    await window.user.keyboard("7");
    await window.shows("charge", "HK$7");
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    expect(window.till.last).toMatchObject({ currency: "HKD", request: { channel: "micropay", currency: "HKD" } });
  });

  it("is cleared, and said, where its way to pay is gone and the next one takes another", async () => {
    const window = await open({ accounts: [treasure, harbour] });
    await window.user.keyboard("7");
    await window.shows("charge", "¥7");
    window.till.accounts = [{ ...treasure, retired: true }, harbour];
    window.till.send(window.till.update([]));
    await window.shows("notice", /收 CNY 的付款方式不能用了，现在选的收 HKD.*没有收 7 CNY/);
    expect(amount()).toBe("");
    await window.user.keyboard("{Enter}");
    expect(window.till.orderList).toHaveLength(0);

    await window.user.keyboard("7{Enter}");
    await screen.findByTestId("qr");
    expect(window.till.last).toMatchObject({ currency: "HKD" });
  });

  it("is refused below the screen where the account takes another by now", async () => {
    const window = await open({ accounts: [island] });
    await window.user.keyboard("7");
    // Somebody changes it at another window, and this one has not heard of it.
    window.till.accounts = [{ ...island, currency: "HKD" }];
    await window.user.keyboard("{Enter}");
    await window.shows("notice", /金额显示的货币是 CNY，账户“island”收的却是 HKD.*没有发出请求/);
    expect(window.till.orderList).toHaveLength(0);
  });

  it("is cleared, and said, where its account takes another by the time that its sale is refused", async () => {
    const window = await open({ accounts: [island] });
    await window.user.keyboard("7");
    let answer = () => {};
    const asked = new Promise<void>((done) => {
      answer = done;
    });
    const sell = window.till.sell.bind(window.till);
    window.till.sell = async (...sale) => {
      await asked;
      return sell(...sale);
    };
    await window.user.keyboard("{Enter}");
    window.till.accounts = [{ ...island, currency: "HKD" }];
    window.till.send(window.till.update([]));
    await window.shows("charge", "HK$7.00");
    // What is being sold was seen as it is sent: nothing is said of it before its answer.
    expect(amount()).toBe("7");
    expect(screen.queryByTestId("notice")).toBeNull();
    answer();
    const said = () => screen.queryAllByTestId("notice").map(({ textContent }) => textContent);
    await waitFor(() => expect(said()).toHaveLength(2));
    expect(said().join()).toMatch(/没有收 7 CNY，没有发出请求。金额已清空/);
    expect(said().join()).toMatch(/金额显示的货币是 CNY，账户“island”收的却是 HKD/);
    expect(amount()).toBe("");
    await window.user.keyboard("{Enter}");
    expect(window.till.orderList).toHaveLength(0);
  });
});

describe("a further order of a sale", () => {
  const unknown = "512345678901234567";

  /** A payment code came while 8 yuan were asked for by a QR, whose order is closed by now, and Enter goes on with it. */
  async function scannedFor8(accounts: AccountView[]) {
    const window = await open({ accounts });
    await window.user.keyboard("8{Enter}");
    await screen.findByTestId("qr");
    scan(unknown, { clock: window.clock });
    await screen.findByTestId("other-panel");
    window.till.end("closed");
    await waitFor(() => expect(screen.getByTestId("other-panel")).toHaveAttribute("data-allowed", "true"));
    await window.user.keyboard("{Enter}");
    return window;
  }

  it("is offered ways of the sale's currency alone, each with a key", async () => {
    const window = await open({ accounts: [harbour, account] });
    await choose(window, "wechat.scan");
    await window.user.keyboard("8{Enter}");
    await screen.findByTestId("qr");
    await window.user.keyboard("{F9}");
    await screen.findByTestId("other-panel");
    const offered = screen.getAllByRole<HTMLInputElement>("radio").map(({ value }) => value);
    expect(offered).toHaveLength(6);
    expect(offered.every((id) => id.startsWith("main/"))).toBe(true);
    await window.user.click(screen.getByTestId("all-channels"));
    const picker = await screen.findByTestId("picker");
    expect(within(picker).getAllByTestId(/^pick-/)).toHaveLength(9);
    expect(within(picker).queryByTestId("pick-micropay")).toBeNull();
  });

  it("by a payment code is picked among them, and Enter charges it", async () => {
    const window = await scannedFor8([account, harbour]);
    const picker = await screen.findByTestId("picker");
    expect(within(picker).queryByTestId("pick-micropay")).toBeNull();
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(window.till.codesSent).toEqual([unknown]));
    expect(window.till.last).toMatchObject({ currency: "CNY", request: { amount: "8.00" } });
    expect(window.till.orderList[1]?.sale).toBe(window.till.orderList[0]?.sale);
  });

  it.each(["order", "other"] as const)(
    "is not taken by a payment code where only ways of another currency take one: said at once, and nothing ends (%s)",
    async (mode) => {
      const window = await open({ accounts: [treasure, harbour] });
      await window.user.keyboard("8{Enter}");
      await screen.findByTestId("qr");
      if (mode === "other") {
        await window.user.keyboard("{F9}");
        await screen.findByTestId("other-panel");
      }
      const calls = [...window.till.calls];
      scan(unknown, { clock: window.clock });
      await window.shows("notice", /这一笔收的是 CNY.*没有收款。付款码已丢弃.*要收 HKD/);
      expect(screen.queryByTestId("code-ready")).toBeNull();
      if (mode === "order") expect(screen.getByTestId("qr")).toBeVisible();
      expect(window.till.calls).toEqual(calls);
      expect(window.till.orderList).toHaveLength(1);
    },
  );

  it.each(["zh-CN", "zh-HK", "en"] as const)(
    "of another amount is refused in words of its own (%s)",
    async (language) => {
      const window = await open({ settings: { language } });
      await window.user.keyboard("8{Enter}");
      await screen.findByTestId("qr");
      window.till.sell = () =>
        Promise.reject(new Refused({ code: "other_amount", facts: { amount: "8.00", currency: "CNY" } }));
      await window.user.keyboard("{F9}");
      await screen.findByTestId("other-panel");
      window.till.end("closed");
      await waitFor(() => expect(screen.getByTestId("other-panel")).toHaveAttribute("data-allowed", "true"));
      await window.user.keyboard("{Enter}");
      const notice = await screen.findByTestId("notice");
      expect(notice).toHaveTextContent("8.00 CNY");
      for (const untrue of ["约", "約", "about", "可能会付两次", "可能會付款兩次", "might pay twice"])
        expect(notice).not.toHaveTextContent(untrue);
      expect(within(notice).queryByTestId("overrule")).toBeNull();
    },
  );
});

describe("an Enter behind the one that sent a payment code", () => {
  it.each(["awaiting_payment", "paid", "failed"] as const)("leaves the order on the screen: %s", async (state) => {
    const window = await open({ accounts: [harbour] });
    await sellByCode(window);
    await window.pass(80);
    if (state === "paid") window.till.pay();
    if (state === "failed") window.till.end("failed");
    await waitFor(() => expect(document.querySelector(`[data-order][data-state="${state}"]`)).not.toBeNull());
    await window.user.keyboard("{Enter}");
    expect(screen.getByTestId("order-amount")).toBeVisible();
    await window.pass(seenMs);
    await window.user.keyboard("{Enter}");
    expect(screen.queryByTestId("order-amount")).toBeNull();
  });

  it("begins with the next customer at once where a scanner sent it off, and it is paid", async () => {
    const window = await open({ accounts: [harbour] });
    await choose(window, "micropay");
    await window.user.keyboard("12.50");
    scan("134567890123456789", { clock: window.clock });
    await screen.findByTestId("state");
    window.till.pay();
    await screen.findByTestId("paid");
    await window.user.keyboard("{Enter}");
    expect(screen.queryByTestId("paid")).toBeNull();
  });
});

describe("a way to pay that gives parameters", () => {
  it("shows them as text to copy and never as a code", async () => {
    const window = await open({ accounts: [harbour] });
    await choose(window, "wechat.app");
    await window.user.keyboard("12.50{Enter}");
    const box = await screen.findByTestId("parameters");
    expect(box).toHaveTextContent("prepay_id=wx");
    expect(box).toHaveTextContent("给集成方的应用使用，不是可以扫的码。");
    expect(screen.queryByTestId("qr")).toBeNull();
    await window.shows("state-line", "等待集成方的应用付款");
    await window.user.click(screen.getByTestId("copy-parameters"));
    await window.shows("copy-parameters", "已复制");
    expect(await navigator.clipboard.readText()).toBe(window.till.last.parameters);
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("parameters")).toBeNull());
  });
});

describe("a till whose pages customers can reach", () => {
  it("shows a code for what would be parameters, and keeps those at hand", async () => {
    const window = await open({ accounts: [harbour], servesPages: true });
    await choose(window, "wechat.jsapi");
    await window.shows(
      "channel-note",
      "顾客用微信扫码，在收银台的付款页上付款；支付参数也供您自己的公众号或小程序使用。",
    );
    await window.user.keyboard("12.50");
    await window.user.type(screen.getByTestId("field-sub_openid"), "oXoP");
    await window.user.click(screen.getByTestId("charge"));
    await screen.findByTestId("qr");
    await window.shows("state-line", "等待顾客扫码");
    expect(screen.getByTestId("parameters")).toHaveTextContent("prepay_id=wx");
  });

  it("no longer speaks of a link for trial only", async () => {
    const note = "支付链接仅供体验，平台文档不建议用作支付界面。";
    const window = await open({ accounts: [account], servesPages: true });
    await choose(window, "qq.jsapi");
    await window.shows("channel-note", "顾客用手机 QQ 扫码，在收银台的付款页上付款。");
    expect(screen.queryByText(note)).toBeNull();
  });
});

it("a link for trial only is called so where there is no page of the till's own, until customers can reach one", async () => {
  const window = await open({ accounts: [account] });
  await choose(window, "qq.jsapi");
  await window.shows("channel-note", "支付链接仅供体验，平台文档不建议用作支付界面。");
  const { user } = window;
  await user.click(screen.getByTestId("rail-settings"));
  await user.click(await screen.findByTestId("settings-receiver"));
  await user.click(await screen.findByTestId("receiver-listen"));
  await user.keyboard("127.0.0.1:8787{Tab}https://pay.example.com{Enter}");
  await waitFor(() => expect(screen.getByTestId("receiver-state").dataset.state).toBe("on"));
  await user.click(screen.getByTestId("rail-checkout"));
  await window.shows("channel-note", "顾客用手机 QQ 扫码，在收银台的付款页上付款。");
});

it("a way whose code depends on a link of the gateway's says so where it is chosen, unless the till serves pages", async () => {
  const window = await open({ accounts: [account] });
  await window.user.keyboard("/");
  for (const channel of ["alipay.jsapi", "qq.jsapi"]) await window.shows(`pick-${channel}`, "网关给出链接才有二维码");
  await window.shows("pick-wechat.jsurl", "出示二维码");
  await window.user.click(screen.getByTestId("picker-cancel"));
  cleanup();
  const serving = await open({ accounts: [account], servesPages: true });
  await serving.user.keyboard("/");
  for (const channel of ["alipay.jsapi", "qq.jsapi"]) await serving.shows(`pick-${channel}`, "出示二维码");
});

describe("many ways to pay", () => {
  const four = [account, harbour, island, treasure];

  it("are few beside the amount and all in a list, by account", async () => {
    const window = await open({ accounts: four });
    expect(screen.getAllByRole("radio")).toHaveLength(6);
    await window.user.click(screen.getByTestId("all-channels"));
    const picker = await screen.findByTestId("picker");
    expect(within(picker).getByText("harbour · 蓝海支付")).toBeVisible();
    expect(within(picker).getAllByTestId(/^pick-/)).toHaveLength(9 + 11 + 11 + 2);
  });

  it("are found by typing, in any language, and chosen by arrow keys", async () => {
    const window = await open({ accounts: four });
    await window.user.keyboard("/");
    await window.user.type(await screen.findByTestId("picker-search"), "island unionpay");
    expect(screen.getAllByTestId(/^pick-/).map((row) => row.dataset.testid)).toEqual([
      "pick-island-unionpay.qrcode",
      "pick-island-unionpay.link",
    ]);
    await window.user.keyboard("{ArrowDown}{Enter}");
    await waitFor(() => expect(screen.queryByTestId("picker")).toBeNull());
    expect(screen.getByTestId("channel-island-unionpay.link").querySelector("input")).toBeChecked();
    await window.user.keyboard("9{Enter}");
    await screen.findByTestId("state");
    expect(window.till.last.request).toMatchObject({ account: "island", channel: "unionpay.link" });
  });

  it("come first once they are favourites, with the first keys, also after a reload", async () => {
    const window = await open({ accounts: four });
    await window.user.keyboard("/");
    await window.user.click(await screen.findByTestId("star-101"));
    await window.user.type(screen.getByTestId("picker-search"), "micropay island");
    await window.user.keyboard("{Control>}d{/Control}");
    await window.user.click(screen.getByTestId("picker-cancel"));
    await window.reload();
    expect(screen.getAllByRole<HTMLInputElement>("radio").map(({ value }) => value)).toEqual([
      "treasure/101",
      "island/micropay",
      "main/wechat.scan",
      "main/alipay.scan",
      "main/qq.scan",
      "main/wechat.jsurl",
    ]);
    await window.user.keyboard("{F2}");
    expect(screen.getByTestId("channel-island-micropay").querySelector("input")).toBeChecked();
  });

  it("are reached by their number where keys end, by the keyboard alone, which the list says", async () => {
    const window = await open({ accounts: four, settings: { language: "en" } });
    const number = (row: HTMLElement) => row.querySelector("kbd")?.textContent;
    await window.user.keyboard("/");
    const picker = await screen.findByTestId("picker");
    expect(picker).toHaveTextContent("Arrow keys or a row's number, then Enter");
    const rows = within(picker).getAllByTestId(/^pick-/);
    const last = rows[32];
    expect([rows.length, last && number(last), last?.dataset.testid]).toEqual([33, "33", "pick-201"]);
    // Another way has these digits in its name: the number comes before it.
    await window.user.type(screen.getByTestId("picker-search"), "20");
    const current = () => picker.querySelector<HTMLElement>("li.current .take");
    await waitFor(() => expect(current()?.querySelector("kbd")?.textContent).toBe("20"));
    expect(within(picker).getByTestId("pick-201")).toBeVisible();
    expect(current()).toHaveTextContent("Enter");
    await window.user.clear(screen.getByTestId("picker-search"));
    await window.user.keyboard("３３{Enter}");
    await waitFor(() => expect(screen.queryByTestId("picker")).toBeNull());
    expect(screen.getByTestId("channel-201").querySelector("input")).toBeChecked();
  });

  it("of which each has a key are said to be reached by keys alone", async () => {
    const window = await open({ accounts: [account], settings: { language: "en" } });
    await window.user.keyboard("/");
    const picker = await screen.findByTestId("picker");
    expect(picker).toHaveTextContent("Arrow keys and Enter choose");
    expect(picker).not.toHaveTextContent("number");
  });

  it("of two accounts at one gateway name their account in each row, and to those who listen", async () => {
    const second = { ...account, id: "a2", name: "second" };
    const window = await open({ accounts: [account, second], settings: { language: "en" } });
    await window.user.keyboard("/");
    const picker = await screen.findByTestId("picker");
    expect(screen.getByTestId("pick-wechat.scan")).toHaveTextContent("main · Show a QR code");
    expect(screen.getByTestId("pick-second-wechat.scan")).toHaveTextContent("second · Show a QR code");
    expect(screen.getByTestId("star-second-wechat.scan")).toHaveAccessibleName("Favourite: WeChat Pay · second");
    await window.user.type(screen.getByTestId("picker-search"), "second wechat");
    expect(picker.querySelector("p.hidden[aria-live]")).toHaveTextContent("WeChat Pay · second");
  });

  it("name no account in their rows where there is one", async () => {
    const window = await open({ accounts: [account], settings: { language: "en" } });
    await window.user.keyboard("/");
    await screen.findByTestId("picker");
    expect(screen.getByTestId("pick-wechat.scan")).not.toHaveTextContent("main");
  });

  it("have a key each as far as keys go, favourites first, in the list and beside the amount", async () => {
    const { user } = await open({ accounts: four });
    const all = ["F1", "F2", "F3", "F4", "F7", "F8", ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => `Ctrl+${digit}`)];
    const rows = () => within(screen.getByTestId("picker")).getAllByTestId(/^pick-/);
    const keys = () => rows().flatMap((row) => row.querySelector("kbd")?.textContent ?? []);
    await user.keyboard("/");
    await screen.findByTestId("picker");
    const numbers = Array.from({ length: 33 - all.length }, (_, at) => String(all.length + at + 1));
    expect(keys()).toEqual([...all, ...numbers]);
    await user.click(screen.getByTestId("star-101"));
    await waitFor(() => expect(rows()[0]).toHaveAttribute("data-testid", "pick-101"));
    expect(keys()).toEqual([...all, ...numbers]);
    await user.keyboard("{Control>}3{/Control}");
    await waitFor(() => expect(screen.queryByTestId("picker")).toBeNull());
    expect(screen.getByTestId("channel-alipay.micro").querySelector("input")).toBeChecked();
    expect(screen.getByTestId("channel-alipay.micro")).toHaveTextContent("Ctrl+3");

    await user.keyboard("9{Control>}5{/Control}");
    expect(screen.getByTestId("channel-wechat.qrcode").querySelector("input")).toBeChecked();
    expect([screen.getAllByRole("radio").length, amount()]).toEqual([7, "9"]);
  });

  it("leave alone a key that is none of theirs, and all of them while an order is on the screen", async () => {
    const taken = async () =>
      !(await fireEvent.keyDown(document.body, { key: "1", code: "Digit1", ctrlKey: true })) &&
      localStorage.getItem("till:choice");
    await open({ accounts: [treasure] });
    expect(await taken()).toBe(false);
    cleanup();
    const { user } = await open({ accounts: [account] });
    const end = { key: "End", code: "Numpad1", ctrlKey: true };
    expect(await fireEvent.keyDown(document.body, end), "a keypad of arrows").toBe(true);
    expect(await taken()).toBe("main/wechat.micro");
    await user.keyboard("{F1}9{Enter}");
    await screen.findByTestId("qr");
    expect(await taken()).toBe(false);
    expect(localStorage.getItem("till:choice")).toBe("main/wechat.scan");
  });

  it("leave out one whose field the account does not have", async () => {
    const window = await open({ accounts: [treasure] });
    expect(screen.queryByTestId("channel-other")).toBeNull();
    window.till.accounts = [{ ...treasure, fields: { ...treasure.fields, channels: "304" } }];
    window.till.recover(null);
    expect(await screen.findByTestId("channel-other")).toBeVisible();
  });

  it("leave out gateways that make no orders", async () => {
    await open({ accounts: [account, speaker] });
    screen.getByTestId("all-channels").click();
    await screen.findByTestId("picker");
    expect(screen.queryByTestId("pick-voice")).toBeNull();
  });
});

describe("an order that is named by a person", () => {
  it("is asked about by the gateway's number where ours says nothing to it", async () => {
    const window = await open({ accounts: [treasure] });
    await window.user.keyboard("5{Enter}");
    await screen.findByTestId("qr");
    window.till.loseNumber();
    await window.shows("state-line", "无法向网关查询");
    const { no } = window.till.last;
    // Letters and Enter are the field's, not the screen's; and a long number is no payment code.
    await window.user.type(screen.getByTestId("gateway-no"), "order20260105120000123456{Enter}");
    await waitFor(() => expect(window.till.calls).toContain(`name ${no} order20260105120000123456`));
    await waitFor(() => expect(screen.queryByTestId("gateway-no")).toBeNull());
    expect(screen.getByTestId("state")).toHaveAttribute("data-order", no);
  });

  it("is taken in with its lines, and opens as a timeline", async () => {
    const window = await open({ accounts: [account, speaker] });
    await window.user.click(screen.getByTestId("rail-orders"));
    await window.user.click(await screen.findByTestId("adopt"));
    expect(await screen.findByTestId("adopt-take")).toBeDisabled();
    expect(screen.getByTestId("adopt-number")).toHaveFocus();
    await window.user.selectOptions(screen.getByTestId("adopt-by"), "transaction_id");
    await window.user.type(screen.getByTestId("adopt-number"), "4200001234");
    await window.user.type(screen.getByTestId("adopt-id-0"), "tea");
    await window.user.click(screen.getByTestId("adopt-take"));
    await window.shows("adopt-help", "请填好每一行");
    expect(window.till.calls.filter((call) => call.startsWith("adopt"))).toEqual([]);
    await window.user.type(screen.getByTestId("adopt-amount-0"), "8.05");
    await window.user.click(screen.getByTestId("adopt-add"));
    await window.user.type(screen.getByTestId("adopt-id-1"), "cake");
    await window.user.clear(screen.getByTestId("adopt-quantity-1"));
    await window.user.type(screen.getByTestId("adopt-quantity-1"), "3");
    await window.user.type(screen.getByTestId("adopt-amount-1"), "12");
    await window.user.click(screen.getByTestId("adopt-take"));
    const items = '[{"id":"tea","quantity":1,"amount_minor":805},{"id":"cake","quantity":3,"amount_minor":1200}]';
    await waitFor(() => expect(window.till.calls).toContain(`adopt speaker {"transaction_id":"4200001234"} ${items}`));
    expect(await screen.findByTestId("timeline")).toHaveTextContent("cake × 3 · ¥12.00");
    expect(screen.getByTestId("timeline-entry-adopted")).toHaveTextContent("接入别处的订单");
  });

  it("is refused in the reader's language where the gateway cannot or does not confirm it", async () => {
    const window = await open({ accounts: [speaker] });
    await window.user.click(screen.getByTestId("rail-orders"));
    await window.user.click(await screen.findByTestId("adopt"));
    await window.user.type(await screen.findByTestId("adopt-number"), "T1");
    window.till.adopt = () => Promise.reject(new Refused({ code: "gateway_cannot", facts: { what: "adopt" } }));
    await window.user.click(screen.getByTestId("adopt-take"));
    await window.shows("adopt-refused", "这个网关做不到：接入别处的订单");
    window.till.adopt = () => Promise.reject(new Refused({ code: "not_confirmed", facts: { reason: "timed_out" } }));
    await window.user.click(screen.getByTestId("adopt-take"));
    await window.shows("adopt-refused", "网关没有确认：网关没有及时回答");
    const facts = { reason: "SUCCESS", code: "301", reaction: "no_such_order" };
    window.till.adopt = () => Promise.reject(new Refused({ code: "not_confirmed", facts }));
    await window.user.click(screen.getByTestId("adopt-take"));
    await window.shows("adopt-refused", "网关没有确认：错误 301 “SUCCESS”，网关没有这一单");
    expect(screen.getByTestId("adopt-number")).toHaveValue("T1");
  });

  it("is offered only where a gateway has such orders", async () => {
    const window = await open();
    await window.user.click(screen.getByTestId("rail-orders"));
    await screen.findByTestId("search");
    expect(screen.queryByTestId("adopt")).toBeNull();
  });
});

describe("an account with keys of its own", () => {
  it("takes a private key once as PEM and shows the public one", async () => {
    const { user, till } = await open({ accounts: [] });
    await user.click(screen.getByTestId("first-run-connect"));
    await user.selectOptions(await screen.findByTestId("field-gateway"), "dingdang");
    await user.type(screen.getByTestId("field-name"), "voice");
    await user.type(screen.getByTestId("field-skill_id"), "99");
    const pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----";
    const box = screen.getByTestId("secret-skill_private_key");
    expect(box.tagName).toBe("TEXTAREA");
    await user.click(box);
    await user.paste(pem);
    await user.click(screen.getByTestId("field-tsk_public_key"));
    await user.paste("MIIBIjANBg");
    await user.click(screen.getByTestId("save-account"));
    expect(await screen.findByTestId("secret-hint-skill_private_key")).toHaveTextContent("已存入密钥环");
    expect(till.secrets.get("voice/skill_private_key")).toBe(pem);
    expect(document.body.innerHTML).not.toContain("MIIEvQ");
    expect([...document.querySelectorAll("textarea")].map(({ value }) => value).join()).not.toContain("MIIEvQ");
    expect(screen.getByTestId("account-voice")).toHaveTextContent("MIIBIjANBg");
    expect(till.accounts[0]?.fields).not.toHaveProperty("skill_private_key");
  });

  it("is checked live: signature, its reading, clock and latency in words, and unknown facts plainly", async () => {
    const { user } = await open({ accounts: [harbour] });
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("check-harbour"));
    const finding = await screen.findByTestId("finding-gateway:harbour");
    for (const text of ["应答的签名：已核对，不算空字段", "网关的时钟慢 3 秒", "应答用时 187 毫秒", "till_rank 7"])
      expect(finding).toHaveTextContent(text);
  });

  it.each(["zh-CN", "zh-HK", "en"] as const)(
    "says in words why nothing counted, whatever it was (%s)",
    async (language) => {
      const { user, till } = await open({ accounts: [harbour], settings: { language } });
      const reasons = Object.entries(reasonWords);
      const found = reasons.map(([answer]) => ({
        what: `gateway:${answer}`,
        well: false,
        facts: { answer },
        fault: null,
      }));
      till.checkAccount = () => Promise.resolve(found);
      await user.click(screen.getByTestId("rail-settings"));
      await user.click(await screen.findByTestId("settings-accounts"));
      await user.click(screen.getByTestId("check-harbour"));
      expect(reasons).toHaveLength(22);
      for (const [reason, label] of reasons)
        expect(await screen.findByTestId(`finding-gateway:${reason}`)).toHaveTextContent(label[language]);
    },
  );

  it.each(["zh-CN", "zh-HK", "en"] as const)(
    "says what is wrong with a list of prices, in which line, and what to do (%s)",
    async (language) => {
      const { user, till } = await open({ accounts: [harbour], settings: { language } });
      const all = Object.entries(catalogueWords);
      const found = all.map(([wrong]) => ({
        what: `gateway:${wrong}`,
        well: false,
        facts: { catalogue_wrong: wrong, catalogue_line: "37" },
        fault: null,
      }));
      till.checkAccount = () => Promise.resolve(found);
      await user.click(screen.getByTestId("rail-settings"));
      await user.click(await screen.findByTestId("settings-accounts"));
      await user.click(screen.getByTestId("check-harbour"));
      expect(all).toHaveLength(11);
      for (const [wrong, label] of all) {
        const finding = await screen.findByTestId(`finding-gateway:${wrong}`);
        expect(finding).toHaveTextContent(label[language].replace("{line}", "37"));
        expect(finding).not.toHaveTextContent(/catalogue_|\{line\}/);
      }
    },
  );

  it.each([
    ["zh-CN", "签名：没有签名", "没有证实网关是否认可我们的签名", "网关的时钟和本机一致", "网关原话“bad sign”"],
    ["zh-HK", "簽署：沒有簽署", "未有證實網關是否接受我們的簽署", "網關的時鐘與本機一致", "網關原話「bad sign」"],
    [
      "en",
      "of the answer: it bears none",
      "does not show whether the gateway takes our",
      "agrees with this",
      "“bad sign”",
    ],
  ] as const)("is told as sentences (%s)", async (language, ...said) => {
    const { user, till } = await open({ accounts: [harbour], settings: { language } });
    const facts = { signature: "unsigned", not_proven: "own_signature", gateway_ahead_s: "0", text: "bad sign" };
    till.checkAccount = () => Promise.resolve([{ what: "gateway:harbour", well: false, facts, fault: null }]);
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("check-harbour"));
    const finding = await screen.findByTestId("finding-gateway:harbour");
    for (const text of said) expect(finding).toHaveTextContent(text);
  });

  it("says that a key is stored and nothing of how it ends where that shows nothing", async () => {
    const { user } = await open({ accounts: [{ ...speaker, secrets: { skill_private_key: "..." } }] });
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("edit-speaker"));
    const hint = await screen.findByTestId("secret-hint-skill_private_key");
    expect(hint.textContent?.trim()).toBe("已存入密钥环");
  });

  it.each([
    ["0", "as far as can be told, the gateway's clock agrees"],
    ["3", "the gateway's clock is 3 s ahead"],
    ["-3", "the gateway's clock is 3 s behind"],
  ])("shows a known difference of clocks as it is (%s s), whatever the latency", async (ahead, said) => {
    const { user, till } = await open({ accounts: [harbour], settings: { language: "en" } });
    const facts = { latency_ms: "7000", gateway_ahead_s: ahead };
    till.checkAccount = () => Promise.resolve([{ what: "gateway:harbour", well: true, facts, fault: null }]);
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("check-harbour"));
    expect(await screen.findByTestId("finding-gateway:harbour")).toHaveTextContent(said);
  });

  it.each([
    ["zh-CN", true, "这台电脑的时钟和网关的相差 7200 秒"],
    ["zh-HK", true, "這部電腦的時鐘與網關的相差 7200 秒"],
    ["en", false, "This computer's clock is 7200 s off the gateway's"],
  ] as const)("names the seconds that clocks are apart, well or not (%s)", async (language, well, said) => {
    const { user, till } = await open({ accounts: [harbour], settings: { language } });
    const facts = { signature: "verified", gateway_ahead_s: "7200" };
    const fault = { code: "clock_wrong", facts: { seconds: "7200" } } as const;
    till.checkAccount = () => Promise.resolve([{ what: "gateway:harbour", well, facts, fault }]);
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("check-harbour"));
    const finding = await screen.findByTestId("finding-gateway:harbour");
    expect(finding).toHaveTextContent(said);
    expect(finding.dataset.well).toBe(String(well));
  });

  it.each([
    ["zh-CN", "这台电脑的时钟和网关的相差 7200 秒", "签名的时间最多可以差 180 秒"],
    ["zh-HK", "這部電腦的時鐘與網關的相差 7200 秒", "簽署的時間最多可相差 180 秒"],
    ["en", "This computer's clock is 7200 s off the gateway's", "a signature's time may be 180 s off at most"],
  ] as const)("tells clocks that are too far apart beside another fault (%s)", async (language, ...said) => {
    const { user, till } = await open({ accounts: [harbour], settings: { language } });
    const facts = { gateway_ahead_s: "-7200", skew_limit_s: "180" };
    const fault = { code: "ticket_not_had", facts: { name: "harbour" } } as const;
    till.checkAccount = () => Promise.resolve([{ what: "gateway:harbour", well: false, facts, fault }]);
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("check-harbour"));
    const finding = await screen.findByTestId("finding-gateway:harbour");
    for (const text of said) expect(finding).toHaveTextContent(text);
    expect(finding.querySelector("[data-code=ticket_not_had]")).not.toBeNull();
  });

  it("tells clocks that are apart before the error that they cause", async () => {
    const { user, till } = await open({ accounts: [harbour], settings: { language: "en" } });
    const facts = { signature: "stale", gateway_ahead_s: "-400", code: "FAIL" };
    till.checkAccount = () => Promise.resolve([{ what: "gateway:harbour", well: false, facts, fault: null }]);
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("check-harbour"));
    const finding = await screen.findByTestId("finding-gateway:harbour");
    expect(finding).toHaveTextContent("the gateway's clock is 400 s behind");
    expect(finding).toHaveTextContent("too far apart for the gateway's answer to count");
  });

  it.each([
    ["zh-CN", "无法知道这是不是网关的回答", "请在账户里填写网关的公钥"],
    ["zh-HK", "無法得知這是否網關的回覆", "請在帳戶填寫網關的公鑰"],
    ["en", "nobody can tell whether this is the gateway's answer", "Fill the gateway's public key in"],
  ] as const)("asks for the key without which nobody knows whose error it is (%s)", async (language, ...said) => {
    const { user, till } = await open({ accounts: [speaker], settings: { language } });
    const facts = { signature: "unchecked", code: "FAIL", text: "no such order" };
    till.checkAccount = () => Promise.resolve([{ what: "gateway:speaker", well: false, facts, fault: null }]);
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("check-speaker"));
    const finding = await screen.findByTestId("finding-gateway:speaker");
    for (const text of said) expect(finding).toHaveTextContent(text);
    expect(finding).not.toHaveTextContent("unchecked");
  });

  it("says in words what is wrong with the account, beside what the gateway said", async () => {
    const { user, till } = await open({ accounts: [harbour] });
    const facts = { latency_ms: "187", code: "4004", text: "签名错误", reaction: "check_keys" };
    till.checkAccount = () => Promise.resolve([{ what: "gateway:harbour", well: false, facts, fault: null }]);
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("check-harbour"));
    const finding = await screen.findByTestId("finding-gateway:harbour");
    expect(finding).toHaveTextContent("签名错误");
    expect(finding).toHaveTextContent("密钥或商户号不对，请检查账户");
    expect(finding).not.toHaveTextContent("check_keys");
  });

  it("says what came of asking the merchant's own server for the official account's ticket", async () => {
    const { user, till } = await open({ accounts: [harbour] });
    const fault = { code: "ticket_not_had" as const, facts: { name: "harbour" } };
    till.checkAccount = () =>
      Promise.resolve([{ what: "gateway:harbour", well: false, facts: { ticket: "no_ticket" }, fault }]);
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("check-harbour"));
    const finding = await screen.findByTestId("finding-gateway:harbour");
    expect(finding).toHaveTextContent("公众号 ticket：回答里没有可用的 ticket");
    expect(finding).toHaveTextContent("没有从账户 harbour 的公众号 ticket 地址取得 ticket");
  });
});
