//! The form of a refund under somebody's hands: where the focus is, what a scan does to it, and what it says and takes back.
import { screen, waitFor } from "@testing-library/svelte";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { speaker } from "../src/host/fake/gateways.ts";
import { scan } from "./hand.ts";
import { lastCall, openRefund, pins, shop, type } from "./staff.ts";
import { type Opened, open } from "./window.ts";

// The screen is loaded when it is first opened. A busy machine compiles it for longer than a test waits.
beforeAll(async () => {
  await import("../src/refunds/RefundScreen.svelte");
}, 300_000);

const isAt = (testId: string) => waitFor(() => expect(screen.getByTestId(testId)).toHaveFocus());

function drop(): void {
  (document.activeElement as HTMLElement).blur();
  expect(document.body).toHaveFocus();
}

/** A manager has a payment on the refund screen. */
async function refunding(): Promise<Opened> {
  const window = await open(shop(), (till) => {
    till.refunding.answers = [];
    till.seed("30.00", "paid", 60_000);
  });
  await openRefund(window, window.till.last);
  return window;
}

/** The same at a gateway that goes by goods. */
async function refundingGoods(): Promise<Opened> {
  const request = { account: "speaker", channel: "voice", amount: "36.00", currency: null, body: null, extra: {} };
  const window = await open(shop("陈店长", { accounts: [speaker] }), (till) => {
    till.refunding.answers = [];
    till.seed("36.00", "paid", 60_000, {
      request: { ...request, expire_s: null, sale: null },
      items: [
        { id: "tea", quantity: 2, amount_minor: 2400 },
        { id: "cup", quantity: 3, amount_minor: 1200 },
      ],
    });
  });
  await openRefund(window, window.till.last);
  return window;
}

async function signIn({ user }: Opened): Promise<void> {
  await screen.findByTestId("sign-in-find");
  await user.keyboard("1");
  await isAt("sign-in-pin");
  await user.keyboard(`${pins.陈店长}{Enter}`);
  await waitFor(() => expect(screen.queryByTestId("sign-in")).toBeNull());
}

describe("the sixth wrong PIN", () => {
  it("says who is locked out, and for how long, though the form goes with whoever signed", async () => {
    const window = await refunding();
    await type(window, "refund-amount", "20.00");
    await window.user.click(screen.getByTestId("refund-reason-returned"));
    for (const left of [5, 4, 3, 2, 1]) {
      await type(window, "refund-pin", "000000{Enter}");
      await window.shows("refund-refused", `还可以试 ${left} 次`);
    }
    await type(window, "refund-pin", "000000{Enter}");
    await isAt("refund-sign-in");
    await window.shows("who", "未登录");
    await window.shows("notice", /“陈店长”输错密码太多次，已锁定。.*约 30 分钟后再试/);
    await window.shows("announcement", "输错密码太多次：陈店长 已锁定，还有 30 分钟");
    // The line says it: the notice is not read out as well.
    expect(screen.getByTestId("notice")).not.toHaveAttribute("role");
    await window.till.signIn("王店长", pins.王店长);
    expect(await screen.findByTestId("refund-amount")).toHaveValue("20.00");
    await window.pass(31 * 60_000);
    window.till.recover(null);
    await waitFor(() => expect(screen.queryByTestId("notice")).toBeNull());
  });
});

describe("the focus", () => {
  it("is where something is missing after a lock, and nothing that was filled in is gone", async () => {
    const window = await refunding();
    await type(window, "refund-amount", "20.00");
    await window.user.click(screen.getByTestId("refund-reason-returned"));
    await type(window, "refund-pin", "2468");
    await window.user.keyboard("{Alt>}[KeyL]{/Alt}");
    await isAt("refund-sign-in");
    await window.user.keyboard("{Enter}");
    await signIn(window);
    await isAt("refund-pin");
    expect(screen.getByTestId("refund-pin")).toHaveValue("");
    expect(screen.getByTestId("refund-amount")).toHaveValue("20.00");
    expect(screen.getByTestId("refund-reason")).toHaveValue("顾客退货");
    await window.user.keyboard(`${pins.陈店长}{Enter}`);
    await waitFor(() => expect(window.till.refunding.last).toMatchObject({ minor: 2000, by: "陈店长" }));
  });

  it("is there as well after a switch that nobody began in the form", async () => {
    const window = await refunding();
    await type(window, "refund-amount", "20.00");
    drop();
    await window.user.keyboard("{F10}");
    await signIn(window);
    await isAt("refund-reason");
  });

  it("is at what is missing where a refund comes filled in", async () => {
    const window = await open(shop(), (till) =>
      till.seed("8.00", "paid", 300_000, { late: true, attentions: ["late_payment"] }),
    );
    await window.user.click(await screen.findByTestId("open-matters"));
    await window.user.click(await screen.findByTestId(`attention-refund-${window.till.last.no}`));
    await isAt("refund-pin");
    expect(screen.getByTestId("refund-amount")).toHaveValue("8.00");
  });

  it("is at the first of the goods where the gateway goes by them", async () => {
    await refundingGoods();
    await isAt("refund-line-tea");
  });

  it("is in sight when the form opens, once what stands above it is drawn", async () => {
    const scrolled = vi.spyOn(Element.prototype, "scrollIntoView");
    await refunding();
    const amount = screen.getByTestId("refund-amount");
    await isAt("refund-amount");
    await waitFor(() =>
      expect(scrolled.mock.contexts.filter((context) => context === amount).length).toBeGreaterThan(1),
    );
    expect(scrolled).toHaveBeenLastCalledWith({ block: "nearest" });
  });

  it("brings the field that has it into sight", async () => {
    await refunding();
    const scrolled = vi.spyOn(Element.prototype, "scrollIntoView");
    const pin = screen.getByTestId("refund-pin");
    pin.focus();
    expect(scrolled.mock.contexts).toContain(pin);
    expect(scrolled).toHaveBeenLastCalledWith({ block: "nearest" });
  });
});

