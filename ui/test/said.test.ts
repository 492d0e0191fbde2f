//! What the counter says of an order's gateway, of what it is paid by, and of where its money is, in every state.
import { cleanup, screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { Reaction } from "../src/host/contract.ts";
import { account, harbour, island, speaker, treasure } from "../src/host/fake/gateways.ts";
import type { FakeOrder } from "../src/host/fake/order.ts";
import type { FakeTill } from "../src/host/fake/till.ts";
import { pins, shop } from "./staff.ts";
import { type Opened, open, seenMs, sell } from "./window.ts";

const request = (of: string, channel: string, amount = "12.50") => ({
  account: of,
  channel,
  amount,
  body: null,
  extra: {},
  currency: null,
  expire_s: null,
  sale: null,
});

const english = { settings: { language: "en" } } as const;

/** Opens the window with one order on the screen. */
async function shown(make: (till: FakeTill) => FakeOrder, language: "en" | "zh-CN" = "en"): Promise<Opened> {
  const accounts = [account, harbour, treasure, speaker];
  return open({ accounts, settings: { language } }, (till) => {
    sessionStorage.setItem("till:shown", make(till).no);
  });
}

describe("what the gateway said", () => {
  const busy = { reaction: "busy" as Reaction, code: "202", text: "system busy" };

  it("promises further questions only while there are any", async () => {
    const window = await open(english);
    await sell(window);
    window.till.says(busy);
    await waitFor(() =>
      expect(screen.getByTestId("state")).toHaveTextContent("“system busy” · The gateway is busy; it is asked again"),
    );
    window.till.end("closed");
    const outcome = await screen.findByTestId("outcome");
    expect(outcome).toHaveTextContent("“system busy”");
    expect(outcome).not.toHaveTextContent("asked again");
  });

  it("promises nothing below the headline that the gateway cannot be asked", async () => {
    const window = await shown((till) => {
      const order = till.seed("12.50", "create_unknown", 6_000, { request: request("treasure", "101") });
      till.loseNumber(order);
      return Object.assign(order, { said: busy, unanswered: 1, trouble: { said: busy } });
    });
    await window.shows("state-line", "The gateway cannot be asked");
    expect(screen.getByTestId("state")).toHaveTextContent("“system busy”");
    expect(screen.getByTestId("state")).not.toHaveTextContent("asked again");
  });

  it("offers neither an end nor a question where there can be none, also not by key", async () => {
    const window = await shown((till) => {
      const order = till.seed("12.50", "create_unknown", 6_000, { request: request("treasure", "101") });
      till.loseNumber(order);
      return order;
    });
    await window.shows("state-line", "The gateway cannot be asked");
    expect(screen.queryByTestId("close-order")).toBeNull();
    expect(screen.queryByTestId("ask-now")).toBeNull();
    await window.user.keyboard("?");
    const keys = await screen.findByTestId("shortcuts");
    expect(keys).not.toHaveTextContent("Close the order");
    expect(keys).not.toHaveTextContent("Ask now");
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("shortcuts")).toBeNull());
    await window.user.keyboard("{F5}");
    expect(screen.getByTestId("state")).toBeVisible();
    await window.user.keyboard("{Escape}");
    await screen.findByTestId("amount");
    expect(window.till.calls.filter((call) => /^(ask|close) /.test(call))).toEqual([]);
  });

  it("is said once where the last answer was that error, with its code", async () => {
    const said = { reaction: "fresh_code" as Reaction, code: "40111", text: "每个二维码只可以用一次" };
    const window = await shown((till) => {
      const order = till.seed("3.00", "create_unknown", 2_000, { request: request("harbour", "micropay") });
      return Object.assign(order, { said, unanswered: 1, trouble: { said } });
    });
    await window.shows("state-line", "The gateway did not take this payment code");
    const state = screen.getByTestId("state");
    const next = "The payment code was used before or has run out: ask the customer for a fresh one";
    expect(state).toHaveTextContent(`“每个二维码只可以用一次” · ${next} (40111)`);
    expect(state.textContent?.split(next)).toHaveLength(2);
    expect(state).not.toHaveTextContent("asked 0 times");
  });

  it("is quoted alone where the line above it says already what it leads to", async () => {
    const said = { reaction: "awaits_customer" as Reaction, code: "USERPAYING", text: "the customer must confirm" };
    const window = await shown((till) =>
      till.seed("12.50", "paying", 2_000, { request: request("harbour", "micropay"), said }),
    );
    await window.shows("state-line", "The customer is paying");
    const state = screen.getByTestId("state");
    expect(state).toHaveTextContent("“the customer must confirm”");
    expect(state.textContent?.split(/scan another payment code/i)).toHaveLength(2);
  });

  it("is not quoted below a line that is the quotation", async () => {
    const said = { reaction: "refused" as Reaction, code: "PAYERROR", text: "the wallet refuses" };
    const window = await shown((till) => {
      const micropay = request("harbour", "micropay");
      return till.seed("8.00", "awaiting_payment", 2_000, { request: micropay, said, declined: true });
    });
    await window.shows("state-line", "The payment did not go through");
    expect(screen.getByTestId("state").textContent?.split("the wallet refuses")).toHaveLength(2);
  });

  it("is no error where it says that the customer is confirming", async () => {
    const said = { reaction: "awaits_customer" as Reaction, code: "201", text: "用户支付中" };
    const window = await shown((till) => {
      till.gatewayUp = false;
      till.trouble = { said };
      return till.seed("12.50", "create_unknown", 6_000, { request: request("harbour", "micropay") });
    }, "zh-CN");
    for (let at = 0; at < 5; at += 1) window.till.poll();
    await window.shows("state-line", "等待顾客在手机上确认");
    const state = screen.getByTestId("state");
    await waitFor(() => expect(state).toHaveTextContent("“用户支付中”"));
    expect(state).not.toHaveTextContent("错误");
    expect(state).not.toHaveTextContent("没有得到可用的应答");
  });
});

