import { fireEvent, screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { errorWords } from "../src/host/bindings.ts";
import type { Code, Said, Trouble } from "../src/host/contract.ts";
import { account } from "../src/host/fake/gateways.ts";
import { scan, wechat } from "./hand.ts";
import { pins, shop, type } from "./staff.ts";
import { amount, type Opened, open, seenMs, sell } from "./window.ts";

const lastFour = (no: string) => no.slice(-4);

describe("a sale at the counter", () => {
  it("goes from the first digit to paid by keyboard alone", async () => {
    const window = await open();
    await window.user.keyboard("{F2}12.50{Enter}");
    expect(await screen.findByTestId("qr")).toBeVisible();
    expect(window.till.calls).toContain("sell alipay.scan 12.50");
    expect(screen.getByTestId("state")).toHaveAttribute("data-state", "awaiting_payment");
    await window.shows("state-line", "等待顾客扫码");
    expect(window.till.shownToCustomer).toBe(window.till.last.no);

    window.till.scan();
    await window.shows("state-line", "顾客正在付款");
    window.till.pay();
    const paid = await screen.findByTestId("paid");
    expect(paid).toHaveTextContent("已收款");
    expect(paid).toHaveTextContent("12.50");
    expect(paid).toHaveTextContent("0.8 秒后");
    await window.shows("announcement", "¥12.50 已收款");

    await window.user.keyboard("8");
    expect(screen.getByTestId("amount")).toHaveAttribute("data-value", "8");
    expect(window.till.shownToCustomer).toBeNull();
  });

  it("is typed on the keypad as well", async () => {
    const { user } = await open();
    for (const key of ["1", "2", ".", "5", "5", "backspace", "0"]) await user.click(screen.getByTestId(`key-${key}`));
    expect(screen.getByTestId("amount")).toHaveAttribute("data-value", "12.50");
    expect(screen.getByTestId("charge")).toHaveTextContent("收款 ¥12.50");
  });

  it("takes an amount typed anywhere, but not the digits of a note", async () => {
    const { user, till } = await open();
    screen.getByTestId("rail-checkout").focus();
    await user.keyboard("7");
    await user.keyboard("{F6}2 apples");
    expect(screen.getByTestId("amount")).toHaveAttribute("data-value", "7");
    await user.keyboard("{Enter}");
    await screen.findByTestId("state");
    expect(till.last.request).toMatchObject({ amount: "7", body: "2 apples" });
  });

  it("reads full-width digits while an input method is still composing", async () => {
    await open();
    const input = screen.getByTestId<HTMLInputElement>("amount-input");
    await fireEvent.compositionStart(input);
    input.value = "１２。５";
    await fireEvent(input, new InputEvent("input", { isComposing: true, bubbles: true }));
    expect(screen.getByTestId("amount")).toHaveAttribute("data-value", "12.5");
    expect(input.value).toBe("１２。５");
    await fireEvent.compositionEnd(input);
    expect(input.value).toBe("12.5");
    expect(screen.getByTestId("charge")).toBeEnabled();
  });

  it("does not charge on the Enter that ends a composition", async () => {
    const { till } = await open();
    const input = screen.getByTestId<HTMLInputElement>("amount-input");
    await fireEvent.input(input, { target: { value: "5" } });
    await fireEvent.keyDown(input, { key: "Enter", isComposing: true });
    expect(till.orderList).toHaveLength(0);
  });

  it("stops at a key that makes no amount, says so, and charges nothing until that key is taken back", async () => {
    const { user, till } = await open();
    for (const [typed, stands, said] of [
      ["12.505", "12.50", "最多两位小数"],
      ["9,50", "9", "不成金额"],
      ["9，50", "9", "不成金额"],
      ["1,250", "1", "不成金额"],
      ["-1", "", "不成金额"],
      ["1e3", "1", "不成金额"],
    ] as const) {
      await user.keyboard(`${typed}{Enter}`);
      expect(screen.getByTestId("amount")).toHaveAttribute("data-value", stands);
      expect(document.getElementById("amount-hint")).toHaveTextContent(said);
      expect(screen.getByTestId("charge")).toBeDisabled();
      expect(till.orderList).toHaveLength(0);
      await user.keyboard("{Backspace}");
      expect(screen.getByTestId("amount")).toHaveAttribute("data-value", stands);
      expect(document.getElementById("amount-hint")).not.toHaveTextContent(said);
      await user.keyboard("{Escape}");
    }
    await user.keyboard("9,{Backspace}.50");
    expect(screen.getByTestId("amount")).toHaveAttribute("data-value", "9.50");
    expect(screen.getByTestId("charge")).toBeEnabled();
  });

  it("has nothing drawn for further digits until that key is taken back", async () => {
    const { user } = await open();
    const field = screen.getByTestId("amount-input");
    const isWritten = () => fireEvent.keyDown(field, { key: "7" });
    await user.keyboard("12.50");
    expect(await isWritten()).toBe(true);
    await user.keyboard("5");
    expect(await isWritten()).toBe(false);
    await user.keyboard("{Backspace}");
    expect(await isWritten()).toBe(true);
  });

  it("stops in the same way where the amount has no focus", async () => {
    const { user } = await open();
    (document.activeElement as HTMLElement).blur();
    await user.keyboard("9,50");
    expect([amount(), screen.getByTestId("charge").hasAttribute("disabled")]).toEqual(["9", true]);
    await user.keyboard("{Backspace}");
    expect([amount(), screen.getByTestId("charge").hasAttribute("disabled")]).toEqual(["9", false]);
  });

  it("asks for the fields of a channel before it charges", async () => {
    const { user, till } = await open();
    await user.keyboard("9{F7}");
    expect(screen.getByTestId("charge")).toBeDisabled();
    await user.type(screen.getByTestId("field-buyer_id"), "2088");
    expect(screen.getByTestId("charge")).toBeEnabled();
    await user.click(screen.getByTestId("charge"));
    await screen.findByTestId("state");
    expect(till.last.request.extra).toEqual({ buyer_id: "2088" });
  });

  it("does not ask for a field that the account takes away", async () => {
    const { user } = await open({ accounts: [{ ...account, fields: { ...account.fields, bjrcb: "yes" } }] });
    await user.keyboard("9{F4}");
    expect(screen.queryByTestId("field-sub_openid")).toBeNull();
    expect(screen.getByTestId("channel-note")).toHaveTextContent("须在微信内打开");
    expect(screen.getByTestId("charge")).toBeEnabled();
  });

  it("remembers the way to pay", async () => {
    const window = await open();
    await window.user.keyboard("{F3}");
    await window.reload();
    expect(screen.getByTestId("channel-qq.scan").querySelector("input")).toBeChecked();
  });

  it("says what happened, what it means for the money and the next step when the till refuses", async () => {
    const window = await open();
    window.till.refuseNext = "disk_full";
    await window.user.keyboard("5{Enter}");
    const notice = await screen.findByTestId("notice");
    for (const part of ["what", "money", "next"] as const)
      expect(notice).toHaveTextContent(errorWords.disk_full[part]["zh-CN"]);
    expect(screen.getByTestId("amount")).toHaveAttribute("data-value", "5");
  });

  it("takes back why the till refused once the cause is over", async () => {
    const window = await open();
    const refusals: Code[] = ["keyring_locked", "disk_full"];
    for (const code of refusals) {
      window.till.refuseNext = code;
      await window.user.keyboard("5{Enter}");
      await window.shows("notice", errorWords[code].what["zh-CN"]);
      window.till.notices = [{ code, facts: {} }];
      window.till.recover(null);
      await screen.findByTestId("till-notice");
      expect(screen.getByTestId("notice")).toBeVisible();
      window.till.notices = [];
      window.till.recover(null);
      await waitFor(() => expect(screen.queryByTestId("notice")).toBeNull());
      await window.user.keyboard("{Escape}");
    }
    expect(errorWords.keyring_locked.next["zh-CN"]).toContain("请再收一次");
  });

  it("names the limit that an amount is over", async () => {
    const window = await open();
    for (const digit of "50001") await window.user.click(screen.getByTestId(`key-${digit}`));
    await window.user.keyboard("{Enter}");
    expect(await screen.findByTestId("notice")).toHaveTextContent("50,000.00");
  });
});

describe("the order on screen", () => {
  it("says when the payment did not go through, and that it may be tried again", async () => {
    const window = await open();
    await sell(window);
    window.till.scan();
    window.till.decline();
    await window.shows("state-line", "没有付成，可以再试");
    expect(screen.getByTestId("qr")).toBeVisible();
  });

  it("says for how long the gateway has been silent, and warns of charging twice", async () => {
    const window = await open();
    await sell(window);
    window.till.gatewayUp = false;
    await window.pass(12_000);
    await window.shows("state-line", "网关 12 秒没有应答，仍在询问");
    expect(screen.getByTestId("state")).toHaveTextContent("不要让顾客再付一次");
    window.till.gatewayUp = true;
    await window.pass(2_000);
    await window.shows("state-line", "等待顾客扫码");
  });

  const said: Said = { reaction: "upstream", code: "301", text: "系统错误" };
  it("counts no time down where nothing can be asked and nobody can pay", async () => {
    const window = await open();
    await sell(window);
    const card = () => screen.getByTestId(`open-order-${lastFour(window.till.last.no)}`);
    expect(card().querySelector("progress")).not.toBeNull();
    window.till.loseNumber();
    await waitFor(() => expect(card()).toHaveTextContent("无法询问"));
    expect(card().querySelector("progress")).toBeNull();
  });

  it.each<[string, Trouble, string, string, string]>([
    ["cannot be asked", "keyring", "收银台无法发出询问（见提示）", "无法询问", "收银台无法发出询问"],
    ["cannot be built a question for", "not_built", "收银台无法发出询问（见提示）", "无法询问", "收银台无法发出询问"],
    ["answers with an error", { said }, "网关返回错误 301，仍在询问", "网关返回错误", "没有可用的应答"],
    [
      "is not believed",
      { unreadable: "wrong_signature" },
      "网关的回答不可信，没有采用",
      "回答不可信",
      "没有可用的应答",
    ],
    ["is not trusted", "untrusted", "网关的证书不可信", "证书不可信", "没有可用的应答"],
    ["does not answer", "timed_out", "没有应答，仍在询问", "网关没有应答", "没有应答"],
  ])("says of a gateway that %s just that, everywhere", async (_, trouble, line, brief, header) => {
    const window = await open();
    await sell(window);
    window.till.trouble = trouble;
    window.till.gatewayUp = false;
    await window.pass(8_000);
    await window.shows("state-line", line);
    expect(screen.getByTestId("state")).toHaveTextContent("不要让顾客再付一次");
    const { no } = window.till.last;
    expect(screen.getByTestId(`open-order-${lastFour(no)}`)).toHaveTextContent(brief);
    expect(screen.getByTestId("health")).toHaveTextContent(header);
    if (trouble !== "timed_out") expect(document.body).not.toHaveTextContent(/秒没有应答/);
    await window.shows("announcement", line);
    window.till.recover({ order_nos: [no], still_asking: 1, paid: 0, ended: 0, open: 0, in_doubt: 0, not_asked: 0 });
    await window.shows("recovery", brief);
  });

  it("counts a gateway as asked that has said nothing yet", async () => {
    const window = await open({ create: "lost" });
    await window.shows("health", "还没有询问过网关");
    await sell(window);
    await window.pass(5_000);
    await window.shows("health", "已询问网关，还没有可用的应答");
    await window.pass(2_000);
    await window.shows("health", /网关正常/);
  });

  it("stays for an Enter that comes again before its code can have been seen", async () => {
    const window = await open();
    await sell(window);
    await window.pass(80);
    await window.user.keyboard("{Enter}");
    await window.pass(seenMs - 81);
    await window.user.keyboard("{Enter}");
    expect(screen.getByTestId("qr")).toBeVisible();
    expect(window.till.shownToCustomer).toBe(window.till.last.no);
    await window.pass(1);
    await window.user.keyboard("{Enter}");
    expect(screen.queryByTestId("qr")).toBeNull();
    expect(amount()).toBe("");
  });

  it("stays for any Enter while it is being created, and a moment longer", async () => {
    const window = await open({ create: 4_000 });
    await sell(window);
    await window.pass(3_000);
    await window.user.keyboard("{Enter}");
    expect(screen.getByTestId("next-customer")).not.toHaveTextContent("Enter");
    await window.pass(1_000);
    await screen.findByTestId("qr");
    await window.user.keyboard("{Enter}");
    expect(screen.getByTestId("qr")).toBeVisible();
    expect(screen.getByTestId("next-customer")).toHaveTextContent("Enter");
    await window.pass(seenMs);
    await window.user.keyboard("{Enter}");
    expect(screen.queryByTestId("qr")).toBeNull();
  });

  it("goes at once by Enter when it is brought back", async () => {
    const window = await open();
    await sell(window, "8");
    await window.pass(seenMs);
    await window.user.keyboard("{Enter}30{Enter}");
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    await window.user.keyboard("{PageDown}");
    await waitFor(() =>
      expect(screen.getByTestId("state")).toHaveAttribute("data-order", window.till.orderList.at(0)?.no),
    );
    await window.user.keyboard("{Enter}");
    expect(screen.queryByTestId("state")).toBeNull();
  });

  it("gives a time to what was timed, and to the journal's entry when it was written", async () => {
    const window = await open({ create: 4_000 });
    await sell(window);
    const written = screen.getByTestId("journaled");
    expect(written).toHaveTextContent(/^订单已写入流水$/);
    expect(written.previousElementSibling).toHaveTextContent(/^\d\d:\d\d:\d\d$/);
    expect(screen.getByRole("region", { name: "当前订单" })).not.toHaveTextContent(/(^|\D)0 毫秒/);
    await window.pass(4_000);
    const answered = await screen.findByText("网关应答，二维码已核对可扫");
    expect(answered.previousElementSibling).toHaveTextContent("4.0 秒");
  });

  it("says that a close was asked for while the customer pays", async () => {
    const window = await open();
    await sell(window);
    window.till.scan();
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("close-order")).toBeNull());
    await window.shows("state-line", "顾客正在付款；已要求关闭");
    expect(screen.getByTestId("state")).toHaveTextContent("这次没有付成就会关闭");
  });

  it("takes the code off at once when it is closed, and waits for the gateway's floor", async () => {
    const window = await open();
    await sell(window);
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("qr")).toBeNull());
    await window.shows("state-line", /5:00后网关才允许关闭/);
    await window.pass(302_000);
    expect(await screen.findByTestId("outcome")).toHaveTextContent("已关闭，没有收款");
  });

  it("expires by asking, closing and asking again", async () => {
    const window = await open();
    await sell(window);
    expect(screen.getByTestId("countdown")).toHaveAttribute("max", "300000");
    await window.pass(300_000);
    await window.shows("state-line", "已到时，正在关闭并再次向网关确认");
    expect(screen.queryByTestId("qr")).toBeNull();
    await window.pass(2_000);
    expect(await screen.findByTestId("outcome")).toHaveAttribute("data-state", "closed");
  });

  it("says of a code that is put away before its order can be closed when that is", async () => {
    const window = await open({}, (till) => {
      sessionStorage.setItem("till:shown", till.seed("12.50", "awaiting_payment", 10_000, { lasts: 60_000 }).no);
    });
    await window.shows("state", "还剩 0:50，到时收起；4:50后网关才允许关闭");
    expect(screen.getByTestId("countdown")).toHaveAttribute("max", "60000");
    expect(screen.getByTestId(`open-order-${lastFour(window.till.last.no)}`)).toHaveTextContent("0:50");
  });

  it("says since when the order is being created", async () => {
    const window = await open({ create: 4_000 });
    await sell(window);
    await window.pass(1_000);
    await window.shows("state-line", "正在向网关下单，已 1.0 秒");
    await window.pass(3_000);
    expect(await screen.findByTestId("qr")).toBeVisible();
  });

  it("makes a new order of the same sale when the code was lost", async () => {
    const window = await open({ create: "lost" });
    await sell(window);
    await window.pass(5_000);
    await window.shows("state-line", "二维码丢失");
    const lost = window.till.last;
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    expect(window.till.last.request).toMatchObject({ sale: lost.sale, amount: "12.50", channel: "wechat.scan" });
  });

  it("shows a late payment, a failed, a reversed, a never created and an expired order for what they are", async () => {
    const window = await open();
    await sell(window);
    const shows = async (text: string) => waitFor(() => expect(screen.getByTestId("outcome")).toHaveTextContent(text));
    window.till.end("failed");
    await shows("付款失败，没有收款");
    window.till.end("reversed");
    await shows("已撤销，这一单不向顾客收款");
    window.till.end("closed", "never_created");
    await shows("网关没有这一单，没有得知付款");
    window.till.end("closed", "expired_here");
    await shows("已到时，目前没有得知付款");
    window.till.pay();
    expect(await screen.findByTestId("paid")).toHaveTextContent("已收款，在订单结束之后才得知");
  });

  it("puts money in doubt into words and does not leave it by a digit", async () => {
    const window = await open();
    await sell(window);
    window.till.dispute("amount");
    await window.shows("state-line", "与网关的回答不符");
    expect(screen.getByTestId("state")).toHaveTextContent("金额不符");
    await window.user.keyboard("5");
    expect(screen.getByTestId("state")).toBeVisible();
  });

  it("asks at once on F5", async () => {
    const window = await open();
    await sell(window);
    await window.user.keyboard("{F5}");
    expect(window.till.calls).toContain(`ask ${window.till.last.no}`);
  });
});

