//! The screens in a plain browser: `?scene=phone&language=en&theme=dark&training&accounts=many&notice=backup_failed`, `?scene=receiver&outside=outside_refused`.
import type { Clock, Code, Host, Language, Theme } from "../contract.ts";
import { account, harbour, island, speaker, treasure } from "./gateways.ts";
import { person } from "./people.ts";
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
  if (scene === "receiver")
    script.settings = {
      ...script.settings,
      receiver: { listen: "127.0.0.1:8787", public_address: "https://pay.example.com", proxy: "127.0.0.1" },
    };
  if (asked.get("accounts") === "many") script.accounts = [account, harbour, island, treasure, speaker];
  const names = {
    "zh-CN": ["陈店长", "王店长", "小李", "阿芳"],
    "zh-HK": ["陳店長", "黃店長", "阿傑", "阿芳"],
    en: ["Chan", "Wong", "Jay", "Fong"],
  }[language];
  const [chief = "", deputy = "", ...cashiers] = names;
  if (scene !== "first" && !asked.has("owner"))
    script.operators = [
      person(chief, "manager", "2468"),
      person(deputy, "manager", "1357"),
      ...cashiers.map((name) => person(name, "cashier", "1234")),
    ];
  const here = asked.get("as");
  if (here === "manager") script.signedIn = chief;
  if (here === "cashier") script.signedIn = cashiers[0] ?? "";
  if (scene === "first") script.accounts = [];
  if (scene === "fault") {
    script.fault = (asked.get("code") ?? "keyring_absent") as Code;
    script.faultFacts = {
      reason: "at_line_1_".repeat(16),
      folder: `/mnt/${"a_folder_with_a_very_long_name/".repeat(6)}`,
    };
  }
  if (scene === "lost") script.create = "lost";
  if (scene === "slow") script.create = 3_000;
  const host = new FakeTill(clock, script);
  host.notices = asked.getAll("notice").map((code) => ({
    code: code as Code,
    facts: { folder: "/media/backup/till-1", cause: "disk full", name: "main", seconds: "42" },
  }));
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
        currency: null,
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
      if (at === 3) Object.assign(order, { late: true, attentions: ["late_payment"], state: "paid" });
      if (at === 5) {
        Object.assign(order, { paidAt: null, gatewayTime: null });
        host.dispute("amount", order, { amount_minor: "500" });
      }
    }
  }
  const onScreen = (of: string, channel: string, state: "awaiting_payment" | "failed") => {
    const request = {
      account: of,
      channel,
      amount: "12.50",
      currency: null,
      body: null,
      extra: {},
      expire_s: null,
      sale: null,
    };
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
  if (scene === "off") {
    const request = {
      account: "main",
      channel: "wechat.scan",
      amount: "9.00",
      body: null,
      extra: {},
      currency: null,
      expire_s: null,
      sale: null,
    };
    host.seed("9.00", "create_unknown", 9_000, { request }).said = {
      reaction: "channel_off",
      code: "202",
      text: "未开通",
    };
  }
  if (scene === "refunds") refundScene(host);
  if (scene === "receiver") receiverScene(host);
  if (scene === "recovery") {
    const nos = host.orderList.slice(0, 3).map(({ no }) => no);
    host.recover({ order_nos: nos, still_asking: 1, paid: 1, ended: 0, open: 1, in_doubt: 0, not_asked: 0 });
  }
  Object.assign(window, { fakeTill: host });
  return { host, clock };
}

/** Notifications that came in, well and badly. */
function receiverScene(host: FakeTill): void {
  host.accounts = [account, harbour, island, treasure, speaker];
  const ago = (ms: number) => new Date(host.clock.wall() - ms).toISOString();
  host.receiving.came.set(account.name, {
    accepted: 1_284,
    accepted_at: ago(42_000),
    refused: 3,
    refused_at: ago(640_000),
    reasons: [
      { why: "unverified", count: 2 },
      { why: "unknown_order", count: 1 },
    ],
  });
  host.receiving.came.set(treasure.name, {
    accepted: 0,
    accepted_at: null,
    refused: 12,
    refused_at: ago(95_000),
    reasons: [{ why: "unverified", count: 12 }],
  });
  host.receiving.faults.set(treasure.name, { code: "notifications_unverified", facts: { name: treasure.name } });
  host.receiving.outside = new URLSearchParams(location.search).get("outside") as Code | null;
  host.receiving.elsewhere = {
    accepted: 0,
    accepted_at: null,
    refused: 214,
    refused_at: ago(4_000),
    reasons: [
      { why: "nothing_here", count: 209 },
      { why: "unknown_account", count: 5 },
    ],
  };
}

/** Orders with refunds in every state, goods, and a gateway that has none. */
function refundScene(host: FakeTill): void {
  host.accounts = [account, harbour, island, treasure, speaker];
  const request = (of: string, channel: string, amount: string) => ({
    account: of,
    channel,
    amount,
    body: null,
    extra: {},
    currency: null,
    expire_s: null,
    sale: null,
  });
  const reason = ["顾客退货", "金额收错", "重复付款"];
  const order = host.seed("88.00", "paid", 95_000, {
    request: request("main", "alipay.scan", "88.00"),
    wallet: "alipay",
  });
  const states = ["succeeded", "failed", "processing"] as const;
  order.refunds = states.map((state, at) => ({
    no: `TR7Q2F9M0K3C5D8E1HABMNPQ8K${at}M`,
    minor: [2_000, 800, 1_000][at] ?? 0,
    state,
    reason: reason[at] ?? "",
    by: host.people.operators[0]?.name ?? "owner",
    second: at === 0 ? (host.people.operators[2]?.name ?? null) : null,
    items: [],
    gatewayNo: `50000${at}4208${at}`,
    said: state === "failed" ? { reaction: "balance_short", code: "NOTENOUGH", text: "基本账户余额不足" } : null,
    requested: host.clock.now() - 60_000 + at * 9_000,
    sent: host.clock.now() - 59_900 + at * 9_000,
    ended: state === "processing" ? null : host.clock.now() - 57_000 + at * 9_000,
    maySucceedUntil: null,
    unanswered: 0,
    trouble: null,
    again: state === "failed",
  }));
  host.seed("1280.00", "paid", 80_000);
  host.seed("36.00", "paid", 70_000, {
    request: request("speaker", "voice", "36.00"),
    wallet: "other",
    items: [
      { id: "tea-250g", quantity: 2, amount_minor: 2_400 },
      { id: "cup", quantity: 1, amount_minor: 1_200 },
    ],
  });
  host.seed("15.00", "paid", 60_000, { request: request("treasure", "101", "15.00"), wallet: "alipay" });
  const once = host.seed("42.00", "paid", 55_000);
  const twice = host.seed("42.00", "paid", 50_000, { sale: once.sale });
  twice.attentions = ["double_payment"];
  const unknown = host.seed("64.00", "paid", 40_000, { attentions: ["refund_unknown"] });
  unknown.refunds = order.refunds.slice(2).map((one) => ({
    ...one,
    no: `${one.no.slice(0, -1)}U`,
    state: "unknown",
    gatewayNo: null,
    unanswered: 4,
    trouble: { said: { reaction: "no_such_order", code: "301", text: "no such refund" } },
  }));
}
