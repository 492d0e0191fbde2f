import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeClock } from "../src/host/fake/clock.ts";
import { FakeTill } from "../src/host/fake/till.ts";
import { IdleLock } from "../src/people/idle.ts";
import { Sign } from "../src/people/sign.svelte.ts";
import { openRefund, pins, shop, type } from "./staff.ts";
import { type Opened, open, opening, sell } from "./window.ts";

async function signIn(window: Opened, key: string, pin: string) {
  await window.user.keyboard("{F10}");
  await screen.findByTestId("sign-in-find");
  await window.user.keyboard(key);
  await waitFor(() => expect(screen.getByTestId("sign-in-pin")).toHaveFocus());
  await window.user.keyboard(`${pin}{Enter}`);
}

describe("a typed PIN", () => {
  const leaveAndComeBack = async ({ till }: Opened) => {
    await Promise.all([till.signOut(), till.signIn("陈店长", pins.陈店长)]);
  };

  it("is gone the moment its owner is, whoever comes next", async () => {
    const clock = new FakeClock();
    const host = new FakeTill(clock, shop());
    const { till, begun } = opening(host, clock);
    await begun;
    const sign = new Sign(till);
    const fill = () => Object.assign(sign, { pin: pins.陈店长, secondName: "小李", secondPin: pins.小李 });
    fill();
    expect(sign.complete(true)).toBe(true);
    await host.signIn("王店长", pins.王店长);
    expect(sign.authority(true)).toEqual({ pin: "", second: { name: "", pin: "" } });
    fill();
    await host.signOut();
    await host.signIn("王店长", pins.王店长);
    expect(sign.authority(true)).toEqual({ pin: "", second: { name: "", pin: "" } });
    till.end();
  });

  it("does not outlive its owner in a refund, in one sent again, or in a mark", async () => {
    const window = await open(shop(), (till) => {
      till.refunding.answers = [];
      till.seed("88.00", "paid", 60_000);
    });
    const { till, user } = window;
    await openRefund(window, till.last);
    await type(window, "refund-pin", pins.陈店长);
    await leaveAndComeBack(window);
    await waitFor(() => expect(screen.getByTestId("refund-pin")).toHaveValue(""));

    await user.click(screen.getByTestId("mark-open"));
    await type(window, "mark-pin", pins.陈店长);
    await type(window, "mark-second-name", "小李");
    await type(window, "mark-second-pin", pins.小李);
    await leaveAndComeBack(window);
    await waitFor(() => expect(screen.getByTestId("mark-pin")).toHaveValue(""));
    expect(screen.getByTestId("mark-second-pin")).toHaveValue("");
    await user.click(screen.getByText("取消"));

    const request = { order_no: till.last.no, amount: "20.00", reason: "顾客退货", items: [] };
    till.refunding.ask(request, { pin: pins.陈店长, second: null });
    till.refunding.settle("failed", { reaction: "balance_short", code: "NOTENOUGH", text: null });
    await user.click(await screen.findByTestId(`refund-again-${till.refunding.last.no}`));
    await type(window, "again-pin", pins.陈店长);
    await leaveAndComeBack(window);
    await waitFor(() => expect(screen.getByTestId("again-pin")).toHaveValue(""));
  });

  it("does not outlive its owner where a further order is let pass", async () => {
    const window = await open(shop());
    await sell(window);
    window.till.scan();
    await window.user.keyboard("{F9}");
    await window.user.click(await screen.findByTestId("overrule"));
    await type(window, "overrule-pin", pins.陈店长);
    await window.till.signOut();
    await waitFor(() => expect(screen.getByTestId("overrule-pin")).toHaveValue(""));
  });
});

