//! What choosing a way to pay leads to, in a few words, and by which words it is found.
import { givesParameters } from "../domain/standing.ts";
import type { Wallet } from "../host/contract.ts";
import type { Words } from "../words/words.svelte.ts";
import type { Choice } from "./ways.svelte.ts";

/** How wallets are typed without an input method. */
export const pinyin: Record<Wallet, string> = {
  wechat: "weixinzhifu",
  alipay: "zhifubao",
  qq: "qqqianbao",
  unionpay: "yunshanfu yinlian",
  other: "",
};

export function presents({ channel, refused }: Choice, { t }: Words, onPages: boolean): string {
  const { gives, page } = channel;
  if (refused !== null) return t.checkout.refused[refused];
  if (channel.presented === "consumer") return t.checkout.scansCode;
  if (givesParameters(channel, onPages)) return t.checkout.givesParameters;
  // Without a page of the till's own there is a code only where the gateway's answer holds a link.
  return gives === "code" && page !== null && !onPages ? t.checkout.showsQrOfLink : t.checkout.showsQr;
}
