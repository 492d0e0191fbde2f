//! What can go back, by goods or by amount, and who may ask for it by a key.
import { screen, waitFor, within } from "@testing-library/svelte";
import { beforeAll, describe, expect, it } from "vitest";
import { account, harbour, speaker, treasure } from "../src/host/fake/gateways.ts";
import type { FakeOrder } from "../src/host/fake/order.ts";
import type { FakeTill, Script } from "../src/host/fake/till.ts";
import { scan } from "./hand.ts";
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

const backElsewhere = { attentions: ["refunded_elsewhere" as const] };

const refund = (till: FakeTill, amount: string) => {
  const wanted = { order_no: till.last.no, amount, reason: "returned", items: [] };
  till.refunding.ask(wanted, { pin: pins.陈店长, second: { name: "王店长", pin: pins.王店长 } });
};

/** 888.88 paid, 8.88 gone back, and 100.00 of a refund that stands so. */
const parted = (state: "failed" | "processing") => (till: FakeTill) => {
  const order = till.seed("888.88", "paid", 60_000);
  refund(till, "8.88");
  till.refunding.settle("succeeded", null, order.refunds[0]);
  refund(till, "100.00");
  till.refunding.settle(state, null, order.refunds[1]);
  return order;
};

describe("the sums of an order", () => {
  it.each([
    ["failed", "Under way ¥0.00 Kept for a failed refund ¥100.00 Left ¥780.00"],
    ["processing", "Under way ¥100.00 Left ¥780.00"],
  ] as const)("leave out nothing of a refund that stands as %s", async (state, said) => {
    const { order } = await shown("陈店长", parted(state));
    const pane = screen.getByTestId("refund-order");
    const sums = [...pane.querySelectorAll(".sums > div")].map((sum) =>
      [...sum.children].map(({ textContent }) => textContent.trim()).join(" "),
    );
    expect(sums.join(" ")).toBe(`Paid ¥888.88 Refunded ¥8.88 ${said}`);
    const card = screen.getByTestId(`refund-state-${order.refunds[1]?.no}`);
    expect(card.textContent.includes("Its amount is set aside")).toBe(state === "failed");
  });

  it("keep nothing where a new number is wanted", async () => {
    const { order } = await shown("陈店长", (till) => {
      const made = till.seed("50.00", "paid", 60_000, { request: request("harbour", "wechat.qrcode", "50.00") });
      refund(till, "10.00");
      till.refunding.settle("failed");
      return made;
    });
    expect(screen.getByTestId("refund-order")).not.toHaveTextContent("Kept for a failed refund");
    expect(screen.queryByTestId(`refund-kept-${order.refunds[0]?.no}`)).toBeNull();
  });
});

describe("what is left afterwards", () => {
  it.each([
    ["failed", "¥100.00 of it is kept for a refund that failed."],
    ["processing", "¥100.00 of it is under way."],
  ] as const)("is not called all of it where an amount stands as %s", async (state, said) => {
    const window = await shown("陈店长", parted(state));
    await type(window, "refund-amount", "780.00");
    const form = screen.getByTestId("refund-form");
    expect(form).toHaveTextContent(`Afterwards nothing more of this order can be refunded. ${said}`);
    expect(form).not.toHaveTextContent("has gone back");
  });

  it("is not called all of it where people marked a part, and is where the till gave it all back", async () => {
    const window = await shown("陈店长", (till) => till.seed("30.00", "paid", 60_000, { marks: [marked("5.00")] }));
    await type(window, "refund-amount", "25.00");
    expect(screen.getByTestId("refund-form")).not.toHaveTextContent("all of this order has gone back");
    window.order.marks = [];
    window.till.send(window.till.update([window.order]));
    await type(window, "refund-amount", "30.00");
    await waitFor(() =>
      expect(screen.getByTestId("refund-form")).toHaveTextContent("Afterwards all of this order has gone back."),
    );
  });
});