describe("a key beside any field", () => {
  it("goes into a form that was begun, and never throws it away", async () => {
    const window = await refunding();
    await type(window, "refund-amount", "20.00");
    drop();
    await window.user.keyboard("7");
    await isAt("refund-reason");
    expect(screen.getByTestId("refund-reason")).toHaveValue("7");
    expect(screen.getByTestId("refund-amount")).toHaveValue("20.00");
    expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", window.till.last.no);
  });

  it("throws nothing away while nobody is signed in", async () => {
    const window = await refunding();
    await type(window, "refund-amount", "20.00");
    await window.till.signOut();
    await isAt("refund-sign-in");
    await window.user.keyboard("7");
    expect(screen.getByTestId("refund-order")).toBeVisible();
    await window.till.signIn("陈店长", pins.陈店长);
    expect(await screen.findByTestId("refund-amount")).toHaveValue("20.00");
  });

  it("begins a search where nothing was filled in", async () => {
    const window = await refunding();
    drop();
    await window.user.keyboard("7");
    await isAt("refund-find");
    expect(screen.getByTestId("refund-find")).toHaveValue("7");
    expect(screen.queryByTestId("refund-order")).toBeNull();
  });

  it("leaves no digit of a scan in the amount", async () => {
    const window = await refunding();
    await window.user.click(screen.getByTestId("refund-reason-returned"));
    drop();
    expect(scan("6901234567892")).toBe(false);
    expect(screen.getByTestId("refund-amount")).toHaveValue("");
    expect(screen.getByTestId("refund-reason")).toHaveValue("顾客退货");
    expect(lastCall(window, "refund")).toBeUndefined();
  });
});

describe("a number that is scanned into the search", () => {
  const number = "4200001234202601051234567890";

  it("takes the place of what stood there, however often", async () => {
    const window = await open(shop(), (till) => till.seed("30.00", "paid", 60_000));
    await window.user.keyboard("{Alt>}3{/Alt}");
    const field = await screen.findByTestId<HTMLInputElement>("refund-find");
    await type(window, "refund-find", "12");
    scan(number);
    expect(field).toHaveValue(number);
    scan(number);
    expect(field).toHaveValue(number);
    scan("59706a00fd4eb0196a0", { suffix: null });
    expect(field).toHaveValue("59706a00fd4eb0196a0");
    await window.user.keyboard("{F3}");
    const history = await screen.findByTestId<HTMLInputElement>("history-find");
    history.focus();
    await window.user.keyboard("12");
    scan(number);
    expect(history).toHaveValue(number);
  });

  it("finds it selected by F1, and anew by a key beside it", async () => {
    const window = await open(shop(), (till) => till.seed("30.00", "paid", 60_000));
    await window.user.keyboard("{Alt>}3{/Alt}");
    const field = await screen.findByTestId<HTMLInputElement>("refund-find");
    await type(window, "refund-find", "30.0");
    await window.user.keyboard("{F1}");
    await waitFor(() => expect([field.selectionStart, field.selectionEnd]).toEqual([0, 4]));
    drop();
    await window.user.keyboard("5");
    await waitFor(() => expect(field).toHaveValue("5"));
    await isAt("refund-find");
  });
});

