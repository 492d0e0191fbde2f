import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { Refusal } from "../src/host/contract.ts";
import { zhCN } from "../src/words/zh-CN.ts";
import { scan, wechat } from "./hand.ts";
import { type Opened, open } from "./window.ts";

const lostPin: Refusal = { code: "pin_replaced", facts: { name: "陈店长", day: "2026-01-05" } };
const locked: Refusal = { code: "keyring_locked", facts: {} };

function says({ till }: Opened, ...notices: Refusal[]): void {
  till.notices = notices;
  till.recover(null);
}

const standing = () =>
  screen
    .queryAllByTestId("till-notice")
    .map((notice) => notice.querySelector<HTMLElement>("[data-code]")?.dataset.code);

describe("what is said of a scan", () => {
  const said = () =>
    screen.queryAllByTestId("notice").map((notice) => notice.querySelector<HTMLElement>("[data-code]")?.dataset.code);

  it("gives way to what is said of the next one, and goes by itself once it was read", async () => {
    const window = await open();
    scan("6901234567892", { clock: window.clock });
    await waitFor(() => expect(said()).toEqual(["scan_unknown"]));
    await window.pass(3_000);
    scan("TK7Q2F9M0K3C5D8E1HABMNPQWXYZ", { clock: window.clock });
    await waitFor(() => expect(said()).toEqual(["unknown_order"]));
    await window.pass(18_000);
    expect(said()).toEqual(["unknown_order"]);
    await window.pass(3_000);
    await waitFor(() => expect(said()).toEqual([]));
  });

  it("stays on the screen where it was scanned", async () => {
    const window = await open();
    scan("6901234567892", { clock: window.clock });
    await waitFor(() => expect(said()).toEqual(["scan_unknown"]));
    await window.user.click(screen.getByTestId("rail-settings"));
    await waitFor(() => expect(said()).toEqual([]));
  });

  it("takes along nothing else that somebody must read", async () => {
    const window = await open();
    window.till.refuseNext = "unexpected";
    await window.user.keyboard("12.50{Enter}");
    await waitFor(() => expect(said()).toEqual(["unexpected"]));
    await window.user.click(screen.getByTestId("rail-settings"));
    await screen.findByTestId("settings-accounts");
    screen.getByTestId("rail-settings").focus();
    scan(wechat, { clock: window.clock });
    await waitFor(() => expect(said()).toEqual(["scan_elsewhere", "unexpected"]));
    await window.pass(60_000);
    await waitFor(() => expect(said()).toEqual(["unexpected"]));
  });
});

describe("what answers something that was done on one screen", () => {
  it.each([
    ["not_confirmed", false],
    ["missing_right", false],
    ["answer_does_not_fit", true],
    ["answer_lost", true],
    ["disk_full", true],
  ] as const)("goes when that screen is left, unless it is grave (%s)", async (code, stays) => {
    const window = await open();
    const told = () => document.querySelector(`[data-testid=notice] [data-code=${code}]`) !== null;
    window.till.refuseNext = code;
    await window.user.keyboard("12.50{Enter}");
    await waitFor(() => expect(told()).toBe(true));
    await window.user.click(screen.getByTestId("rail-settings"));
    await screen.findByTestId("settings-accounts");
    await waitFor(() => expect(told()).toBe(stays));
  });
});

describe("a refund that a limit refuses", () => {
  it.each([
    ["false", "没有发出退款，没有退钱。"],
    ["true", "这次没有发出。如果以前发出过"],
  ])("is said to have moved no money, unless it may have left before (%s)", async (again, money) => {
    const window = await open();
    says(window, { code: "refund_over_limit", facts: { limit: "5.00", currency: "CNY", again } });
    expect(await screen.findByTestId("till-notice")).toHaveTextContent(money);
  });
});

describe("a refund that is too old", () => {
  const instead = "请用别的办法退钱";
  const wait = "没有确定之前，不要用别的办法退钱";

  it.each([
    ["false", instead, wait],
    ["true", wait, instead],
  ])("is given back another way, unless it may have left before (%s)", async (again, next, other) => {
    const window = await open();
    says(window, { code: "refund_too_old", facts: { days: "30", again } });
    expect(await screen.findByTestId("till-notice")).toHaveTextContent(next);
    expect(screen.getByTestId("till-notice")).not.toHaveTextContent(other);
  });
});

describe("a question that a gateway answers with an error", () => {
  it("is about an order that is there: no other way to pay is spoken of", async () => {
    const window = await open();
    says(window, { code: "not_confirmed", facts: { reason: "channel off", code: "202", reaction: "channel_off" } });
    const notice = await screen.findByTestId("till-notice");
    expect(notice).toHaveTextContent("这种付款方式未开通");
    expect(notice).not.toHaveTextContent("请换一种");
  });
});