describe("whoever stands at the till", () => {
  it("is the owner until there is a manager, and may do everything", async () => {
    await open();
    expect(screen.getByTestId("who")).toHaveTextContent("店主");
    expect(screen.queryByTestId("lock-now")).toBeNull();
  });

  it("signs in by one key, the PIN and Enter, and never shows the PIN", async () => {
    const window = await open(shop(null));
    expect(screen.getByTestId("who")).toHaveTextContent("未登录");
    await signIn(window, "3", "1122");
    expect(screen.getByTestId("sign-in-pin")).toHaveAttribute("type", "password");
    expect(document.body.innerHTML).not.toContain("1122");
    await window.user.keyboard("112233{Enter}");
    await window.shows("who", "小李");
    expect(screen.getByTestId("who")).toHaveTextContent("收银员");
    await waitFor(() => expect(screen.queryByTestId("sign-in")).toBeNull());
    await window.shows("announcement", "小李 已登录");
    expect(document.body.innerHTML).not.toContain("112233");
  });

  it("is found by typing a name as well, and chosen by Enter", async () => {
    const window = await open(shop(null));
    await window.user.keyboard("{F10}");
    await screen.findByTestId("sign-in-find");
    await window.user.keyboard("王");
    expect(screen.queryByTestId("sign-in-name-小李")).toBeNull();
    await window.user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByTestId("sign-in-pin")).toHaveFocus());
    await window.user.keyboard(`${pins.王店长}{Enter}`);
    await window.shows("who", "王店长");
  });

  it("is left to nobody by Escape, wherever the focus is", async () => {
    const window = await open(shop(null));
    for (const field of ["sign-in-find", "sign-in-pin"]) {
      await window.user.keyboard("{F10}");
      await screen.findByTestId("sign-in-find");
      if (field === "sign-in-pin") await window.user.keyboard("1");
      await waitFor(() => expect(screen.getByTestId(field)).toHaveFocus());
      await window.user.keyboard("{Escape}");
      await waitFor(() => expect(screen.queryByTestId("sign-in")).toBeNull());
    }
  });

  it("types the PIN on the keypad, and with the digits of an input method", async () => {
    const window = await open(shop(null));
    await window.user.keyboard("{F10}");
    await window.user.click(await screen.findByTestId("sign-in-name-小李"));
    for (const digit of ["1", "1", "2"])
      await window.user.click(
        within(screen.getByRole("group", { name: "数字键" })).getByRole("button", { name: digit }),
      );
    const pin = screen.getByTestId<HTMLInputElement>("sign-in-pin");
    expect(pin.value).toBe("112");
    await fireEvent.input(pin, { target: { value: "１１２２３３" } });
    await window.user.click(screen.getByTestId("sign-in-go"));
    await window.shows("who", "小李");
  });

  it("hears how many tries are left, and for how long the lock-out lasts", async () => {
    const window = await open(shop(null));
    await signIn(window, "1", "0000");
    expect(await screen.findByText(/还可以试 5 次/)).toBeVisible();
    for (const left of [4, 3, 2, 1]) {
      await waitFor(() => expect(screen.getByTestId("sign-in-pin")).toHaveFocus());
      await window.user.keyboard("0000{Enter}");
      expect(await screen.findByText(new RegExp(`还可以试 ${left} 次`))).toBeVisible();
    }
    await window.user.keyboard("0000{Enter}");
    const dialog = within(screen.getByTestId("sign-in"));
    expect(await dialog.findByText(/约 30 分钟后再试/)).toBeVisible();
    expect(screen.getByTestId("sign-in-name-陈店长")).toHaveTextContent("已锁定，还有 30 分钟");
    await window.pass(12 * 60_000);
    await window.shows("sign-in-name-陈店长", "还有 18 分钟");
    await window.user.keyboard(`${pins.陈店长}{Enter}`);
    expect(await dialog.findByText(/约 18 分钟后再试/)).toBeVisible();
    await window.shows("notice", "“陈店长”输错密码太多次，已锁定。");
    await window.pass(19 * 60_000);
    await window.user.keyboard(`${pins.陈店长}{Enter}`);
    await window.shows("who", "陈店长");
    await waitFor(() => expect(screen.queryByTestId("notice")).toBeNull());
  });

  it("gives the focus back to the amount", async () => {
    const window = await open(shop(null));
    expect(screen.getByTestId("amount-input")).toHaveFocus();
    await signIn(window, "3", pins.小李);
    await window.shows("who", "小李");
    await waitFor(() => expect(screen.getByTestId("amount-input")).toHaveFocus());
    await window.user.keyboard("7");
    expect(screen.getByTestId("amount")).toHaveAttribute("data-value", "7");
  });

  it("takes no amount while the PIN is typed", async () => {
    const window = await open(shop(null));
    await window.user.keyboard("{F10}");
    await screen.findByTestId("sign-in-find");
    await window.user.keyboard("3");
    await waitFor(() => expect(screen.getByTestId("sign-in-pin")).toHaveFocus());
    await window.user.keyboard("1122");
    expect(screen.getByTestId("amount")).toHaveAttribute("data-value", "");
  });

  it("leaves by one key", async () => {
    const window = await open(shop());
    await window.user.keyboard("{Alt>}[KeyL]{/Alt}");
    await window.shows("who", "未登录");
    await window.shows("announcement", "已锁定，收款照常");
  });
});