describe("payment parameters", () => {
  async function app(more: Partial<FakeOrder> = {}): Promise<Opened> {
    return shown((till) =>
      till.seed("12.50", "awaiting_payment", 6_000, { request: request("harbour", "wechat.app"), ...more }),
    );
  }

  it("are what is put away when their order is closed: there was no code", async () => {
    const window = await app();
    expect(screen.getByTestId("state")).toHaveTextContent("Gateway answered with parameters");
    await window.user.keyboard("{Escape}");
    await window.shows("state-line", /^Payment parameters put away; the gateway lets it be closed in/);
    const state = screen.getByTestId("state");
    expect(state).toHaveTextContent("the app that has the parameters may still pay");
    expect(state).toHaveTextContent("Gateway answered with parameters");
    expect(state).not.toHaveTextContent(/code|scan/i);
    await window.user.keyboard("o");
    const asked = await screen.findByTestId("timeline-entry-close_requested");
    expect(asked).toHaveTextContent("Close asked for, payment parameters put away");
  });

  it("are what was lost or never came", async () => {
    const window = await app({ link: null, parameters: null, answeredAfter: null, state: "create_unknown" });
    await window.shows("state-line", "The payment parameters were lost, nobody can pay this order");
    expect(screen.getByTestId("state")).not.toHaveTextContent(/\bcode\b/i);
  });

  it("never came where the gateway gave none", async () => {
    const window = await app({ parameters: null });
    await window.shows("state-line", "The gateway gave no usable payment parameters, nobody can pay this order");
    expect(screen.getByTestId("state")).toHaveTextContent("Gateway answered, without parameters");
    expect(screen.getByTestId("state")).not.toHaveTextContent(/\bcode\b/i);
  });
});

