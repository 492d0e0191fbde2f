import { screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { Reaction } from "../src/host/contract.ts";
import { account } from "../src/host/fake/gateways.ts";
import { type Opened, open } from "./window.ts";

const said = (reaction: Reaction, code: string) => ({ reaction, code, text: "拒绝" });
const second = { ...account, id: "a2", name: "second" };

/** A sale whose create never gets a code: the gateway refuses it in so many words. */
async function refusedSale({ user, till }: Opened, reaction: Reaction, code: string) {
  till.script.create = "lost";
  await user.keyboard("12.50{Enter}");
  await screen.findByTestId("state");
  till.says(said(reaction, code));
  till.end("closed", "never_created");
  await user.keyboard("{Enter}");
  await screen.findByTestId("charge");
}

describe("a way to pay that its gateway refused", () => {
  it("says so until a later sale is taken, and can still be chosen", async () => {
    const window = await open({ accounts: [account] });
    await refusedSale(window, "channel_off", "202");
    await window.shows("channel-wechat.scan", "网关说未开通");
    await window.shows("channel-alipay.scan", "出示二维码");
    await window.shows("channel-refused", "请换一种");
    await window.user.keyboard("/");
    await screen.findByTestId("picker");
    await window.shows("pick-wechat.scan", "网关说未开通");
    await window.user.keyboard("{Escape}");

    window.till.script.create = 0;
    await window.pass(1_000);
    await window.user.keyboard("3{Enter}");
    await screen.findByTestId("state");
    expect(window.till.last.request.channel).toBe("wechat.scan");
    window.till.pay();
    await window.user.keyboard("{Enter}");
    await window.shows("channel-wechat.scan", "出示二维码");
  });

  it.each([
    ["check_keys", "网关不认密钥或商户号"],
    ["check_account", "网关说账户未启用"],
  ] as const)("is every way of an account for %s, until somebody changes that account", async (reaction, words) => {
    const window = await open({ accounts: [account, second] });
    await refusedSale(window, reaction, "4002");
    await window.shows("channel-wechat.scan", words);
    await window.shows("channel-alipay.scan", words);
    await window.user.keyboard("/");
    await window.shows("pick-second-wechat.scan", "出示二维码");
    await window.user.keyboard("{Escape}");
    await window.till.changeAccount("main", { base_url: null, fields: {} });
    await window.shows("channel-wechat.scan", "出示二维码");
  });

  it("is known from an open order to a window that begins", async () => {
    const window = await open({ accounts: [account], create: "lost" });
    await window.user.keyboard("12.50{Enter}");
    await screen.findByTestId("state");
    window.till.says(said("channel_off", "202"));
    sessionStorage.clear();
    await window.reload();
    await window.shows("channel-wechat.scan", "网关说未开通");
  });

  it("is one that the gateway has set up wrongly", async () => {
    const window = await open({ accounts: [account] });
    await refusedSale(window, "channel_misconfigured", "1500");
    await window.shows("channel-wechat.scan", "网关说没有配置好");
    await window.shows("channel-refused", "联系网关");
  });

  it("is not one that answered with another error", async () => {
    const window = await open({ accounts: [account] });
    await refusedSale(window, "busy", "500");
    await window.shows("channel-wechat.scan", "出示二维码");
  });
});
