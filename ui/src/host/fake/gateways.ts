//! A gateway's description and an account, as the app would give them.
import type {
  AccountField,
  AccountView,
  Channel,
  Currency,
  Descriptor,
  ExtraField,
  Label,
  Wallet,
} from "../contract.ts";

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
  gives: "code",
  plan: null,
  expire_s: null,
  needs: null,
  fields: [],
  limit_minor: 5_000_000,
  note: null,
  page: null,
  returns: false,
  ...more,
});

/** The customer shows a payment code; its outcome is asked for during half a minute. */
const consumer = (name: string, wallet: Wallet, text: Label): Channel =>
  channel(name, wallet, text, {
    presented: "consumer",
    plan: { young_ms: 5_000, young_s: 30, later_ms: 5_000, paying_ms: 5_000 },
    expire_s: 30,
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
      needed_where: null,
      max_chars: 32,
    },
    {
      name: "notify_url",
      label: label("通知地址", "通知網址", "Notification address"),
      help: null,
      kind: "url",
      required: true,
      needed_where: null,
      max_chars: 255,
    },
    {
      name: "bjrcb",
      label: label("北京农商银行通道", "北京農商銀行通道", "Beijing Rural Commercial Bank"),
      help: null,
      kind: "yes_no",
      required: false,
      needed_where: null,
      max_chars: 3,
    },
    {
      name: "key",
      label: label("签名密钥", "簽署密鑰", "Signing key"),
      help: label("普尔给的 MD5 密钥", "普爾提供的 MD5 密鑰", "The MD5 key from Pooul"),
      kind: "secret",
      required: true,
      needed_where: null,
      max_chars: 64,
    },
    {
      name: "agent_key",
      label: label("代理商密钥", "代理商密鑰", "Agent's key"),
      help: null,
      kind: "secret",
      required: false,
      needed_where: null,
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
      page: {
        bridge: "alipay",
        note: label(
          "顾客用支付宝扫码，在收银台的付款页上付款。",
          "顧客以支付寶掃碼，於收銀台的付款頁上付款。",
          "The customer scans with Alipay and pays on the till's own page.",
        ),
      },
    }),
    channel("qq.jsapi", "qq", label("QQ 钱包公众号支付", "QQ 錢包公眾號支付", "QQ Wallet account payment"), {
      note: label(
        "支付链接仅供体验，平台文档不建议用作支付界面。",
        "支付連結只供試用，平台文件不建議用作付款頁面。",
        "The payment link is for trial only; the platform's document advises against using it as a payment page.",
      ),
      page: {
        bridge: "qq",
        note: label(
          "顾客用手机 QQ 扫码，在收银台的付款页上付款。",
          "顧客以手機 QQ 掃碼，於收銀台的付款頁上付款。",
          "The customer scans with QQ and pays on the till's own page.",
        ),
      },
      returns: true,
    }),
    consumer("wechat.micro", "wechat", wechat),
    consumer("alipay.micro", "alipay", alipay),
    consumer("qq.micro", "qq", qq),
  ],
  currencies: ["CNY"],
  plan: { young_ms: 2_000, young_s: 30, later_ms: 5_000, paying_ms: 1_000 },
  close_floor_s: 300,
  reverse_floor_s: null,
  reverse_switch: "micro_reverse",
  creates: true,
  refunds: { by_lines: false, reason_limit: 200, resend: "same_number", one_word_for_errors: false },
  refunds_elsewhere: null,
  tells_refunded: true,
  asked_by_our_number: true,
};

const key = (max_chars = 256): AccountField => ({
  name: "key",
  label: label("密钥", "密鑰", "Key"),
  help: null,
  kind: "secret",
  required: true,
  needed_where: null,
  max_chars,
});

const text = (name: string, said: Label, more: Partial<AccountField> = {}): AccountField => ({
  name,
  label: said,
  help: null,
  kind: "text",
  required: true,
  needed_where: null,
  max_chars: 64,
  ...more,
});