describe("the idle lock", () => {
  // It is loaded behind the first screen; what passes before does not count.
  let watched = (): Promise<void> => Promise.resolve();
  beforeEach(() => {
    const watch = vi.spyOn(IdleLock.prototype, "watch");
    watched = () => waitFor(() => expect(watch).toHaveBeenCalled());
  });

  it("signs out after three minutes without a touch, and leaves the code and its countdown as they are", async () => {
    const window = await open(shop());
    await sell(window);
    await waitFor(() => expect(screen.getByTestId("rail-refunds")).toBeVisible());
    await watched();
    await window.pass(170_000);
    expect(screen.getByTestId("who")).toHaveTextContent("陈店长");
    const drawn = screen.getByTestId("qr").innerHTML;
    await window.pass(15_000);
    await window.shows("who", "未登录");
    expect(screen.getByTestId("qr").innerHTML).toBe(drawn);
    expect(screen.getByTestId("countdown")).toHaveValue(300_000 - 185_000);
    expect(window.till.shownToCustomer).toBe(window.till.last.no);
    window.till.pay();
    expect(await screen.findByTestId("paid")).toBeVisible();
    await window.user.keyboard("5{Enter}");
    await screen.findByTestId("qr");
    expect(window.till.last.events[0]?.actor).toBe("nobody");
  });

  it("counts the time in which the machine slept", async () => {
    const window = await open(shop());
    await watched();
    const { clock } = window;
    const slept = 3_600_000;
    vi.spyOn(clock, "wall").mockImplementation(() => clock.began + clock.now() + slept);
    await window.pass(2_000);
    await window.shows("who", "未登录");
  });

  it("waits as long as somebody touches a key", async () => {
    const window = await open(shop());
    await watched();
    await window.pass(170_000);
    await window.user.keyboard("7");
    await window.pass(170_000);
    expect(screen.getByTestId("who")).toHaveTextContent("陈店长");
    await window.pass(11_000);
    await window.shows("who", "未登录");
  });

  it("does nothing where the shop wants none", async () => {
    const window = await open(shop(), (till) => {
      till.people.limits = { ...till.people.limits, idle_lock_s: 0 };
    });
    await watched();
    await window.pass(3_600_000);
    expect(screen.getByTestId("who")).toHaveTextContent("陈店长");
  });
});

