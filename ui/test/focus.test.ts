//! Where the focus is when what had it has gone.
import { screen, waitFor, within } from "@testing-library/svelte";
import { beforeAll, describe, expect, it } from "vitest";
import { account, harbour, island } from "../src/host/fake/gateways.ts";
import type { FakeTill } from "../src/host/fake/till.ts";
import { openRefund, pins, shop, type } from "./staff.ts";
import { amount, giveCode, type Opened, open, seenMs, sell } from "./window.ts";

// The screen is loaded when it is first opened. A busy machine compiles it for longer than a test waits.
beforeAll(async () => {
  await import("../src/refunds/RefundScreen.svelte");
}, 300_000);

const isAt = (testId: string) => waitFor(() => expect(screen.getByTestId(testId)).toHaveFocus());
const isOnScreen = () => waitFor(() => expect(document.getElementById("main")).toHaveFocus());
const isGone = (testId: string) => waitFor(() => expect(screen.queryByTestId(testId)).toBeNull());

/** What has the focus, unless nothing has. */
function focused(): HTMLElement | null {
  const { activeElement, body } = document;
  return activeElement instanceof HTMLElement && activeElement !== body ? activeElement : null;
}

function drop(): void {
  (document.activeElement as HTMLElement).blur();
  expect(document.body).toHaveFocus();
}

function stopped(till: FakeTill): void {
  const { no } = till.last;
  till.recover({ order_nos: [no], still_asking: 1, paid: 0, ended: 0, open: 0, in_doubt: 0, not_asked: 0 });
}

describe("once the sheet of a restart is put away, the focus", () => {
  const launched = async () => {
    const window = await open({}, (till) => {
      till.seed("8.00", "awaiting_payment", 60_000);
      stopped(till);
    });
    await screen.findByTestId("recovery");
    return window;
  };

  it("is at the amount, where keys put it away", async () => {
    const { user } = await launched();
    screen.getByTestId("recovery-dismiss").focus();
    await user.keyboard("{Enter}");
    await isGone("recovery");
    await isAt("amount-input");
    await user.keyboard("7");
    expect(amount()).toBe("7");
  });

  it("is where it was, where a click does", async () => {
    const { user } = await launched();
    screen.getByTestId("note").focus();
    await user.click(screen.getByTestId("recovery-dismiss"));
    await isGone("recovery");
    await isAt("note");
  });

  it("is at the amount, where nothing had it", async () => {
    const { user } = await launched();
    drop();
    await user.click(screen.getByTestId("recovery-dismiss"));
    await isAt("amount-input");
  });

  it("stays on the screen beside an order", async () => {
    const window = await open();
    await sell(window);
    stopped(window.till);
    (await screen.findByTestId("recovery-dismiss")).focus();
    await window.user.keyboard("{Enter}");
    await isGone("recovery");
    await isOnScreen();
  });
});

describe("a dialog that was opened where nothing had the focus", () => {
  it.each([
    ["Escape", ({ user }: Opened) => user.keyboard("{Escape}")],
    ["its button", ({ user }: Opened) => user.click(within(screen.getByTestId("shortcuts")).getByRole("button"))],
  ])("gives it to the amount when %s closes it", async (_, close) => {
    const window = await open();
    drop();
    await window.user.keyboard("?");
    await screen.findByTestId("shortcuts");
    await close(window);
    await isGone("shortcuts");
    await isAt("amount-input");
  });

  it("gives it to the screen of a list, so that a scan goes into no search", async () => {
    const { user } = await open(shop());
    await user.keyboard("{Alt>}2{/Alt}");
    await screen.findByTestId("search");
    drop();
    await user.keyboard("{F10}");
    await screen.findByTestId("sign-in");
    await user.keyboard("{Escape}");
    await isGone("sign-in");
    await isOnScreen();
  });

  it("gives it to the screen beside an order, which has no field of its own", async () => {
    const window = await open();
    await sell(window);
    drop();
    await window.user.keyboard("?");
    await screen.findByTestId("shortcuts");
    await window.user.keyboard("{Escape}");
    await isGone("shortcuts");
    await isOnScreen();
  });
});

