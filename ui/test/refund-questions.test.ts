//! What is said of the questions about a refund whose outcome is not known.
import { screen } from "@testing-library/svelte";
import { beforeAll, describe, expect, it } from "vitest";
import type { Language, Trouble } from "../src/host/contract.ts";
import { openRefund, pins, shop } from "./staff.ts";
import { open } from "./window.ts";

// The screens are loaded when they are first opened. A busy machine compiles them for longer than a test waits.
beforeAll(async () => {
  await import("../src/refunds/RefundScreen.svelte");
  await import("../src/orders/OrdersScreen.svelte");
}, 300_000);

const notKnown: Trouble = { said: { reaction: "no_such_order", code: "301", text: "no such refund" } };
const busy: Trouble = { said: { reaction: "busy", code: "999", text: null } };

/** Of one in the dark: its card, then the line of it in its order's story. */
async function* told(language: Language, trouble: Trouble, unanswered: number) {
  const window = await open(shop("陈店长", { settings: { language } }), (till) => {
    till.refunding.answers = [];
    till.seed("12.50", "paid", 60_000);
  });
  const { till, user } = window;
  const request = { order_no: till.last.no, amount: "5.00", reason: "x", items: [] };
  till.refunding.ask(request, { pin: pins.陈店长, second: null });
  till.refunding.settle("unknown");
  Object.assign(till.refunding.last, { trouble, unanswered });
  await openRefund(window, till.last);
  yield await screen.findByTestId(`refund-state-${till.refunding.last.no}`);
  await user.keyboard("{Alt>}[KeyO]{/Alt}");
  yield await screen.findByTestId("refund-known");
}

describe("a refund whose outcome is not known", () => {
  it.each([
    ["zh-CN", notKnown, 1, "网关说没有这笔退款（代码 301）", "应答"],
    ["zh-HK", notKnown, 1, "網關表示沒有這筆退款（代碼 301）", "沒有回應"],
    ["en", notKnown, 1, "the gateway says that it does not know this refund (code 301)", "not answered"],
    ["en", busy, 1, "The gateway answered with error 999", "not answered"],
    ["en", "timed_out", 1, "the last question was not answered", "in a row"],
    [
      "en",
      "timed_out",
      5,
      "the last question was not answered · 5 questions in a row without an outcome",
      "does not know",
    ],
  ] as const)("says what the last question brought (%s, %o, %i)", async (language, trouble, times, said, not) => {
    for await (const place of told(language, trouble, times)) {
      expect(place).toHaveTextContent(said);
      expect(place).not.toHaveTextContent(not);
    }
  });
});
