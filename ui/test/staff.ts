//! Who works in the shop of the tests.
import { screen, waitFor } from "@testing-library/svelte";
import { expect } from "vitest";
import type { FakeOrder } from "../src/host/fake/order.ts";
import { person } from "../src/host/fake/people.ts";
import type { Script } from "../src/host/fake/till.ts";
import type { Opened } from "./window.ts";

export const pins = { 陈店长: "246810", 王店长: "135790", 小李: "112233" };

/** A shop with two managers and a cashier; `signedIn`: who stands at the till. */
export function shop(signedIn: keyof typeof pins | null = "陈店长", more: Script = {}): Script {
  const operators = [
    person("陈店长", "manager", pins.陈店长),
    person("王店长", "manager", pins.王店长),
    person("小李", "cashier", pins.小李),
  ];
  return { operators, ...(signedIn === null ? {} : { signedIn }), ...more };
}

/** Goes to the refund screen and opens `order` from the list. */
export async function openRefund({ user }: Opened, order: FakeOrder): Promise<void> {
  await user.keyboard("{Alt>}3{/Alt}");
  await user.click(await screen.findByTestId(`refund-row-${order.no}`));
  await waitFor(() => expect(screen.getByTestId("refund-order")).toHaveAttribute("data-order", order.no));
}

export async function type({ user }: Opened, testId: string, text: string): Promise<void> {
  const field = await screen.findByTestId(testId);
  await user.clear(field);
  await user.type(field, text);
}

/** The last thing that was asked of the till and begins so. */
export function lastCall({ till }: Opened, begins: string): string | undefined {
  return till.calls.findLast((call) => call.startsWith(begins));
}
