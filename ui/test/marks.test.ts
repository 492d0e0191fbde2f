import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { Language } from "../src/host/contract.ts";
import type { FakeRefund } from "../src/host/fake/refunds.ts";
import { openRefund, pins, shop, type } from "./staff.ts";
import { type Opened, open } from "./window.ts";

describe("a mark of an order", () => {
  it.each([
    ["paid", ["refunded"]],
    ["closed", ["paid"]],
  ] as const)("offers of one that is %s only what can be said of it", async (state, offered) => {
    const window = await open(shop("陈店长"), (till) => till.seed("88.00", state, 60_000));
    await window.user.keyboard("{Alt>}3{/Alt}");
    await window.user.click(await screen.findByTestId("refund-paid-only"));
    await window.user.click(await screen.findByTestId(`refund-row-${window.till.last.no}`));
    await window.user.click(screen.getByTestId("mark-open"));
    const dialog = await screen.findByTestId("mark-dialog");
    const choices = within(dialog).getAllByRole("radio");
    expect(choices.map((choice) => choice.getAttribute("value"))).toEqual(offered);
    expect(choices[0]).toBeChecked();
  });

  it("is not offered where nothing can be said", async () => {
    const window = await open(shop("陈店长"), (till) => {
      till.seed("88.00", "paid", 60_000);
      const request = { order_no: till.last.no, amount: "88.00", reason: "顾客退货", items: [] };
      till.refunding.ask(request, { pin: pins.陈店长, second: { name: "王店长", pin: pins.王店长 } });
    });
    await openRefund(window, window.till.last);
    expect(screen.queryByTestId("mark-open")).toBeNull();
    await window.user.keyboard("{Alt>}m{/Alt}");
    expect(screen.queryByTestId("mark-dialog")).toBeNull();
  });
});

describe("a mark of an order that is being filled in", () => {
  const filling = async (language: Language = "zh-CN") => {
    const script = shop("陈店长", { settings: { language } });
    const window = await open(script, (till) => till.seed("88.00", "closed", 60_000));
    await window.user.keyboard("{Alt>}3{/Alt}");
    await window.user.click(await screen.findByTestId("refund-paid-only"));
    await window.user.click(await screen.findByTestId(`refund-row-${window.till.last.no}`));
    await window.user.click(await screen.findByTestId("mark-open"));
    await type(window, "mark-note", "账单 10:42");
    await type(window, "mark-pin", pins.陈店长);
    await type(window, "mark-second-name", "王店长");
    await type(window, "mark-second-pin", "1357");
    return window;
  };

  it.each([
    ["zh-CN", "其间它已收款，不用标记了"],
    ["zh-HK", "其間它已收款，毋須標記"],
    ["en", "has been paid meanwhile: it needs no mark"],
  ] as const)("is put away when it is paid, and what is still typed goes nowhere (%s)", async (language, told) => {
    const window = await filling(language);
    window.till.pay();
    await waitFor(() => expect(screen.queryByTestId("mark-dialog")).toBeNull());
    await window.shows("notice", told);
    expect(screen.getByTestId("notice")).toHaveTextContent(window.till.last.no.slice(-4));
    const field = await screen.findByTestId("refund-amount");
    await window.user.keyboard("90{Enter}");
    expect(field).toHaveValue("");
    expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", window.till.last.no);
    expect(window.till.last.marks).toEqual([]);
    await window.user.click(screen.getByTestId("mark-open"));
    expect(await screen.findByTestId("mark-what-refunded")).toBeVisible();
    for (const id of ["mark-note", "mark-pin", "mark-second-pin"]) expect(screen.getByTestId(id)).toHaveValue("");
  });

  it("asks inside who is there after a lock, and comes back without its PINs", async () => {
    const window = await filling();
    const { user } = window;
    await window.till.signOut();
    await waitFor(() => expect(screen.getByTestId("mark-sign-in")).toHaveFocus());
    expect(screen.getByTestId("mark-no-right")).toHaveTextContent("人工标记要店长登录");
    for (const id of ["mark-second-name", "mark-save"]) expect(screen.queryByTestId(id)).toBeNull();
    await user.keyboard("{Enter}");
    await screen.findByTestId("sign-in-find");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("sign-in")).toBeNull());
    await waitFor(() => expect(screen.getByTestId("mark-sign-in")).toHaveFocus());
    await user.keyboard("{Enter}");
    await screen.findByTestId("sign-in-find");
    await user.keyboard("1");
    await waitFor(() => expect(screen.getByTestId("sign-in-pin")).toHaveFocus());
    await user.keyboard(`${pins.陈店长}{Enter}`);
    await waitFor(() => expect(screen.queryByTestId("sign-in")).toBeNull());
    await waitFor(() => expect(screen.getByTestId("mark-pin")).toHaveFocus());
    expect(screen.getByTestId("mark-note")).toHaveValue("账单 10:42");
    for (const id of ["mark-pin", "mark-second-pin"]) expect(screen.getByTestId(id)).toHaveValue("");
    expect(screen.getByTestId("mark-amount")).toHaveValue("88.00");
  });
});