export const jubao: Descriptor = {
  ...pooul,
  name: "jubao",
  label: label("聚宝", "聚寶", "Jubao"),
  base_url: "https://api.epepsb.cn",
  fields: [text("mch_id", label("商户号", "商戶編號", "Merchant ID")), key()],
  channels: [
    channel("101", "alipay", label("支付宝（网页）", "支付寶（網頁）", "Alipay (web page)")),
    channel("201", "wechat", label("微信支付（网页）", "微信支付（網頁）", "WeChat Pay (web page)")),
    channel("other", "other", label("其他渠道", "其他渠道", "Another channel"), { needs: "channels" }),
  ],
  close_floor_s: null,
  reverse_switch: null,
  refunds: null,
  refunds_elsewhere: label(
    "聚宝没有退款接口：请在聚宝的商户后台退款。",
    "聚寶沒有退款介面：請在聚寶的商戶後台退款。",
    "Jubao has no interface for refunds: give the money back in Jubao's merchant back office.",
  ),
  tells_refunded: true,
  asked_by_our_number: false,
};

const opensInBrowser = label(
  "顾客扫码后在手机浏览器中打开付款页面。",
  "顧客掃碼後於手機瀏覽器中開啟付款頁面。",
  "The code opens a payment page in the browser of the customer's phone.",
);
const forIntegrators = label(
  "只给出支付参数，供您自己的应用、公众号或小程序调起支付；没有二维码。",
  "只提供支付參數，供您自己的應用程式、公眾號或小程序啟動支付；沒有二維碼。",
  "Gives parameters that your own app, official account or mini-program pays with; there is no code to scan.",
);
const parameters = { gives: "parameters", note: forIntegrators } as const;

export const blueocean: Descriptor = {
  ...pooul,
  name: "blueocean",
  label: label("蓝海支付", "藍海支付", "BlueOcean Pay"),
  base_url: "https://api.hk.blueoceanpay.com",
  fields: [
    text("appid", label("AppId", "AppId", "AppId")),
    key(),
    text("region", label("区域", "區域", "Region"), { kind: { choice: ["hk", "au", "us", "uk"] }, required: false }),
    text("currency", label("币种", "貨幣", "Currency"), { kind: { choice: ["HKD", "CNY"] }, required: false }),
    text("ticket_url", label("公众号 ticket 地址", "公眾號 ticket 網址", "Official account's ticket address"), {
      kind: "called_url",
      required: false,
    }),
  ],
  channels: [
    channel("wechat.qrcode", "wechat", wechat),
    channel("alipay.qrcode", "alipay", alipay),
    channel("blueocean.qrcode", "other", label("混合二维码", "混合二維碼", "One code for several wallets")),
    channel("unionpay.qrcode", "unionpay", label("银联二维码", "銀聯二維碼", "UnionPay QR")),
    consumer("micropay", "other", label("扫顾客付款码", "掃顧客付款碼", "Customer's payment code")),
    channel("unionpay.link", "unionpay", label("银联在线", "銀聯在線", "UnionPay online"), { note: opensInBrowser }),
    channel("alipay.wappay", "alipay", label("支付宝网页支付", "支付寶網頁支付", "Alipay web payment"), {
      note: opensInBrowser,
    }),
    channel("wechat.mweb", "wechat", label("微信 H5 支付", "微信 H5 支付", "WeChat web payment"), {
      note: opensInBrowser,
    }),
    channel(
      "wechat.jsapi",
      "wechat",
      label("微信公众号、小程序支付", "微信公眾號、小程序支付", "WeChat account or mini-program"),
      {
        ...parameters,
        fields: [{ ...openid, unless: null }],
        page: {
          bridge: "wechat",
          note: label(
            "顾客用微信扫码，在收银台的付款页上付款；支付参数也供您自己的公众号或小程序使用。香港钱包的订单要有账户的公众号 ticket 地址才有付款页。",
            "顧客以微信掃碼，於收銀台的付款頁上付款；支付參數亦可供您自己的公眾號或小程序使用。香港錢包的訂單須有帳戶的公眾號 ticket 網址才有付款頁。",
            "The customer scans with WeChat and pays on the till's own page; the parameters are there for your own official account or mini-program too. An order of the Hong Kong wallet has that page only with the account's ticket address.",
          ),
        },
      },
    ),
    channel("wechat.app", "wechat", label("微信应用支付", "微信應用程式支付", "WeChat app payment"), parameters),
    channel("alipay.app", "alipay", label("支付宝应用支付", "支付寶應用程式支付", "Alipay app payment"), parameters),
  ],
  currencies: ["HKD", "CNY"],
  refunds: { by_lines: false, reason_limit: 200, resend: "new_number", one_word_for_errors: false },
  close_floor_s: 0,
  reverse_floor_s: 15,
  reverse_switch: null,
};

