//! Finding orders by their times and amounts.
import { fireEvent, screen, waitFor } from "@testing-library/svelte";
import { beforeAll, describe, expect, it } from "vitest";
import { asSpoken } from "../src/words/languages.ts";
import { Words } from "../src/words/words.svelte.ts";
import { shop, type } from "./staff.ts";
import { open } from "./window.ts";

// The screens are loaded when they are first opened. A busy machine compiles them for longer than a test waits.
beforeAll(async () => {
  await import("../src/refunds/RefundScreen.svelte");
  await import("../src/orders/OrdersScreen.svelte");
}, 300_000);

const english = { settings: { language: "en" as const } };
const forms = /Times are written 18:03, 18:03:32 or 11-27 18:03/;

describe("the list of orders to refund", () => {
  it("shows of each the time by which it is sorted, and when it was paid beside its state", async () => {
    const { user } = await open(shop("陈店长", english), (till) => {
      till.seed("8.00", "paid", 90_000, { paidAt: till.clock.now() - 5_000 });
      till.seed("9.00", "paid", 60_000);
    });
    await user.keyboard("{Alt>}3{/Alt}");
    const rows = await screen.findAllByTestId(/^refund-row-/);
    const times = rows.map((row) => row.textContent?.match(/\d\d:\d\d:\d\d/g) ?? []);
    expect(times.map((both) => both.map((time) => time.slice(3)))).toEqual([
      ["41:00", "41:09"],
      ["40:30", "41:55"],
    ]);
  });
});

describe("the list of all orders", () => {
  it("narrows to who made them, and an export begins with the same", async () => {
    const { user, till } = await open(shop("陈店长", english), (till) => {
      till.seed("8.00", "paid", 90_000);
      const drafted = { at: till.clock.now(), kind: "drafted", actor: "operator:小李", facts: {}, raw: null };
      till.seed("9.00", "paid", 60_000, { events: [drafted] });
    });
    await user.keyboard("{Alt>}2{/Alt}");
    const rows = () => screen.queryAllByTestId(/^order-row-/).map((row) => row.textContent?.match(/\d\.00/)?.[0]);
    await waitFor(() => expect(rows()).toEqual(["9.00", "8.00"]));
    await user.selectOptions(screen.getByTestId("search-sold-by"), "小李");
    await waitFor(() => expect(rows()).toEqual(["9.00"]));
    await user.click(screen.getByTestId("export"));
    await user.click(await screen.findByTestId("export-start"));
    expect(till.calls.at(-1)).toBe("export xlsx .. 小李");
    await user.keyboard("{Escape}");
    await user.selectOptions(screen.getByTestId("search-sold-by"), "王店长");
    await waitFor(() => expect(screen.getByText("No order matches")).toBeVisible());
  });
});

describe("where nothing is found", () => {
  const searches = [
    ["{Alt>}3{/Alt}", "refund-find"],
    ["{Alt>}2{/Alt}", "search"],
  ] as const;

  it.each(searches)("the forms of times and amounts are told for what is like one (%s)", async (screenKey, field) => {
    const { user } = await open(shop("陈店长", english), (till) => {
      till.seed("12.50", "paid", 60_000);
    });
    await user.keyboard(screenKey);
    const input = await screen.findByTestId(field);
    for (const value of ["18:3", "99:99:99", "¥77", "2026/01/05", "77.5"]) {
      await fireEvent.input(input, { target: { value } });
      expect(await screen.findByText(forms), value).toBeVisible();
    }
    for (const value of ["TKXYZ", "4200001234567890"]) {
      await fireEvent.input(input, { target: { value } });
      await waitFor(() => expect(screen.queryByText(forms), value).toBeNull());
      expect(await screen.findByText(/matches/), value).toBeVisible();
    }
  });

  it("of the refunds' history the same is told", async () => {
    const window = await open(shop("陈店长", english));
    await window.user.keyboard("{Alt>}3{/Alt}");
    await screen.findByTestId("refund-find");
    await window.user.keyboard("{F3}");
    await type(window, "history-find", "18:03:32");
    expect(await screen.findByText(forms)).toBeVisible();
  });
});

describe("a time of another day", () => {
  it("is read as it is shown in every language", async () => {
    const words = new Words(asSpoken);
    const at = new Date(2026, 10, 27, 18, 3, 32);
    const today = new Date(2026, 10, 29).getTime();
    for (const language of ["zh-CN", "zh-HK", "en"] as const) {
      await words.speak(language);
      expect(words.asRead(words.when(at.toISOString(), today))).toBe("11-27 18:03");
    }
    expect(words.asRead("18:03:32")).toBe("18:03:32");
    expect(words.asRead("TK7Q/2F")).toBe("TK7Q/2F");
  });
});