describe("another way to pay", () => {
  it("takes the old code off, waits until the gateway says unpaid, and then charges the same sale", async () => {
    const window = await open();
    await sell(window);
    const first = window.till.last;
    await window.user.keyboard("{F9}");
    expect(window.till.calls).toContain(`close ${first.no}`);
    await window.shows("further", "等网关确认没有付款");
    await window.user.keyboard("{F2}{Enter}");
    expect(screen.getByTestId("armed")).toBeVisible();
    expect(window.till.orderList).toHaveLength(1);

    await window.pass(2_000);
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    expect(window.till.last.request).toMatchObject({ channel: "alipay.scan", amount: "12.50", sale: first.sale });
    expect(await screen.findByTestId("qr")).toBeVisible();
    expect(screen.getByTestId(`open-order-${lastFour(first.no)}`)).toBeVisible();
  });

  it("shows the payment when the old code was paid after all", async () => {
    const window = await open();
    await sell(window);
    await window.user.keyboard("{F9}{F2}{Enter}");
    window.till.pay();
    expect(await screen.findByTestId("paid")).toBeVisible();
    await window.pass(4_000);
    expect(window.till.orderList).toHaveLength(1);
  });
});

describe("the list of ways to pay", () => {
  it("goes for good when the order before is paid under it", async () => {
    const window = await open();
    await sell(window);
    await window.user.keyboard("{F9}/");
    await screen.findByTestId("picker");
    window.till.pay();
    await screen.findByTestId("paid");
    await waitFor(() => expect(screen.queryByTestId("picker")).toBeNull());
    await window.user.keyboard("5.00{Enter}");
    expect(screen.getByTestId("paid")).toBeVisible();
    await window.pass(1_500);
    await window.user.keyboard("5.00");
    expect(amount()).toBe("5.00");
    expect(screen.queryByTestId("picker")).toBeNull();
    expect(window.till.orderList).toHaveLength(1);
  });

  it("leaves what is typed on to nobody when what waited for the order before goes out under it", async () => {
    const window = await open(shop());
    await sell(window);
    await window.user.keyboard("{F9}");
    await window.shows("further", "等网关确认没有付款");
    await window.user.keyboard("{F2}{Enter}");
    await screen.findByTestId("armed");
    await window.user.keyboard("/");
    await screen.findByTestId("picker");
    await window.pass(2_000);
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    await waitFor(() => expect(screen.queryByTestId("picker")).toBeNull());
    await window.user.keyboard("p{Escape}7{Enter}");
    expect(screen.getByTestId("state")).toHaveAttribute("data-order", window.till.last.no);
    expect(window.till.calls).not.toContain(`close ${window.till.last.no}`);
    expect(window.till.orderList).toHaveLength(2);
  });
});

