import { screen } from "@testing-library/svelte";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { account, harbour, speaker, treasure } from "../src/host/fake/gateways.ts";
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
      await user.type(screen.getByTestId("payment-code"), "134567890123456789{Enter}");
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
    "an account with keys of its own",
    { accounts: [speaker] },
    async ({ user }) => {
      await user.click(screen.getByTestId("rail-settings"));
      await user.click(await screen.findByTestId("settings-accounts"));
      await user.click(screen.getByTestId("edit-speaker"));
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
