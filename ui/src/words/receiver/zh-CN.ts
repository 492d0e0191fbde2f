//! What is said about the receiver, in simplified Chinese; by its type the list for every language.
import type { NotTaken } from "../../host/contract.ts";

const why: Record<NotTaken, string> = {
  nothing_here: "没有这个路径",
  not_read: "来源被拒太多次，没有读",
  crowded: "连接占满，请求还没发完",
  too_slow: "没有及时发完并得到回答",
  malformed: "不是能读懂的请求",
  no_body: "内容太长、太慢或不完整",
  too_late: "没有及时写入流水",
  unknown_account: "没有这个账户",
  unverified: "没有签名或签名不对",
  unknown_order: "没有这张订单",
  of_another_account: "是别的账户的订单",
  unread: "签名对，但看不懂",
  unconfirmed: "签名对，但要网关自己的回答才算数",
  says_too_little: "签名对，但说得太少，又查询不了网关",
  not_for_sale: "要的商品不卖，或价格不对",
  no_catalogue: "商品目录不能用",
  not_looked: "本机的密钥环或流水读不了",
  not_stored: "写不进流水",
};

const states: Record<string, string> = {
  on: "开着",
  off: "没有开",
  failed: "开不了",
  no_till_runs: "现在没有：只有开着窗口或 serve 时才接收",
};

const facts: Record<string, string> = {
  state: "接收",
  listen: "监听",
  public_address: "公网地址",
  since: "开始于",
  refused_elsewhere: "不属于任何账户、已拒绝",
  fails_otherwise: "因别的原因不通：",
  accepted: "这次打开后已接受",
  accepted_at: "最近一次接受",
  refused: "已拒绝",
  refused_at: "最近一次拒绝",
  catalogue_late: "商品目录没有及时读出来，等了",
  catalogue_not_there: "找不到商品目录",
  catalogue_unread: "商品目录读不出来：",
  catalogue_error: "商品目录读不出来，系统的错误编号是",
};

export const zhCN = {
  on: (listen: string) => `正在 ${listen} 接收通知`,
  off: "没有开：不接收通知",
  failed: "接收地址开不了",
  noTillRuns: "没有收银台在运行",
  offHelp: "收银台照常主动查询，结果一样准，只是晚一点知道。",
  since: (at: string) => `从 ${at} 起`,
  lead: "让支付平台在顾客付款后立即通知这台收银台。TLS 由前面的代理或隧道负责。",
  managerNeeded: "改设置要店长登录",
  listen: "接收地址",
  listenHelp: "IP 地址和端口，例如 127.0.0.1:8787。留空就不接收。",
  address: "公网地址",
  addressHelp: "支付平台从外面怎样找到上面的地址，例如 https://pay.example.com。留空时以各账户自己的通知地址为准。",
  proxy: "代理的 IP",
  proxyHelp:
    "只相信这个代理写的 X-Forwarded-For。隧道或代理在本机时填 127.0.0.1；不填的话所有来源算作一个，有人乱发时网关的通知也会一起被拒。",
  atOnce: "保存后立即生效，不用重新启动。",
  save: "保存",
  saved: "已保存",
  outsideHelp: "收银台经公网地址给自己发一个请求，看它能不能回到这里。",
  outsideNone: "填好公网地址，才能从外面检查。",
  checkOutside: "从外面检查",
  checking: (since: string) => `正在检查，已 ${since}`,
  came: "收到的通知",
  cameHelp:
    "从接收开始时算起，关闭收银台就清零，只有最近一次接受的时间会留下；每次拒绝的原因都在日志里；来得太多时，每分钟合计一次。",
  noAccounts: "还没有会发通知的账户。",
  elsewhere: "不属于任何账户",
  notifiedAt: "通知现在发到",
  notNotified: "没有通知地址",
  partnerAt: "请把这些地址提供给平台：",
  accepted: (count: string, at: string) => `已接受 ${count} 条，最近 ${at}`,
  noneAccepted: "还没有接受过",
  acceptedBefore: (at: string) => `这次打开后还没有接受过，之前最近一次 ${at}`,
  refused: (count: string, at: string) => `已拒绝 ${count} 条，最近 ${at}`,
  noneRefused: "没有拒绝过",
  why,
  outsideFinding: "从外面访问",
  receiverFinding: "通知接收",
  notificationsFinding: (account: string) => `通知 · ${account}`,
  fact: (name: string): string | undefined => {
    const reason = new Map<string, string>(Object.entries(why)).get(name.replace(/^refused\./, ""));
    return name.startsWith("refused.") ? reason : facts[name];
  },
  state: (value: string): string => states[value] ?? value,
};

export type ReceiverWords = typeof zhCN;
