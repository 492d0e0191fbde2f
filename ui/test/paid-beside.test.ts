//! What is said of the other payment of a sale that was paid twice.
import { screen, waitFor, within } from "@testing-library/svelte";
import { beforeAll, expect, it } from "vitest";
import type { FakeOrder } from "../src/host/fake/order.ts";
import { shop } from "./staff.ts";
import { open } from "./window.ts";

// The screens are loaded when they are first opened. A busy machine compiles them for longer than a test waits.
beforeAll(async () => {
  await import("../src/refunds/RefundScreen.svelte");
  await import("../src/orders/OrdersScreen.svelte");
}, 300_000);

it.each([
  ["zh-CN", (last: string) => `另一单：尾号 ${last}，微信支付 ¥12.50，`],
  ["en", (last: string) => `The other one: …${last}, WeChat Pay, ¥12.50, paid at `],
] as const)("is named where the matter is, and can be opened there (%s)", async (language, told) => {
  const { till, user } = await open(shop("陈店长", { settings: { language } }), (till) => {
    till.refunding.answers = [];
    const first = till.seed("12.50", "paid", 120_000);
    till.seed("12.50", "paid", 60_000, { sale: first.sale, attentions: ["double_payment"] });
    till.seed("12.50", "closed", 30_000, { sale: first.sale });
  });
  const [first, twice] = till.orderList as [FakeOrder, FakeOrder];
  const said = told(first.no.slice(-4));

  await user.click(await screen.findByTestId("open-matters"));
  const row = await screen.findByTestId(`attention-row-${twice.no}`);
  const other = await within(row).findByTestId("paid-beside");
  expect(other).toHaveTextContent(said);
  await user.click(within(row).getByTestId("paid-beside-open"));
  await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", first.no));
  expect(within(screen.getByTestId("refund-order")).queryByTestId("paid-beside")).toBeNull();

  await user.click(screen.getByTestId(`attention-open-${twice.no}`));
  await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", twice.no));
  expect(within(screen.getByTestId("refund-order")).getByTestId("paid-beside")).toHaveTextContent(said);

  await user.keyboard("{Alt>}[KeyO]{/Alt}");
  const timeline = await screen.findByTestId("timeline");
  expect(await within(timeline).findByTestId("paid-beside")).toHaveTextContent(said);
  await user.click(within(timeline).getByTestId("paid-beside-open"));
  await waitFor(() => expect(screen.getByTestId("timeline")).toHaveAttribute("data-order", first.no));
});

it.each([
  ["zh-CN", "可能还有没列出的付款"],
  ["zh-HK", "可能尚有未列出的付款"],
  ["en", "more may be paid for it than is named"],
] as const)("is not taken for all where an order of the sale cannot be read (%s)", async (language, told) => {
  const besideFault = { code: "unexpected", facts: { incident: "ABC234" } } as const;
  const { till, user } = await open(shop("陈店长", { settings: { language } }), (till) => {
    till.refunding.answers = [];
    const first = till.seed("12.50", "paid", 120_000);
    till.seed("12.50", "paid", 60_000, { sale: first.sale, attentions: ["double_payment"], besideFault });
  });
  const [, twice] = till.orderList as [FakeOrder, FakeOrder];

  await user.click(await screen.findByTestId("open-matters"));
  const row = await screen.findByTestId(`attention-row-${twice.no}`);
  expect(await within(row).findByTestId("paid-beside-fault")).toHaveTextContent(told);
  expect(within(row).getByTestId("paid-beside-fault")).toHaveTextContent("ABC234");
  expect(within(row).getAllByTestId("paid-beside")).toHaveLength(1);

  await user.click(screen.getByTestId(`attention-open-${twice.no}`));
  await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", twice.no));
  expect(within(screen.getByTestId("refund-order")).getByTestId("paid-beside-fault")).toHaveTextContent(told);

  await user.keyboard("{Alt>}[KeyO]{/Alt}");
  const timeline = await screen.findByTestId("timeline");
  expect(await within(timeline).findByTestId("paid-beside-fault")).toHaveTextContent(told);
});