describe("a payment that came in time", () => {
  it("says what of it went back, and is no good news once all of it has", async () => {
    const window = await open({ ...shop("陈店长"), settings: { language: "en" } });
    await sell(window, "8.00");
    window.till.refunding.answers = [];
    window.till.pay();
    const panel = await screen.findByTestId("paid");
    expect(panel).toHaveClass("good");
    expect(panel).not.toHaveTextContent("went back");
    for (const amount of ["3.00", "5.00"]) {
      const wanted = { order_no: window.till.last.no, amount, reason: "late", items: [] };
      await window.till.refund(wanted, { pin: "246810", second: null });
      window.till.refunding.settle("succeeded");
      if (amount === "3.00") {
        await waitFor(() => expect(panel).toHaveTextContent("¥3.00 went back to the customer."));
        expect(panel).toHaveClass("good");
      }
    }
    await waitFor(() => expect(panel).toHaveTextContent("¥8.00 went back to the customer."));
    expect(panel).toHaveTextContent("refunded in full");
    expect(panel).not.toHaveClass("good");
  });

  it("is no good news either once people marked all of it as given back", async () => {
    const window = await open({ ...shop("陈店长"), settings: { language: "en" } });
    await sell(window, "8.00");
    window.till.pay();
    const panel = await screen.findByTestId("paid");
    expect(panel).toHaveClass("good");
    await window.till.markByHand(
      window.till.last.no,
      { what: "refunded", amount: "8.00", refund_no: null, note: "cash" },
      { pin: pins.陈店长, second: { name: "小李", pin: pins.小李 } },
    );
    await waitFor(() => expect(panel).not.toHaveClass("good"));
    expect(panel).toHaveTextContent("¥8.00 was marked by hand as given back.");
    expect(panel).not.toHaveTextContent("refunded in full");
    // The gateway says that it still has the money: what two people saw is no refund of the till's.
    const [mark] = window.till.last.marks;
    if (mark !== undefined) mark.verdict = "contradicted";
    window.till.send(window.till.update([window.till.last]));
    await waitFor(() => expect(panel).not.toHaveTextContent("was marked by hand as given back"));
    expect(panel).not.toHaveTextContent("refunded in full");
  });
});

describe("a payment with a matter", () => {
  const matters = [
    ["double_payment", "Paid twice"],
    ["refunded_elsewhere", "Refunded elsewhere"],
    ["refund_failed", "Refund failed"],
    ["refund_unknown", "Refund without an outcome"],
    ["refund_disputed", "Refund does not match"],
    ["mark_contradicted", "Mark contradicted"],
  ] as const;

  it.each(matters)("is no plain good news on its panel: %s", async (attention, label) => {
    const window = await open(english);
    await sell(window, "8.00");
    const { last } = window.till;
    window.till.pay();
    const panel = await screen.findByTestId("paid");
    expect(panel).toHaveClass("good");
    last.attentions = [attention];
    window.till.send(window.till.update([last]));
    await waitFor(() => expect(panel).toHaveClass("look"));
    expect(panel).toHaveTextContent(label);
  });

  it.each(matters)("is told by its name on its card: %s", async (attention, label) => {
    const window = await open(english);
    await sell(window, "8.00");
    const { last } = window.till;
    await window.pass(seenMs);
    await window.user.keyboard("{Enter}");
    window.till.pay(last);
    // It moves to those that have ended: another card.
    const card = () => screen.getByTestId(`open-order-${last.no.slice(-4)}`);
    await waitFor(() => expect(card()).toHaveClass("tone-good"));
    last.attentions = [attention];
    window.till.send(window.till.update([last]));
    await waitFor(() => expect(card()).toHaveClass("tone-look"));
    expect(card()).toHaveTextContent(label);
  });

  it("of a sale that was paid twice says so on the other order for as long as the matter stands", async () => {
    const window = await open(english);
    await sell(window, "8.00");
    const first = window.till.last;
    window.till.pay();
    const panel = await screen.findByTestId("paid");
    expect(screen.queryByTestId("twice-beside")).toBeNull();
    const twice = window.till.seed("8.00", "paid", 30_000, { sale: first.sale, attentions: ["double_payment"] });
    window.till.send(window.till.update([first, twice]));
    const told = `This sale was paid twice, and one of the two must be refunded: see its other order, …${twice.no.slice(-4)}.`;
    await window.shows("twice-beside", told);
    expect(panel).toHaveAttribute("data-order", first.no);
    expect(panel).toHaveClass("look");
    // Longer than the window remembers an order that is not on the screen.
    await window.pass(900_000);
    window.till.send(window.till.update([first]));
    await window.shows("twice-beside", told);
    await window.reload();
    await window.shows("twice-beside", told);
    const paid = screen.getByTestId("paid");
    expect(paid).toHaveAttribute("data-order", first.no);
    expect(paid).toHaveClass("look");
    twice.attentions = [];
    window.till.send(window.till.update([first]));
    await waitFor(() => expect(paid).toHaveClass("good"));
    expect(screen.queryByTestId("twice-beside")).toBeNull();
  });
});