export const dingdang: Descriptor = {
  ...pooul,
  name: "dingdang",
  label: label("腾讯叮当", "騰訊叮噹", "Tencent Dingdang"),
  base_url: "https://aiwx.html5.qq.com",
  fields: [
    text("skill_id", label("技能 ID", "技能 ID", "Skill ID")),
    text("skill_private_key", label("技能私钥", "技能私鑰", "Skill's private key"), {
      kind: "private_key",
      max_chars: 8192,
      help: label(
        "至少 2048 位的 RSA 私钥，PEM 格式，不带口令。",
        "至少 2048 位元的 RSA 私鑰，PEM 格式，不設密碼。",
        "An RSA key of 2048 bits or more in PEM, without a passphrase.",
      ),
    }),
    text("tsk_public_key", label("叮当平台公钥", "叮噹平台公鑰", "Dingdang's public key"), {
      kind: "public_key",
      required: false,
      needed_where: null,
      max_chars: 2048,
    }),
  ],
  channels: [
    channel("voice", "other", label("语音订单", "語音訂單", "Voice orders"), {
      presented: "elsewhere",
      note: label(
        "顾客在音箱上下单并付款；收银台只收录、查询和退款。",
        "顧客在音箱上下單並付款；收銀台只收錄、查詢及退款。",
        "Customers order and pay at their speaker; the till takes such orders in, asks about them and refunds them.",
      ),
    }),
  ],
  refunds: { by_lines: true, reason_limit: 200, resend: "new_number", one_word_for_errors: false },
  close_floor_s: null,
  reverse_switch: null,
  creates: false,
};

export const gateways: Descriptor[] = [pooul, jubao, blueocean, dingdang];

/** The currency of an account, as the till reckons it. */
export function currencyOfAccount(gateway: string, fields: Record<string, string>): Currency {
  const offered = gateways.find(({ name }) => name === gateway)?.currencies ?? [];
  return offered.find((one) => one === fields.currency) ?? offered[0] ?? "CNY";
}

export const account: AccountView = {
  id: "a1",
  name: "main",
  gateway: "pooul",
  base_url: "https://gateway.pooulcloud.cn",
  own_base_url: null,
  currency: "CNY",
  fields: { merchant_id: "5399355381712172", notify_url: "https://example.com/notify" },
  secrets: { key: "…a1b2" },
  missing: [],
  version: 1,
  retired: false,
  mark: null,
};

const another = (name: string, gateway: string, fields: Record<string, string>, secrets: string): AccountView => ({
  ...account,
  id: name,
  name,
  gateway,
  base_url: gateways.find((one) => one.name === gateway)?.base_url ?? "",
  currency: currencyOfAccount(gateway, fields),
  fields,
  secrets: { [secrets]: "…9c3d" },
});

export const harbour = another("harbour", "blueocean", { appid: "1000258" }, "key");
export const island = another("island", "blueocean", { appid: "1000259", currency: "CNY" }, "key");
export const treasure = another("treasure", "jubao", { mch_id: "10023" }, "key");
export const speaker = another("speaker", "dingdang", { skill_id: "990835315751129088" }, "skill_private_key");