describe("what went back elsewhere without a notice", () => {
  it("is said to be marked so far, and nothing else is proposed", async () => {
    const window = await shown("陈店长", (till) =>
      till.seed("9.90", "paid", 60_000, { ...backElsewhere, marks: [marked("4.00")] }),
    );
    const not = screen.getByTestId("refund-not");
    expect(not).toHaveTextContent("This order was refunded elsewhere; ¥4.00 of that is marked by hand already.");
    expect(not).toHaveTextContent("mark the matter as “handled”");
    expect(not).not.toHaveTextContent("how much is not known here");
    await window.user.click(screen.getByTestId("refund-not-mark"));
    expect(await screen.findByTestId("mark-amount")).toHaveValue("");
  });

  it("leaves no rest where all of it is marked", async () => {
    await shown("陈店长", (till) => till.seed("9.90", "paid", 60_000, { ...backElsewhere, marks: [marked("9.90")] }));
    const not = screen.getByTestId("refund-not");
    expect(not).toHaveTextContent("Nothing of this order is left to give back.");
    expect(not).not.toHaveTextContent("the rest");
  });

  it("is not known where the mark was contradicted", async () => {
    await shown("陈店长", (till) =>
      till.seed("9.90", "paid", 60_000, { ...backElsewhere, marks: [{ ...marked("4.00"), verdict: "contradicted" }] }),
    );
    expect(screen.getByTestId("refund-not")).toHaveTextContent("how much is not known here");
  });

  it("cannot be marked as more than there is, and the most is named", async () => {
    const window = await shown("陈店长", (till) => till.seed("5.50", "paid", 60_000, backElsewhere));
    await window.user.click(screen.getByTestId("refund-not-mark"));
    await type(window, "mark-amount", "6.00");
    expect(screen.getByTestId("mark-most")).toHaveTextContent("¥5.50 is the most that can be marked");
    await type(window, "mark-note", "back office");
    await type(window, "mark-pin", pins.陈店长);
    await type(window, "mark-second-name", "小李");
    await type(window, "mark-second-pin", pins.小李);
    expect(screen.getByTestId("mark-save")).toBeDisabled();
    await type(window, "mark-amount", "5.50");
    expect(screen.queryByTestId("mark-most")).toBeNull();
    expect(screen.getByTestId("mark-save")).toBeEnabled();
  });
});

describe("what a notice told of refunds elsewhere", () => {
  const elsewhere = [{ refund_no: "EX20261129000042", amount: "6.00", amount_minor: 600 }];

  it.each([
    ["9.90", "4.00", false],
    ["4.00", "4.00", false],
    ["6.00", "6.00", true],
    ["9.90", "7.00", true],
  ])("is marked where the marks come to it, however little is left: of %s, %s", async (paid, amount, all) => {
    const window = await shown("陈店长", (till) =>
      till.seed(paid, "paid", 60_000, { ...backElsewhere, marks: [marked(amount)], elsewhere }),
    );
    const { live } = await window.till.order(window.order.no);
    expect(live.order.elsewhere_marked).toBe(all);
  });
});

describe("a scan over an order that is open", () => {
  const two = (till: FakeTill) => {
    till.seed("20.00", "paid", 90_000);
    refund(till, "5.00");
    till.refunding.settle("succeeded");
    return till.seed("30.00", "paid", 60_000);
  };
  const isOpen = (no: string | undefined) =>
    waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", no));

  it("of another number is said not to have been used, and leaves the form as it is", async () => {
    const window = await shown("陈店长", two);
    await type(window, "refund-amount", "3");
    screen.getByTestId("refund-amount").focus();
    expect(scan("59706A00FD4EB0196A0", { clock: window.clock })).toBe(false);
    await window.shows("notice", "What was scanned is no number of an order or a refund of this till; it was not used");
    expect(screen.getByTestId("refund-amount")).toHaveValue("3");
    expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", window.order.no);
  });

  it("of one that came in pieces is said so", async () => {
    const window = await shown("陈店长", two);
    screen.getByTestId("refund-amount").focus();
    scan("59706A00FD4EB0196A0", { tear: { at: 10, gap: 150 }, clock: window.clock });
    await window.shows("notice", "The scan came in pieces and was not used.");
    expect(screen.getByTestId("refund-amount")).toHaveValue("");
  });

  it.each(["refund-amount", "refund-reason", "refund-find"])(
    "of a refund's number opens its order: %s",
    async (testId) => {
      const window = await shown("陈店长", two);
      const [other] = window.till.orderList;
      screen.getByTestId(testId).focus();
      expect(scan(other?.refunds[0]?.no ?? "", { clock: window.clock })).toBe(false);
      await isOpen(other?.no);
      expect(screen.queryByTestId("notice")).toBeNull();
    },
  );

  it("of a refund that the till does not know says so", async () => {
    const window = await shown("陈店长", two);
    screen.getByTestId("refund-amount").focus();
    scan("TR00000000000000000000000000", { clock: window.clock });
    await window.shows("notice", "it was not used");
    expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", window.order.no);
  });

  it("of a refund's number tells what it is, and of what was filled in before", async () => {
    const window = await shown("陈店长", two);
    const [other] = window.till.orderList;
    await type(window, "refund-amount", "3");
    screen.getByTestId("refund-amount").focus();
    scan(other?.refunds[0]?.no ?? "", { clock: window.clock });
    await isOpen(other?.no);
    const opens = `A refund's number was scanned; it opens the order …${other?.no.slice(-4)} that the refund is of.`;
    await window.shows("notice", opens);
    expect(screen.getByTestId("notice")).toHaveTextContent(`for order …${window.order.no.slice(-4)} was left`);
  });

  it.each([true, false])("of another order tells of what was filled in before (filled in: %s)", async (begun) => {
    const window = await shown("陈店长", two);
    const [other] = window.till.orderList;
    if (begun) await type(window, "refund-amount", "3");
    screen.getByTestId("refund-amount").focus();
    scan(other?.no ?? "", { clock: window.clock });
    await isOpen(other?.no);
    const tail = window.order.no.slice(-4);
    const told = screen.queryAllByTestId("notice").map(({ textContent }) => textContent);
    expect(told.filter((text) => text.includes(`for order …${tail} was left`))).toHaveLength(begun ? 1 : 0);
  });
});