describe("a manager's dialog", () => {
  const isAsked = async ({ user }: Opened) => {
    await user.click(await screen.findByTestId("overrule"));
    await screen.findByTestId("overrule-dialog");
  };
  const isGone = () => waitFor(() => expect(screen.queryByTestId("overrule-dialog")).toBeNull());

  /** The order before is being paid, and a manager is asked to let another one pass. */
  const overruling = async () => {
    const window = await open(shop());
    await sell(window);
    window.till.scan();
    await window.user.keyboard("{F9}");
    await isAsked(window);
    return window;
  };

  it("closes when the order before is paid under it", async () => {
    const window = await overruling();
    window.till.pay();
    expect(await screen.findByTestId("paid")).toBeVisible();
    await isGone();
  });

  const notUsed = "窗口关闭时键入的内容没有使用";

  it("that closed by itself takes what is still typed into it for two seconds, and says so until it takes no more", async () => {
    const window = await overruling();
    await type(window, "overrule-pin", "24");
    window.till.pay();
    await screen.findByTestId("paid");
    await isGone();
    expect(document.body).not.toHaveTextContent(notUsed);
    await window.pass(1_000);
    await window.user.keyboard("6810no{Backspace}{Enter}");
    await window.shows("notice", notUsed);
    expect(screen.getByTestId("notice")).toHaveAttribute("role", "alert");
    await window.pass(900);
    await window.user.keyboard("{Enter}{Escape}");
    expect(screen.getByTestId("paid")).toHaveAttribute("data-order", window.till.last.no);
    expect(window.till.orderList).toHaveLength(1);
    expect(screen.getAllByTestId("notice")).toHaveLength(1);
    await window.pass(100);
    await window.user.keyboard("7");
    expect(amount()).toBe("7");
    expect(screen.queryByTestId("notice")).toBeNull();
  });

  it("that closed by itself takes nothing any more after a pause", async () => {
    const window = await overruling();
    window.till.pay();
    await screen.findByTestId("paid");
    await isGone();
    await window.pass(1_500);
    await window.user.keyboard("7");
    expect(amount()).toBe("7");
    expect(document.body).not.toHaveTextContent(notUsed);
  });

  it("that closed by itself does not say for long that keys were not used", async () => {
    const window = await overruling();
    window.till.pay();
    await screen.findByTestId("paid");
    await isGone();
    await window.user.keyboard("68");
    await window.shows("notice", notUsed);
    await window.pass(5_900);
    expect(screen.getByTestId("notice")).toHaveTextContent(notUsed);
    await window.pass(200);
    await waitFor(() => expect(screen.queryByTestId("notice")).toBeNull());
  });

  it("drops a PIN that was typed when the reason becomes another one, says so, and waits for it anew", async () => {
    const window = await overruling();
    await type(window, "overrule-pin", pins.陈店长);
    screen.getByTestId("overrule-name").focus();
    expect(screen.getByTestId("overrule-why")).not.toHaveTextContent("原因变了");
    window.till.dispute("amount");
    await window.shows("overrule-why", "上一单与网关不符");
    const why = screen.getByTestId("overrule-why");
    expect(why).toHaveAttribute("role", "alert");
    expect(why).toHaveTextContent("原因变了：请看清，再重新输入密码。");
    await waitFor(() => expect(screen.getByTestId("overrule-pin")).toHaveFocus());
    expect(screen.getByTestId("overrule-pin")).toHaveValue("");
    expect(screen.getByTestId("overrule-go")).toBeDisabled();
    await window.user.keyboard(pins.陈店长);
    expect(window.till.orderList).toHaveLength(1);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    await isGone();
  });

  it("takes the owner's hand off the button when the reason becomes another one", async () => {
    const window = await open();
    await sell(window);
    window.till.scan();
    await window.user.keyboard("{F9}");
    await isAsked(window);
    expect(screen.getByTestId("overrule-go")).toHaveFocus();
    window.till.dispute("amount");
    await window.shows("overrule-why", "原因变了：请看清，再重新决定。");
    await waitFor(() => expect(screen.getByTestId("overrule-why")).toHaveFocus());
    await window.user.keyboard("{Enter}");
    expect(window.till.orderList).toHaveLength(1);
    expect(screen.getByTestId("overrule-dialog")).toBeVisible();
  });

  it("that closed by itself takes no scan, nor what is typed behind it", async () => {
    const window = await overruling();
    await type(window, "overrule-pin", "24");
    window.till.pay();
    await screen.findByTestId("paid");
    await isGone();
    await window.user.keyboard("68");
    scan(wechat, { clock: window.clock });
    await screen.findByTestId("code-ready");
    await window.user.keyboard("5");
    expect(amount()).toBe("5");
  });

  it("that closed by itself takes nothing any more once somebody has pressed a button", async () => {
    const window = await overruling();
    await type(window, "overrule-pin", "24");
    window.till.pay();
    const paid = await screen.findByTestId("paid");
    await isGone();
    await window.user.click(paid);
    await window.user.keyboard("7");
    expect(amount()).toBe("7");
  });

  it("stays when the order before is disputed under it: a manager may let the further order pass as well", async () => {
    const window = await overruling();
    window.till.dispute("amount");
    await window.shows("overrule-dialog", "上一单与网关不符");
    await type(window, "overrule-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    await isGone();
    expect(screen.getByTestId("state")).toHaveAttribute("data-order", window.till.last.no);
  });

  it("gives way to the disputed order when the manager lets nothing pass", async () => {
    const window = await overruling();
    window.till.dispute("amount");
    await window.shows("overrule-dialog", "上一单与网关不符");
    await window.user.keyboard("{Escape}");
    await isGone();
    await window.shows("state-line", "与网关的回答不符");
    expect(window.till.orderList).toHaveLength(1);
  });

  it("about what the till refused stays when the order before is disputed under it, and sells it", async () => {
    const window = await open(shop());
    await sell(window);
    window.till.end("failed");
    await screen.findByTestId("again");
    // The gateway has just said otherwise; this window has not heard yet.
    window.till.last.state = "paying";
    await window.user.click(screen.getByTestId("again"));
    await window.shows("notice", "暂时不能另开订单");
    await isAsked(window);
    window.till.dispute("amount");
    await window.shows("overrule-dialog", "上一单与网关不符");
    await type(window, "overrule-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    expect(window.till.last.request.amount).toBe("12.50");
    await isGone();
  });

  it("closes when what waited for the order before goes out under it", async () => {
    const window = await open(shop());
    await sell(window);
    await window.user.keyboard("{F9}");
    await window.shows("further", "等网关确认没有付款");
    await window.user.keyboard("{F2}{Enter}");
    expect(screen.getByTestId("armed")).toBeVisible();
    await isAsked(window);
    await window.pass(2_000);
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    await isGone();
    window.till.pay();
    expect(await screen.findByTestId("paid")).toHaveAttribute("data-order", window.till.last.no);
  });
});

describe("orders that are open", () => {
  it("stay in sight and come back by a click or a key", async () => {
    const window = await open();
    await sell(window, "8");
    const first = window.till.last;
    await window.pass(seenMs);
    await window.user.keyboard("{Enter}30{Enter}");
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    await window.user.click(await screen.findByTestId(`open-order-${lastFour(first.no)}`));
    expect(screen.getByTestId("state")).toHaveAttribute("data-order", first.no);
    await window.user.keyboard("{PageUp}");
    expect(screen.getByTestId("state")).toHaveAttribute("data-order", window.till.last.no);
  });

  it("are seen to end although another customer is being served", async () => {
    const window = await open();
    await sell(window, "8");
    const first = window.till.last;
    await window.pass(seenMs);
    await window.user.keyboard("{Enter}30");
    window.till.pay(first);
    await waitFor(() =>
      expect(screen.getByTestId(`open-order-${lastFour(first.no)}`)).toHaveAttribute("data-state", "paid"),
    );
    expect(screen.getByTestId("amount")).toHaveAttribute("data-value", "30");
  });
});