describe("a mark of one refund", () => {
  /** Two refunds, of which the gateway tells no end. */
  const untold = async (signedIn: "陈店长" | "小李" = "陈店长") => {
    const window = await open(shop("陈店长"), (till) => {
      till.refunding.answers = [];
      till.seed("88.00", "paid", 60_000);
    });
    const { till } = window;
    for (const amount of ["20.00", "8.00"]) {
      const request = { order_no: till.last.no, amount, reason: "顾客退货", items: [] };
      till.refunding.ask(request, { pin: pins.陈店长, second: null });
      till.refunding.settle("processing", null, till.last.refunds.at(-1));
    }
    if (signedIn !== "陈店长") await till.signIn(signedIn, pins[signedIn]);
    await openRefund(window, till.last);
    const [first, second] = till.last.refunds as [FakeRefund, FakeRefund];
    return { window, first, second };
  };

  const sign = async (window: Opened) => {
    await type(window, "mark-note", "顾客银行短信 10:42");
    await type(window, "mark-pin", pins.陈店长);
    await type(window, "mark-second-name", "王店长");
    await type(window, "mark-second-pin", pins.王店长);
    await window.user.click(screen.getByTestId("mark-save"));
    return screen.findByTestId("by-hand");
  };

  it("names the refund and its amount, offers no choice, and is signed by two", async () => {
    const { window, first, second } = await untold();
    await window.user.click(screen.getByTestId(`refund-mark-${first.no}`));
    const dialog = await screen.findByTestId("mark-dialog");
    expect(within(dialog).getByTestId("mark-of-refund")).toHaveTextContent("这笔退款的 ¥20.00 顾客已收到");
    expect(dialog).toHaveTextContent(`退款 …${first.no.slice(-4)}`);
    expect(screen.queryByTestId("mark-amount")).toBeNull();
    expect(screen.queryByTestId("mark-what-paid")).toBeNull();
    expect(screen.getByTestId("mark-save")).toBeDisabled();
    const mark = await sign(window);
    expect(screen.queryByTestId("notice")).toBeNull();
    expect(mark).toHaveTextContent(`已退款 ¥20.00（退款 …${first.no.slice(-4)}）：顾客银行短信 10:42`);
    expect(window.till.last.marks).toMatchObject([
      { what: "refunded", amount: "20.00", refund_no: first.no, by: "陈店长", second: "王店长" },
    ]);
    expect(first.state).toBe("processing");
    // Not twice, but the other one may be marked as well.
    expect(screen.queryByTestId(`refund-mark-${first.no}`)).toBeNull();
    expect(screen.getByTestId(`refund-mark-${second.no}`)).toBeVisible();
  });

  it("is judged by how that refund ends, and by no other", async () => {
    const { window, first, second } = await untold();
    await window.user.click(screen.getByTestId(`refund-mark-${first.no}`));
    const mark = await sign(window);
    window.till.refunding.settle("succeeded", null, second);
    await window.pass(1_000);
    expect(mark).toHaveAttribute("data-verdict", "open");
    window.till.refunding.settle("failed", null, first);
    await waitFor(() => expect(screen.getByTestId("by-hand")).toHaveAttribute("data-verdict", "contradicted"));
    expect(screen.getByTestId("refund-order")).toHaveTextContent("人工标记与网关相反");
  });

  it("is never taken for a mark of the order where the refund is not there", async () => {
    const { window, first } = await untold();
    await window.user.click(screen.getByTestId(`refund-mark-${first.no}`));
    await screen.findByTestId("mark-of-refund");
    window.till.last.refunds.length = 0;
    window.till.dispute("amount");
    await waitFor(() => expect(screen.queryByTestId(`refund-card-${first.no}`)).toBeNull());
    await waitFor(() => expect(screen.queryByTestId("mark-dialog")).toBeNull());
  });

  it("is put away, and that is said, when the gateway tells how the refund ended under it", async () => {
    const { window, first } = await untold();
    await window.user.click(screen.getByTestId(`refund-mark-${first.no}`));
    await type(window, "mark-note", "顾客银行短信 10:42");
    window.till.refunding.settle("succeeded", null, first);
    await waitFor(() => expect(screen.queryByTestId("mark-dialog")).toBeNull());
    await window.shows("notice", `尾号 ${window.till.last.no.slice(-4)} 那一单要人工标记的内容，现在不能标记了`);
    expect(window.till.last.marks).toEqual([]);
  });

  it("is not offered to a cashier, nor where the end is known", async () => {
    const { window, first, second } = await untold("小李");
    expect(screen.queryByTestId(`refund-mark-${first.no}`)).toBeNull();
    await window.till.signIn("陈店长", pins.陈店长);
    expect(await screen.findByTestId(`refund-mark-${first.no}`)).toBeVisible();
    window.till.refunding.settle("succeeded", null, second);
    await waitFor(() => expect(screen.queryByTestId(`refund-mark-${second.no}`)).toBeNull());
  });

  it("is what the attention list offers where a refund's outcome is in doubt, never a mark of the order", async () => {
    const { window, first, second } = await untold();
    const { till, user } = window;
    till.last.attentions = ["refund_unknown"];
    till.send(till.update([till.last]));
    await user.keyboard("{Escape}{F2}");
    const button = await screen.findByTestId(`attention-mark-${second.no}`);
    expect(screen.queryByTestId(`attention-mark-${till.last.no}`)).toBeNull();
    expect(screen.getByTestId(`attention-mark-${first.no}`)).toHaveTextContent("人工标记 ¥20.00 的退款");
    expect(button).toHaveTextContent("人工标记 ¥8.00 的退款");
    await user.click(button);
    expect(await screen.findByTestId("mark-of-refund")).toHaveTextContent("这笔退款的 ¥8.00 顾客已收到");
    await sign(window);
    expect(till.last.marks).toMatchObject([{ what: "refunded", amount: "8.00", refund_no: second.no }]);
    await waitFor(() => expect(screen.queryByTestId(`attention-mark-${second.no}`)).toBeNull());
    till.refunding.settle("failed", null, first);
    await waitFor(() => expect(screen.queryByTestId(`attention-mark-${first.no}`)).toBeNull());
    expect(screen.queryByTestId(`attention-mark-${till.last.no}`)).toBeNull();
    expect(screen.getByTestId(`attention-row-${till.last.no}`)).toBeVisible();
  });

  it("stands on the rows of the lists until the gateway has spoken", async () => {
    const { window, first } = await untold();
    const { till, user } = window;
    await user.click(screen.getByTestId(`refund-mark-${first.no}`));
    await sign(window);
    await user.keyboard("{Escape}");
    const inRow = (row: string) => within(screen.getByTestId(row)).queryByTestId("marked-by-hand");
    await waitFor(() => expect(inRow(`refund-row-${till.last.no}`)).toHaveTextContent("人工标记"));
    expect(inRow(`refund-row-${till.last.no}`)).toHaveAttribute("title", "人工标记，未经平台确认");
    await user.keyboard("{F3}");
    const [marked, other] = [first, till.last.refunds[1] as FakeRefund].map(({ no }) => `history-row-${no}`);
    await screen.findByTestId(marked ?? "");
    expect(inRow(marked ?? "")).toBeVisible();
    expect(inRow(other ?? "")).toBeNull();
    await user.click(screen.getByTestId("rail-orders"));
    const row = `order-row-${till.last.no.slice(-4)}`;
    await screen.findByTestId(row);
    expect(inRow(row)).toBeVisible();
    till.refunding.settle("succeeded", null, first);
    await waitFor(() => expect(inRow(row)).toBeNull());
  });
});

describe("an order's attention without anything to mark", () => {
  it("offers no mark", async () => {
    const window = await open(shop("陈店长"), (till) => {
      till.refunding.answers = [];
      till.seed("88.00", "paid", 60_000, { attentions: ["late_payment"] });
    });
    const { till, user } = window;
    await user.click(await screen.findByTestId("open-matters"));
    expect(await screen.findByTestId(`attention-mark-${till.last.no}`)).toBeVisible();
    till.refunding.ask(
      { order_no: till.last.no, amount: "88.00", reason: "顾客退货", items: [] },
      { pin: pins.陈店长, second: { name: "王店长", pin: pins.王店长 } },
    );
    till.send(till.update([till.last]));
    await waitFor(() => expect(screen.queryByTestId(`attention-mark-${till.last.no}`)).toBeNull());
  });
});
