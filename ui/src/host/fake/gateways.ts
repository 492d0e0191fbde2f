//! A gateway's description and an account, as the app would give them.
import type { AccountView, Channel, Descriptor, ExtraField, Label, Wallet } from "../contract.ts";

const label = (zhCN: string, zhHK: string, en: string): Label => ({ "zh-CN": zhCN, "zh-HK": zhHK, en });

const wechat = label("微信支付", "微信支付", "WeChat Pay");
const alipay = label("支付宝", "支付寶", "Alipay");
const qq = label("QQ 钱包", "QQ 錢包", "QQ Wallet");

const field = (name: string, text: Label, more: Partial<ExtraField> = {}): ExtraField => ({
  name,
  label: text,
  kind: "text",
  required: false,
  unless: null,
  either: null,
  max_chars: 128,
  ...more,
});

const channel = (name: string, wallet: Wallet, text: Label, more: Partial<Channel> = {}): Channel => ({
  name,
  wallet,
  label: text,
  presented: "merchant",
  fields: [],
  limit_minor: 5_000_000,
  note: null,
  ...more,
});

const d0 = field("settle_type", label("当日到账", "即日到賬", "Same-day settlement"), { kind: "yes_no" });
const openid = field("sub_openid", label("顾客的 openid", "顧客的 openid", "Customer's openid"), {
  required: true,
  unless: "bjrcb",
});

export const pooul: Descriptor = {
  name: "pooul",
  label: label("普尔", "普爾", "Pooul"),
  base_url: "https://gateway.pooulcloud.cn",
  fields: [
    {
      name: "merchant_id",
      label: label("商户号", "商戶編號", "Merchant number"),
      help: label("在普尔后台“商户信息”里", "在普爾後台「商戶資料」內", "In Pooul's back office under “merchant”"),
      kind: "text",
      required: true,
      max_chars: 32,
    },
    {
      name: "notify_url",
      label: label("通知地址", "通知網址", "Notification address"),
      help: null,
      kind: "url",
      required: true,
      max_chars: 255,
    },
    {
      name: "bjrcb",
      label: label("北京农商银行通道", "北京農商銀行通道", "Beijing Rural Commercial Bank"),
      help: null,
      kind: "yes_no",
      required: false,
      max_chars: 3,
    },
    {
      name: "key",
      label: label("签名密钥", "簽署密鑰", "Signing key"),
      help: label("普尔给的 MD5 密钥", "普爾提供的 MD5 密鑰", "The MD5 key from Pooul"),
      kind: "secret",
      required: true,
      max_chars: 64,
    },
    {
      name: "agent_key",
      label: label("代理商密钥", "代理商密鑰", "Agent's key"),
      help: null,
      kind: "secret",
      required: false,
      max_chars: 64,
    },
  ],
  channels: [
    channel("wechat.scan", "wechat", wechat),
    channel("alipay.scan", "alipay", alipay),
    channel("qq.scan", "qq", qq),
    channel("wechat.jsurl", "wechat", label("微信公众号支付", "微信公眾號支付", "WeChat account payment"), {
      fields: [openid, d0],
      note: label(
        "须在微信内打开：顾客用微信扫码，并使用填写的 OpenID 所属的微信账号。",
        "須於微信內開啟：顧客以微信掃碼，並使用所填 OpenID 所屬的微信帳戶。",
        "Opens inside WeChat only: the customer scans with WeChat, signed in as the owner of the OpenID given.",
      ),
    }),
    channel("alipay.jsapi", "alipay", label("支付宝服务窗支付", "支付寶服務窗支付", "Alipay in-app payment"), {
      fields: [
        field("buyer_id", label("买家编号", "買家編號", "Buyer id"), { either: "buyer" }),
        field("buyer_logon_id", label("买家账号", "買家帳號", "Buyer's login"), { either: "buyer" }),
        d0,
      ],
    }),
    channel("qq.jsapi", "qq", label("QQ 钱包公众号支付", "QQ 錢包公眾號支付", "QQ Wallet account payment")),
  ],
  currencies: ["CNY"],
  plan: { young_ms: 2_000, young_s: 30, later_ms: 5_000, paying_ms: 1_000 },
  close_floor_s: 300,
  reverse_floor_s: null,
  asked_by_our_number: true,
};

export const account: AccountView = {
  id: "a1",
  name: "main",
  gateway: "pooul",
  base_url: "https://gateway.pooulcloud.cn",
  fields: { merchant_id: "5399355381712172", notify_url: "https://example.com/notify" },
  secrets: { key: "…a1b2" },
  missing: [],
  version: 1,
  retired: false,
  mark: null,
};