describe("what the till goes on saying", () => {
  it("is put away once it was read, and is there again when the till says it anew", async () => {
    const window = await open();
    says(window, lostPin);
    await window.user.click(within(await screen.findByTestId("till-notice")).getByTestId("dismiss"));
    await waitFor(() => expect(standing()).toEqual([]));
    says(window, lostPin);
    await window.pass(1_000);
    expect(standing()).toEqual([]);
    says(window);
    says(window, lostPin);
    await waitFor(() => expect(standing()).toEqual(["pin_replaced"]));
  });

  it("stays as long as it keeps anything from being sent, and comes first", async () => {
    const window = await open();
    says(window, lostPin, locked);
    await waitFor(() => expect(standing()).toEqual(["keyring_locked", "pin_replaced"]));
    const dismissible = screen.getAllByTestId("till-notice").map((notice) => within(notice).queryByTestId("dismiss"));
    expect(dismissible.map((button) => button !== null)).toEqual([false, true]);
  });

  it("names the part of the journal that cannot be read, in the reader's language", async () => {
    const window = await open();
    const parts = ["order/TK0001", "account/main", "account", "operators", "limits", "till", "#17"];
    says(window, ...parts.map((part): Refusal => ({ code: "journal_part_unreadable", facts: { part } })));
    await waitFor(() => expect(standing()).toHaveLength(parts.length));
    const told = screen.getAllByTestId("till-notice").map((notice) => notice.textContent);
    const named = ["订单 TK0001", "账户 main", "一个账户", "人员", "退款限额", "收银台自身的记录", "#17"];
    for (const name of named) expect(told.join()).toContain(`流水里有一部分读不出来：${name}。`);
    expect(zhCN.settings.finding("journal:order/TK0001")).toBe("流水 · 订单 TK0001");
  });

  it("may be put away however grave it is, where it stops nothing", async () => {
    const window = await open();
    says(
      window,
      { code: "journal_not_whole", facts: { place: "#7" } },
      { code: "unexpected", facts: { incident: "7" } },
    );
    await waitFor(() => expect(standing()).toHaveLength(2));
    for (const button of screen.getAllByTestId("dismiss")) await window.user.click(button);
    await waitFor(() => expect(standing()).toEqual([]));
  });

  it("leaves the focus at the next cross where keys put it away, and else at the amount", async () => {
    const window = await open();
    says(window, lostPin, { code: "journal_not_whole", facts: { place: "#7" } }, { code: "unexpected", facts: {} });
    await waitFor(() => expect(standing()).toHaveLength(3));
    const crosses = () => screen.queryAllByTestId("dismiss");
    crosses()[0]?.focus();
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(standing()).toHaveLength(2));
    await waitFor(() => expect(crosses()[0]).toHaveFocus());
    await window.user.click(crosses()[0] as HTMLElement);
    await waitFor(() => expect(screen.getByTestId("amount-input")).toHaveFocus());
    crosses()[0]?.focus();
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(standing()).toEqual([]));
    await waitFor(() => expect(screen.getByTestId("amount-input")).toHaveFocus());
  });

  it("is marked as folded, each for itself, until somebody reads on, and again after that", async () => {
    const window = await open();
    says(window, locked, lostPin);
    await waitFor(() => expect(standing()).toHaveLength(2));
    const [first, second] = screen.getAllByTestId("till-notice") as [HTMLElement, HTMLElement];
    const unfold = within(second).getByTestId("notice-unfold");
    expect(unfold).toHaveAttribute("aria-expanded", "false");
    await window.user.click(unfold);
    await waitFor(() => expect(second).not.toHaveClass("folded"));
    expect(unfold).toHaveAttribute("aria-expanded", "true");
    expect(first).toHaveClass("folded");
    await window.user.click(unfold);
    await waitFor(() => expect(second).toHaveClass("folded"));
  });

  it("takes no key: Escape still clears the amount", async () => {
    const window = await open();
    says(window, lostPin);
    await screen.findByTestId("till-notice");
    await window.user.keyboard("12{Escape}");
    expect(document.getElementById("amount-input")).toHaveValue("");
    expect(standing()).toEqual(["pin_replaced"]);
  });

  it("stands below what a person has just been told", async () => {
    const window = await open();
    says(window, locked);
    window.till.refuseNext = "unexpected";
    await window.user.keyboard("12.50{Enter}");
    const told = await screen.findByTestId("notice");
    const said = screen.getByTestId("till-notice");
    expect(told.compareDocumentPosition(said) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });
});