describe("people in the settings", () => {
  const toPeople = async ({ user }: Opened) => {
    await user.keyboard("{Alt>}4{/Alt}");
    await user.click(await screen.findByTestId("settings-people"));
    await screen.findByTestId("operators");
  };

  it("begin with a manager, made at the first run or later", async () => {
    const window = await open({ accounts: [] });
    await window.user.click(screen.getByTestId("first-run-manager"));
    expect(await screen.findByTestId("operators")).toHaveTextContent("现在什么都可以做");
    await window.user.click(screen.getByTestId("operator-add"));
    expect(screen.getByTestId("operator-role")).toHaveValue("manager");
    expect(screen.queryByTestId("operator-own-pin")).toBeNull();
    await type(window, "operator-name", "陈店长");
    await type(window, "operator-pin", "246810");
    await type(window, "operator-pin-again", "246811");
    expect(screen.getByText("两次输入的不一样")).toBeVisible();
    expect(screen.getByTestId("operator-save")).toBeDisabled();
    await type(window, "operator-pin-again", "246810");
    await window.user.click(screen.getByTestId("operator-save"));
    expect(await screen.findByTestId("operator-row-陈店长")).toHaveTextContent("店长");
    expect(window.till.people.operators[0]?.pin).toBe("246810");
    await window.shows("who", "未登录");
    expect(screen.queryByTestId("operator-add")).toBeNull();
    expect(document.body.innerHTML).not.toContain("246810");
  });

  it("are not offered for the first run any more once a manager was made, here or elsewhere", async () => {
    const window = await open({ accounts: [] });
    expect(screen.getByTestId("first-run-manager")).toBeVisible();
    await window.till.addOperator("小李", "cashier", pins.小李, null);
    await window.pass(0);
    expect(screen.getByTestId("first-run-manager")).toBeVisible();
    await window.till.addOperator("陈店长", "manager", pins.陈店长, null);
    await waitFor(() => expect(screen.queryByTestId("first-run-manager")).toBeNull());
    expect(screen.getByTestId("first-run-connect")).toBeVisible();
    await window.reload();
    expect(screen.queryByTestId("first-run-manager")).toBeNull();
  });

  it("are added, given another PIN and removed with the manager's own PIN", async () => {
    const window = await open(shop());
    await toPeople(window);
    await window.user.click(screen.getByTestId("operator-add"));
    await type(window, "operator-name", "阿芳");
    await window.user.selectOptions(screen.getByTestId("operator-role"), "cashier");
    await type(window, "operator-pin", "1111");
    await type(window, "operator-pin-again", "1111");
    await type(window, "operator-own-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("operator-save"));
    expect(await screen.findByText("这不能用作密码。")).toBeVisible();
    await type(window, "operator-pin", "1212");
    await type(window, "operator-pin-again", "1212");
    await type(window, "operator-own-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("operator-save"));
    expect(await screen.findByTestId("operator-row-阿芳")).toHaveTextContent("收银员");

    await window.user.click(screen.getByTestId("operator-newpin-阿芳"));
    await type(window, "operator-pin", "3434");
    await type(window, "operator-pin-again", "3434");
    await type(window, "operator-own-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("operator-save"));
    await waitFor(() => expect(window.till.people.operators.at(-1)?.pin).toBe("3434"));

    await window.user.click(await screen.findByTestId("operator-remove-阿芳"));
    await type(window, "operator-own-pin", "999999");
    await window.user.click(screen.getByTestId("operator-save"));
    expect(await screen.findByText(/还可以试 5 次/)).toBeVisible();
    await type(window, "operator-own-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("operator-save"));
    await waitFor(() => expect(screen.queryByTestId("operator-row-阿芳")).toBeNull());
    expect(screen.getByTestId("operators")).toHaveTextContent("已移除 阿芳");
  });

  it("show who is locked out, and whose lost PIN was replaced", async () => {
    const window = await open(shop(), (till) => {
      const [, second, cashier] = till.people.operators;
      if (second) second.lockedUntil = 25 * 60_000;
      if (cashier) cashier.replacedAt = "2026-01-04T09:30:00+00:00";
    });
    await toPeople(window);
    expect(screen.getByTestId("operator-row-王店长")).toHaveTextContent("已锁定，还有 25 分钟");
    expect(screen.getByTestId("operator-row-小李")).toHaveTextContent("忘记的密码在");
  });

  it("let a cashier change the own PIN only", async () => {
    const window = await open(shop("小李"));
    await toPeople(window);
    expect(screen.getByTestId("operator-newpin-小李")).toBeVisible();
    expect(screen.queryByTestId("operator-newpin-陈店长")).toBeNull();
    expect(screen.queryByTestId("operator-add")).toBeNull();
  });
});

describe("the limits in the settings", () => {
  it("are read strictly, and written with the manager's PIN", async () => {
    const window = await open(shop());
    await window.user.keyboard("{Alt>}4{/Alt}");
    await window.user.click(await screen.findByTestId("settings-limits"));
    await type(window, "limits-per-refund-CNY", "1,000");
    await type(window, "limits-pin", pins.陈店长);
    await window.user.click(screen.getByTestId("limits-save"));
    expect(await screen.findByText("“每笔最多”要填金额，例如 500.00")).toBeVisible();
    expect(window.till.people.limits.refunds.CNY?.per_refund).toBe("2000.00");
    await type(window, "limits-per-refund-CNY", "1000");
    await type(window, "limits-second-above-CNY", "88.5");
    await type(window, "limits-idle", "60");
    await window.user.click(screen.getByTestId("limits-reason"));
    await window.user.click(screen.getByTestId("limits-save"));
    await waitFor(() => expect(window.till.people.limits.refunds.CNY?.per_refund).toBe("1000.00"));
    expect(window.till.people.limits).toMatchObject({ reason_required: false, idle_lock_s: 60, window_days: 90 });
    expect(window.till.people.limits.refunds.CNY?.second_above).toBe("88.50");
    expect(screen.getByTestId("limits-pin")).toHaveValue("");
  });

  it("are only looked at by a cashier", async () => {
    const window = await open(shop("小李"));
    await window.user.keyboard("{Alt>}4{/Alt}");
    await window.user.click(await screen.findByTestId("settings-limits"));
    expect(screen.getByTestId("limits-per-day-CNY")).toBeDisabled();
    expect(screen.queryByTestId("limits-save")).toBeNull();
  });
});