describe("a late payment", () => {
  async function late(amount: string, more: Partial<FakeOrder> = {}): Promise<Opened> {
    const window = await open({ ...shop("陈店长"), settings: { language: "en" } });
    await sell(window, amount);
    window.till.refunding.answers = [];
    window.till.end("closed");
    await screen.findByTestId("outcome");
    Object.assign(window.till.last, more);
    window.till.pay();
    await screen.findByTestId("paid");
    return window;
  }

  async function giveBack({ till }: Opened, amount: string): Promise<void> {
    const wanted = { order_no: till.last.no, amount, reason: "late", items: [] };
    await till.refund(wanted, { pin: "246810", second: null });
  }

  it("asks for goods or a refund until it has gone back, and then says how much did", async () => {
    const window = await late("8.00");
    expect(screen.getByTestId("paid")).toHaveTextContent("The money is here: hand over the goods or refund.");
    await giveBack(window, "8.00");
    window.till.refunding.settle("processing");
    await waitFor(() => expect(screen.getByTestId("paid")).toHaveTextContent("A refund of ¥8.00 is under way."));
    window.till.refunding.settle("succeeded");
    await waitFor(() => expect(screen.getByTestId("paid")).toHaveTextContent("¥8.00 went back to the customer."));
    expect(screen.getByTestId("paid")).not.toHaveTextContent("hand over");
    await window.user.keyboard("o");
    const timeline = await screen.findByTestId("timeline");
    await waitFor(() => expect(timeline).toHaveTextContent("¥8.00 went back to the customer."));
    expect(timeline).not.toHaveTextContent("hand over");
  });

  it("asks for nothing any more once somebody has looked after it", async () => {
    const window = await late("8.00");
    await window.till.handleAttention(window.till.last.no, "late_payment", "goods handed over");
    window.till.poll();
    window.till.send(window.till.update([window.till.last]));
    await waitFor(() => expect(screen.getByTestId("paid")).not.toHaveTextContent("hand over"));
    expect(screen.getByTestId("paid")).toHaveTextContent("Paid, known only after the order had ended");
  });

  it("is not called refunded while its refund is only under way", async () => {
    const window = await late("8.00");
    await giveBack(window, "3.00");
    window.till.send(window.till.update([window.till.last]));
    await window.user.keyboard("o");
    await window.shows("refund-under-way", "Refund under way ¥3.00");
    expect(screen.queryByTestId("refunded")).toBeNull();
  });
});