describe("what is asked before a sale", () => {
  it("leaves the focus on the screen once the payment code that was typed is charged", async () => {
    const window = await open({ accounts: [harbour] });
    await window.user.keyboard("/");
    await window.user.click(await screen.findByTestId("pick-micropay"));
    await window.user.keyboard("12.50{Enter}");
    await screen.findByTestId("scan-prompt");
    await giveCode(window, "134567890123456789");
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    await isGone("scan-prompt");
    await isOnScreen();
  });

  it("leaves it on the screen where another way to pay was chosen and there is no amount to type", async () => {
    const window = await open({ accounts: [account, island] });
    await sell(window);
    await window.user.keyboard("{F9}");
    await screen.findByTestId("other-panel");
    drop();
    await window.user.click(screen.getByTestId("all-channels"));
    await window.user.click(await screen.findByTestId("pick-micropay"));
    await isGone("picker");
    await isOnScreen();
  });

  /** The order before is being paid, and a manager is asked to let another one pass. */
  const overruling = async () => {
    const window = await open(shop());
    await sell(window);
    window.till.scan();
    await window.user.keyboard("{F9}");
    await window.user.click(await screen.findByTestId("overrule"));
    await screen.findByTestId("overrule-dialog");
    return window;
  };

  it("leaves it on the screen when a manager has let the order pass", async () => {
    const window = await overruling();
    await type(window, "overrule-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("overrule-go"));
    await waitFor(() => expect(window.till.orderList).toHaveLength(2));
    await isGone("overrule-dialog");
    await isOnScreen();
  });

  it("leaves it on the screen when the order before has ended meanwhile, and with it the button", async () => {
    const window = await overruling();
    window.till.end("closed");
    await isGone("overrule");
    await window.user.keyboard("{Escape}");
    await isGone("overrule-dialog");
    await isOnScreen();
  });
});

describe("what a dialog has done takes away the button that opened it: the focus", () => {
  it("stays with the order whose refund was marked", async () => {
    const window = await open(shop(), (till) => {
      till.refunding.answers = [];
      till.seed("88.00", "paid", 60_000);
    });
    const { till, user } = window;
    const request = { order_no: till.last.no, amount: "20.00", reason: "顾客退货", items: [] };
    till.refunding.ask(request, { pin: pins.陈店长, second: null });
    till.refunding.settle("processing");
    await openRefund(window, till.last);
    const { no } = till.refunding.last;
    await user.click(screen.getByTestId(`refund-mark-${no}`));
    await type(window, "mark-note", "顾客银行短信 10:42");
    await type(window, "mark-pin", pins.陈店长);
    await type(window, "mark-second-name", "王店长");
    await type(window, "mark-second-pin", pins.王店长);
    await user.click(screen.getByTestId("mark-save"));
    await isGone("mark-dialog");
    await isGone(`refund-mark-${no}`);
    await waitFor(() => expect(screen.getByTestId("refund-order")).toContainElement(focused()));
  });

  it("stays on the screen when the matter that was handled leaves the list", async () => {
    const window = await open(shop(), (till) => {
      till.seed("8.00", "paid", 300_000, { late: true, attentions: ["late_payment"] });
    });
    const { no } = window.till.last;
    await window.user.click(await screen.findByTestId("open-matters"));
    await window.user.click(await screen.findByTestId(`attention-handle-${no}`));
    await type(window, "attention-note", "货已交给顾客");
    await window.user.keyboard("{Enter}");
    await isGone(`attention-row-${no}`);
    await isOnScreen();
  });

  it("stays on the screen when an account is removed", async () => {
    const { user } = await open({ accounts: [account, harbour] });
    await user.click(screen.getByTestId("rail-settings"));
    await user.click(await screen.findByTestId("settings-accounts"));
    await user.click(screen.getByTestId("remove-main"));
    await user.click(await screen.findByTestId("remove-confirm"));
    await isGone("account-main");
    await isOnScreen();
  });

  it("stays on the screen when a person is removed", async () => {
    const window = await open(shop());
    await window.user.click(screen.getByTestId("rail-settings"));
    await window.user.click(await screen.findByTestId("settings-people"));
    await window.user.click(await screen.findByTestId("operator-remove-小李"));
    await type(window, "operator-own-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("operator-save"));
    await isGone("operator-dialog");
    await isGone("operator-row-小李");
    await isOnScreen();
  });
});

describe("what stands beside a list gives the focus back to the row that opened it", () => {
  it("when an order's story is closed", async () => {
    const { user } = await open({}, (till) => till.seed("42.00", "paid", 60_000));
    await user.keyboard("{Alt>}2{/Alt}");
    await user.click(await screen.findByTestId(/^order-row-/));
    await isAt("timeline-close");
    await user.keyboard("{Escape}");
    await isGone("timeline");
    await waitFor(() => expect(screen.getByTestId(/^order-row-/)).toHaveFocus());
  });
});

it("an order that was to be refunded gives the focus to the search for the next one when it is closed", async () => {
  const window = await open(shop(), (till) => till.seed("42.00", "paid", 60_000));
  await openRefund(window, window.till.last);
  await window.user.click(screen.getByTestId("refund-back"));
  await isGone("refund-order");
  await isAt("refund-find");
});

describe("a click on the main menu", () => {
  it("leaves no focus there, so that Enter goes on with the customer", async () => {
    const window = await open();
    await sell(window);
    await window.pass(seenMs);
    await window.user.click(screen.getByTestId("rail-orders"));
    await screen.findByTestId("search");
    await window.user.click(screen.getByTestId("rail-checkout"));
    await screen.findByTestId("state");
    await isOnScreen();
    await window.user.keyboard("{Enter}");
    await isGone("state");
  });

  it("gives it to the amount, also where the checkout is in front already", async () => {
    const { user } = await open();
    screen.getByTestId("note").focus();
    await user.click(screen.getByTestId("rail-checkout"));
    await isAt("amount-input");
    await user.click(screen.getByTestId("rail-settings"));
    await screen.findByTestId("settings-general");
    await user.click(screen.getByTestId("rail-checkout"));
    await isAt("amount-input");
  });
});

it("a check of an account keeps the focus on its button, and what was found before is gone meanwhile", async () => {
  const { user, till } = await open({ accounts: [harbour] });
  await user.click(screen.getByTestId("rail-settings"));
  await user.click(await screen.findByTestId("settings-accounts"));
  const check = await screen.findByTestId("check-harbour");
  await user.click(check);
  await screen.findByTestId("finding-gateway:harbour");
  await isAt("check-harbour");
  let answer = () => {};
  const answered = new Promise<void>((done) => {
    answer = done;
  });
  const found = till.checkAccount.bind(till);
  till.checkAccount = async (name) => {
    await answered;
    return found(name);
  };
  await user.keyboard("{Enter}");
  await isGone("finding-gateway:harbour");
  expect(check).toHaveAttribute("aria-disabled", "true");
  expect(check).toBeEnabled();
  answer();
  await screen.findByTestId("finding-gateway:harbour");
  expect(check).toHaveAttribute("aria-disabled", "false");
  await isAt("check-harbour");
});

describe("a screen that is left", () => {
  it("by a key leaves the focus on the one that comes", async () => {
    const { user } = await open();
    expect(screen.getByTestId("amount-input")).toHaveFocus();
    await user.keyboard("{Alt>}4{/Alt}");
    await screen.findByTestId("settings-general");
    await isOnScreen();
  });

  it("for the people of a new till leaves it there", async () => {
    const { user } = await open({ accounts: [] });
    await user.click(screen.getByTestId("first-run-manager"));
    await screen.findByTestId("operators");
    await waitFor(() => expect(document.getElementById("main")).toContainElement(focused()));
  });
});