describe("what was marked by hand", () => {
  it("stands among the sums, so that they add up, and counts while a contradiction of it stands", async () => {
    const { till, order } = await shown("陈店长", (till) => {
      const made = till.seed("30.00", "paid", 60_000);
      refund(till, "3.00");
      till.refunding.settle("succeeded", null, made.refunds[0]);
      refund(till, "1.00");
      till.refunding.settle("failed", null, made.refunds[1]);
      refund(till, "4.00");
      till.refunding.settle("processing", null, made.refunds[2]);
      const against = { at: new Date(1).toISOString(), verdict: "contradicted" as const };
      const ofFailed = { ...marked("1.00"), ...against, refund_no: made.refunds[1]?.no ?? null };
      return Object.assign(made, {
        marks: [marked("5.00"), { ...marked("2.00"), ...against }, ofFailed],
        attentions: ["mark_contradicted"],
      });
    });
    const sums = (): Record<string, string> => {
      const rows = [...screen.getByTestId("refund-order").querySelectorAll(".sums > div")];
      const of = ({ textContent }: Element) => textContent.trim();
      return Object.fromEntries(rows.map((row) => [...row.children].map(of)));
    };
    const cents = (text: string) => Number(text.replace(/\D/g, ""));
    const addUp = () => {
      const { Paid = "", ...parts } = sums();
      expect(Object.values(parts).reduce((sum, part) => sum + cents(part), 0)).toBe(cents(Paid));
    };
    const some = { Refunded: "¥3.00", "Under way": "¥4.00", "Marked by hand": "¥8.00", Left: "¥14.00" };
    await waitFor(() => expect(sums()).toMatchObject(some));
    addUp();
    order.attentions = [];
    till.send(till.update([order]));
    await waitFor(() => expect(sums()).toMatchObject({ "Marked by hand": "¥5.00", Left: "¥17.00" }));
    addUp();
  });

  it("is no sum where there is none", async () => {
    await shown("陈店长", (till) => till.seed("30.00", "paid", 60_000));
    expect(screen.queryByText("Marked by hand", { selector: "dt" })).toBeNull();
  });

  it("is said to be all of it at a gateway that has refunds as well", async () => {
    await shown("陈店长", (till) => till.seed("8.80", "paid", 60_000, { marks: [marked("8.80")] }));
    const not = await screen.findByTestId("refund-not");
    expect(not).toHaveAttribute("data-why", "nothing_left");
    expect(not).toHaveTextContent("Nothing is left to give back: all of it was marked by hand as given back.");
    expect(not).not.toHaveTextContent("under way");
  });
});

describe("a matter", () => {
  it.each([
    [[account, harbour], true],
    [[account], false],
  ])("names its account where there are several", async (accounts, named) => {
    const found: FakeOrder[] = [];
    const window = await open(shop("陈店长", { accounts, settings: { language: "en" } }), (till) => {
      found.push(till.seed("8.00", "paid", 60_000, { attentions: ["late_payment"] }));
    });
    await window.user.click(await screen.findByTestId("open-matters"));
    const [order] = found;
    const row = await screen.findByTestId(`attention-row-${order?.no}`);
    expect(within(row).queryByText(new RegExp(` · ${account.name} ·`)) !== null).toBe(named);
  });
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
