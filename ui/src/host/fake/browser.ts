//! The screens in a plain browser: `?scene=phone&language=en&theme=dark&training&accounts=many`.
import type { Clock, Host, Language, Theme } from "../contract.ts";
import { account, harbour, island, speaker, treasure } from "./gateways.ts";
import { FakeTill, type Script, type TickingClock } from "./till.ts";

export function createHost(): { host: Host; clock: Clock } {
  const asked = new URLSearchParams(location.search);
  const scene = asked.get("scene") ?? "counter";
  const began = Date.now() - performance.now();
  const clock: TickingClock = {
    began,
    now: () => performance.now(),
    wall: () => Date.now(),
    every: (ms, run) => {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    },
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  };
  const language = (asked.get("language") ?? "zh-CN") as Language;
  const shop = { "zh-CN": "示例便利店", "zh-HK": "示例便利店", en: "Corner Shop" }[language];
  const till = { "zh-CN": "1 号收银台", "zh-HK": "1 號收銀台", en: "Till 1" }[language];
  const script: Script = {
    training: asked.has("training"),
    settings: { language, theme: (asked.get("theme") ?? "light") as Theme, shop_name: shop, till_name: till },
  };
  if (asked.get("accounts") === "many") script.accounts = [account, harbour, island, treasure, speaker];
  if (scene === "first") script.accounts = [];
  if (scene === "fault") script.fault = "keyring_absent";
  if (scene === "lost") script.create = "lost";
  if (scene === "slow") script.create = 3_000;
  const host = new FakeTill(clock, script);
  if (scene !== "first" && scene !== "fault" && scene !== "empty") {
    host.seed("126.40", "awaiting_payment", 242_000, { wallet: "unionpay" });
    host.seed("30.00", "awaiting_payment", 24_000, {
      wallet: "alipay",
      request: {
        account: "main",
        channel: "alipay.scan",
        amount: "30.00",
        body: null,
        extra: {},
        expire_s: null,
        sale: null,
      },
    });
    host.seed("8.00", "paying", 89_000);
    for (let at = 1; at <= 143; at += 1) {
      const states = ["paid", "paid", "paid", "closed", "paid"] as const;
      const order = host.seed(
        `${(at * 37) % 90}.${String((at * 13) % 100).padStart(2, "0")}`,
        states[at % 5] ?? "paid",
        200_000 + at * 180_000,
      );
      if (at === 3) Object.assign(order, { late: true, attention: "late_payment", state: "paid" });
      if (at === 5) Object.assign(order, { state: "disputed", attention: "disputed", reason: "amount" });
    }
  }
  const onScreen = (of: string, channel: string, state: "awaiting_payment" | "failed") => {
    const request = { account: of, channel, amount: "12.50", body: null, extra: {}, expire_s: null, sale: null };
    const order = host.seed("12.50", state, 6_000, { request });
    sessionStorage.setItem("till:shown", order.no);
    return order;
  };
  if (scene === "phone") onScreen("harbour", "micropay", "awaiting_payment");
  if (scene === "parameters") onScreen("harbour", "wechat.app", "awaiting_payment");
  if (scene === "unnamed") host.loseNumber(onScreen("treasure", "101", "awaiting_payment"));
  if (scene === "refused") host.refuseEnd(onScreen("harbour", "micropay", "awaiting_payment"));
  if (scene === "declined") {
    onScreen("harbour", "micropay", "failed").said = {
      reaction: "fresh_code",
      code: "AUTH_CODE_EXPIRED",
      text: "二维码已过期",
    };
  }
  if (scene === "recovery") {
    const nos = host.orderList.slice(0, 3).map(({ no }) => no);
    host.recover({ order_nos: nos, still_asking: 1, paid: 1, ended: 0, open: 1 });
  }
  Object.assign(window, { fakeTill: host });
  return { host, clock };
}