describe("goods that an amount came from", () => {
  /** Two of three cups are chosen at a gateway that takes an amount alone as well. */
  async function chosen(): Promise<Opened> {
    const window = await open(shop(), (till) => {
      till.refunding.answers = [];
      till.seed("30.00", "paid", 60_000, { items: [{ id: "cup", quantity: 3, amount_minor: 1200 }] });
    });
    await openRefund(window, window.till.last);
    await type(window, "refund-line-cup", "2");
    expect(screen.getByTestId("refund-amount")).toHaveValue("8.00");
    return window;
  }

  it("are still chosen where a scan went into the amount and was taken back", async () => {
    await chosen();
    screen.getByTestId("refund-amount").focus();
    expect(scan("6901234567892")).toBe(false);
    await waitFor(() => expect(screen.getByTestId("refund-amount")).toHaveValue("8.00"));
    expect(screen.getByTestId("refund-line-cup")).toHaveValue("2");
  });

  it("are not chosen by a hand that writes the same amount, also where a scan comes after it", async () => {
    const window = await chosen();
    await type(window, "refund-amount", "8.00");
    expect(screen.getByTestId("refund-line-cup")).toHaveValue("");
    expect(scan("6901234567892")).toBe(false);
    await waitFor(() => expect(screen.getByTestId("refund-amount")).toHaveValue("8.00"));
    expect(screen.getByTestId("refund-line-cup")).toHaveValue("");
  });
});

describe("more goods than are left", () => {
  const sent = (window: Opened) => window.till.calls.filter((call) => call.startsWith("refund "));

  it("are said to be, and nothing is sent by Enter until one more says so", async () => {
    const window = await refundingGoods();
    await type(window, "refund-line-cup", "9");
    expect(screen.getByTestId("refund-line-cup")).toHaveValue("3");
    expect(screen.getByTestId("refund-lowered-cup")).toHaveTextContent("没有 9 件可退，已改为能退的 3 件。");
    await window.user.click(screen.getByTestId("refund-reason-returned"));
    await type(window, "refund-pin", pins.陈店长);
    await window.user.keyboard("{Enter}");
    await window.shows("refund-lowered-cup", "还没有发出。再按一次 Enter 就退 3 件");
    expect(sent(window)).toEqual([]);
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(sent(window)).toEqual(["refund 12.00"]));
  });

  it("are forgotten once the number is corrected", async () => {
    const window = await refundingGoods();
    await type(window, "refund-line-cup", "9");
    await type(window, "refund-line-cup", "2");
    expect(screen.getByTestId("refund-lowered-cup")).toHaveTextContent(/^$/);
    await window.user.click(screen.getByTestId("refund-reason-returned"));
    await type(window, "refund-pin", `${pins.陈店长}{Enter}`);
    await waitFor(() => expect(sent(window)).toEqual(["refund 8.00"]));
  });
});

describe("what was refused", () => {
  it("of a refund is said until the field that it speaks of changes", async () => {
    const window = await refunding();
    await type(window, "refund-amount", "5");
    await type(window, "refund-pin", `${pins.陈店长}{Enter}`);
    expect(await screen.findByTestId("refund-refused")).toHaveTextContent("还没有填写退款原因。");
    await type(window, "refund-amount", "6");
    expect(screen.getByTestId("refund-refused")).toBeVisible();
    await type(window, "refund-reason", "坏");
    await waitFor(() => expect(screen.queryByTestId("refund-refused")).toBeNull());
    await type(window, "refund-amount", "30.01");
    await window.user.click(screen.getByTestId("refund-send"));
    expect(await screen.findByTestId("refund-refused")).toHaveTextContent("最多还可以退 30.00");
    await window.user.click(screen.getByTestId("refund-full"));
    await waitFor(() => expect(screen.queryByTestId("refund-refused")).toBeNull());
  });

  it("of a person is said until the field that it speaks of changes", async () => {
    const window = await open(shop());
    await window.user.keyboard("{Alt>}4{/Alt}");
    await window.user.click(await screen.findByTestId("settings-people"));
    await window.user.click(await screen.findByTestId("operator-add"));
    await type(window, "operator-name", "阿芳");
    await type(window, "operator-pin", "1111");
    await type(window, "operator-pin-again", "1111");
    await type(window, "operator-own-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("operator-save"));
    const cannotBe = () => screen.queryByText("这不能用作密码。");
    await waitFor(() => expect(cannotBe()).toBeVisible());
    await type(window, "operator-name", "阿芬");
    expect(cannotBe()).toBeVisible();
    await type(window, "operator-pin-again", "1212");
    await waitFor(() => expect(cannotBe()).toBeNull());
    expect(screen.getByText("两次输入的不一样")).toBeVisible();
  });

  it("of limits is said until something is changed", async () => {
    const window = await open(shop());
    await window.user.keyboard("{Alt>}4{/Alt}");
    await window.user.click(await screen.findByTestId("settings-limits"));
    await type(window, "limits-per-refund-CNY", "1,000");
    await type(window, "limits-pin", `${pins.陈店长}{Enter}`);
    const said = "“每笔最多”要填金额，例如 500.00";
    expect(await screen.findByText(said)).toBeVisible();
    await type(window, "limits-per-refund-CNY", "1000");
    await waitFor(() => expect(screen.queryByText(said)).toBeNull());
  });
});