describe("a voice order", () => {
  const items = [{ id: "tea-250g", quantity: 2, amount_minor: 2_400 }];
  const seed = (till: FakeTill, state: "awaiting_payment" | "paid" = "awaiting_payment") =>
    till.seed("24.00", state, 6_000, { request: request("speaker", "voice", "24.00"), items });

  it("goes by the name of its channel, shows its goods, and speaks of no code", async () => {
    const window = await shown((till) => seed(till));
    const state = await screen.findByTestId("state");
    expect(within(state).getByTestId("goods")).toHaveTextContent("tea-250g × 2 · ¥24.00");
    expect(state.querySelector(".wallet")).toHaveTextContent("V");
    expect(state).not.toHaveTextContent(/code|QR/);
    const card = screen.getByTestId(`open-order-${window.till.last.no.slice(-4)}`);
    expect(card).toHaveTextContent("Voice orders");
    expect(card).not.toHaveTextContent("Other");
    window.till.pay();
    expect(within(await screen.findByTestId("paid")).getByTestId("goods")).toHaveTextContent("tea-250g × 2 · ¥24.00");
  });

  it("is announced when it comes and when it is paid, while another order is on the screen", async () => {
    const window = await open({ accounts: [account, speaker], ...english });
    await sell(window, "5.00");
    const order = seed(window.till);
    window.till.send(window.till.update([order]));
    await window.shows("announcement", /^Voice orders ¥24\.00 Made elsewhere, waiting for the payment$/);
    window.till.pay(order);
    await window.shows("announcement", /^Voice orders ¥24\.00 Paid$/);
  });
});

describe("the ways to pay beside the amount", () => {
  it("name their account, and their currency, where those that offer ways differ in it, favourites in the list too", async () => {
    const window = await open({ accounts: [account, harbour], ...english });
    expect(screen.getByTestId("channel-wechat.scan")).toHaveTextContent("main · CNY · Show a QR code");
    expect(screen.getByTestId("channel-wechat.scan")).toHaveAttribute("title", "WeChat Pay · main · CNY");
    await window.user.keyboard("/");
    await window.user.click(await screen.findByTestId("star-micropay"));
    const scans = "harbour · HKD · Scan the customer's code";
    await window.shows("pick-micropay", scans);
    await window.user.click(screen.getByTestId("pick-micropay"));
    expect(screen.getByTestId("channel-micropay")).toHaveTextContent(scans);
  });

  it("name no currency where all take the same, and no account where there is one", async () => {
    await open({ accounts: [account, island], ...english });
    expect(screen.getByTestId("channel-wechat.scan")).toHaveTextContent("main · Show a QR code");
    cleanup();
    // Whatever else there is, only one offers ways to pay.
    await open({ accounts: [account, speaker], ...english });
    expect(screen.getByTestId("channel-wechat.scan")).toHaveTextContent("Show a QR code");
    expect(screen.getByTestId("channel-wechat.scan")).not.toHaveTextContent("main");
    expect(screen.getByTestId("channel-wechat.scan")).not.toHaveAttribute("title");
  });
});

describe("an order", () => {
  /** What is said of an order on its panel, in the column, once it is paid, and in the list. */
  async function told({ till, user }: Opened): Promise<string[]> {
    const tail = till.last.no.slice(-4);
    const texts = ["state", `open-order-${tail}`].map((id) => screen.getByTestId(id).textContent ?? "");
    till.pay();
    texts.push((await screen.findByTestId("paid")).textContent ?? "");
    await user.click(screen.getByTestId("rail-orders"));
    texts.push((await screen.findByTestId(`order-row-${tail}`)).textContent ?? "");
    return texts;
  }

  it("names the account that takes the money wherever it is shown, where there are several", async () => {
    const window = await open({ accounts: [account, island], ...english });
    await sell(window);
    for (const said of await told(window)) expect(said).toMatch(/WeChat Pay( ·)?\s*main/);
  });

  it("names none where there is one account", async () => {
    const window = await open(english);
    await sell(window);
    for (const said of await told(window)) expect(said).not.toContain("main");
  });

  it("by a code of any wallet goes by the name of its way in the column", async () => {
    const { till } = await shown((till) =>
      till.seed("8.00", "paying", 2_000, { request: request("harbour", "micropay") }),
    );
    const card = await screen.findByTestId(`open-order-${till.last.no.slice(-4)}`);
    expect(card).toHaveTextContent("Customer's payment code");
    expect(card).not.toHaveTextContent("Other");
  });
});
