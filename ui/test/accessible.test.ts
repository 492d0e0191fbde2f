import { screen, waitFor } from "@testing-library/svelte";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { account, harbour, speaker, treasure } from "../src/host/fake/gateways.ts";
import { openRefund, shop } from "./staff.ts";
import { type Opened, open, sell } from "./window.ts";

// jsdom paints nothing, so contrast is looked at in a browser.
async function violations(): Promise<string[]> {
  const result = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

const scenes: [string, Parameters<typeof open>[0], (window: Opened) => Promise<unknown>][] = [
  ["the pad", {}, async () => {}],
  ["the code", {}, (window) => sell(window)],
  [
    "a payment",
    {},
    async (window) => {
      await sell(window);
      window.till.pay();
      await screen.findByTestId("paid");
    },
  ],
  [
    "another way to pay",
    {},
    async (window) => {
      await sell(window);
      await window.user.keyboard("{F9}");
      await screen.findByTestId("other-panel");
    },
  ],
  [
    "the orders with a timeline",
    {},
    async (window) => {
      await sell(window);
      await window.user.keyboard("o");
      await screen.findByTestId("timeline-entry-created");
    },
  ],
  [
    "the general settings",
    {},
    async ({ user }) => {
      await user.click(screen.getByTestId("rail-settings"));
      await screen.findByTestId("language");
    },
  ],
  [
    "the accounts",
    {},
    async ({ user }) => {
      await user.click(screen.getByTestId("rail-settings"));
      await user.click(await screen.findByTestId("settings-accounts"));
      await user.click(screen.getByTestId("add-account"));
    },
  ],
  [
    "the list of all ways to pay",
    { accounts: [account, harbour] },
    async ({ user }) => {
      await user.click(screen.getByTestId("all-channels"));
      await screen.findByTestId("picker");
    },
  ],
  [
    "the question for a payment code, and its order",
    { accounts: [harbour] },
    async ({ user }) => {
      await user.click(screen.getByTestId("channel-micropay"));
      await user.keyboard("5{Enter}");
      await screen.findByTestId("scan-prompt");
      expect(await violations()).toEqual([]);
      screen.getByTestId("payment-code").focus();
      await user.paste("134567890123456789");
      await user.keyboard("{Enter}");
      await screen.findByTestId("on-the-phone");
    },
  ],
  [
    "parameters",
    { accounts: [harbour] },
    async ({ user }) => {
      await user.click(screen.getByTestId("all-channels"));
      await user.click(await screen.findByTestId("pick-wechat.app"));
      await user.keyboard("5{Enter}");
      await screen.findByTestId("parameters");
    },
  ],
  [
    "an order that must be named",
    { accounts: [treasure] },
    async ({ user, till }) => {
      await user.keyboard("5{Enter}");
      await screen.findByTestId("qr");
      till.loseNumber();
      await screen.findByTestId("gateway-no");
    },
  ],
  [
    "taking in an order",
    { accounts: [speaker] },
    async ({ user }) => {
      await user.click(screen.getByTestId("rail-orders"));
      await user.click(await screen.findByTestId("adopt"));
      await screen.findByTestId("adopt-dialog");
    },
  ],
  [
    "what an export is asked for",
    {},
    async ({ user }) => {
      await user.click(screen.getByTestId("rail-orders"));
      await user.click(await screen.findByTestId("export"));
      await screen.findByTestId("export-start");
    },
  ],
  [
    "an export that is done",
    {},
    async ({ user, pass, shows }) => {
      await user.click(screen.getByTestId("rail-orders"));
      await user.click(await screen.findByTestId("export"));
      await user.click(await screen.findByTestId("export-start"));
      await pass(1_200);
      await shows("export-folder", "Tillkeeper");
    },
  ],
  [
    "an account with keys of its own",
    { accounts: [speaker] },
    async ({ user }) => {
      await user.click(screen.getByTestId("rail-settings"));
      await user.click(await screen.findByTestId("settings-accounts"));
      await user.click(screen.getByTestId("edit-speaker"));
    },
  ],
  [
    "signing in",
    shop(null),
    async ({ user }) => {
      await user.keyboard("{F10}");
      await user.click(await screen.findByTestId("sign-in-name-小李"));
      await user.keyboard("0000{Enter}");
      await screen.findByText(/还可以试/);
    },
  ],
  [
    "the list of orders to refund, and the refund of one with a second person",
    shop(),
    async (window) => {
      const order = window.till.seed("800.00", "paid", 60_000);
      await openRefund(window, order);
      await window.user.keyboard("{F4}");
      await screen.findByTestId("refund-second-name");
    },
  ],
  [
    "a refund under way, with its proof",
    shop(),
    async (window) => {
      const order = window.till.seed("80.00", "paid", 60_000);
      await openRefund(window, order);
      await window.user.keyboard("{F4}{F5}");
      await window.user.type(screen.getByTestId("refund-pin"), "246810{Enter}");
      await screen.findByTestId("refund-proof");
    },
  ],
  [
    "the matters, and the manual mark",
    shop(),
    async (window) => {
      window.till.seed("8.00", "disputed", 60_000, { reason: "amount", attentions: ["disputed"] });
      await window.user.keyboard("{Alt>}3{/Alt}");
      await screen.findByTestId("refund-find");
      await window.user.keyboard("{F2}");
      const mark = await screen.findByTestId(`attention-mark-${window.till.last.no}`);
      expect(await violations()).toEqual([]);
      await window.user.click(mark);
      await screen.findByTestId("mark-dialog");
    },
  ],
  [
    "the history of refunds",
    shop(),
    async (window) => {
      const order = window.till.seed("80.00", "paid", 60_000);
      window.till.refunding.ask(
        { order_no: order.no, amount: "", reason: "顾客退货", items: [] },
        { pin: "246810", second: null },
      );
      await window.user.keyboard("{Alt>}3{/Alt}");
      await screen.findByTestId("refund-find");
      await window.user.keyboard("{F3}");
      await screen.findByTestId(/^history-row-/);
    },
  ],
  [
    "a manager's overrule",
    shop("小李"),
    async (window) => {
      await sell(window);
      window.till.scan();
      await window.user.keyboard("{F9}");
      await window.user.click(await screen.findByTestId("overrule"));
      await screen.findByTestId("overrule-name");
    },
  ],
  [
    "the people and a new one",
    shop(),
    async ({ user }) => {
      await user.click(screen.getByTestId("rail-settings"));
      await user.click(await screen.findByTestId("settings-people"));
      await user.click(await screen.findByTestId("operator-add"));
      await screen.findByTestId("operator-own-pin");
    },
  ],
  [
    "the limits",
    shop(),
    async ({ user }) => {
      await user.click(screen.getByTestId("rail-settings"));
      await user.click(await screen.findByTestId("settings-limits"));
      await screen.findByTestId("limits-pin");
    },
  ],
  [
    "the receiver, checked and refused",
    { settings: { receiver: { listen: "127.0.0.1:8787", public_address: "https://pay.example.com", proxy: "" } } },
    async ({ user, till }) => {
      till.receiving.outside = "outside_untrusted";
      await user.click(screen.getByTestId("rail-settings"));
      await user.click(await screen.findByTestId("settings-receiver"));
      const check = await screen.findByTestId("receiver-check");
      await waitFor(() => expect(check).toBeEnabled());
      await user.click(check);
      await screen.findByTestId("finding-receiver:outside");
      await user.type(screen.getByTestId("receiver-proxy"), "nobody{Enter}");
      await screen.findByTestId("receiver-refused");
    },
  ],
  ["the first run", { accounts: [] }, async () => {}],
  ["a fault", { fault: "disk_full" }, async () => {}],
  [
    "the shortcuts",
    { training: true },
    async ({ user }) => {
      await user.keyboard("?");
      await screen.findByTestId("shortcuts");
    },
  ],
];

describe("accessibility", () => {
  it.each(scenes)("of %s leaves nothing to complain about", async (_, script, go) => {
    const window = await open(script);
    await go(window);
    expect(await violations()).toEqual([]);
  });
});
