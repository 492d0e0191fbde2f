//! What is said about the receiver, in the Chinese of Hong Kong.
import type { ReceiverWords } from "./zh-CN.ts";

const why: ReceiverWords["why"] = {
  nothing_here: "沒有這個路徑",
  not_read: "來源被拒太多次，沒有讀取",
  crowded: "連線已滿，請求仍未發完",
  too_slow: "未能及時發完並得到回覆",
  malformed: "不是可以解讀的請求",
  no_body: "內容太長、太慢或不完整",
  too_late: "未能及時寫入流水",
  unknown_account: "沒有這個帳戶",
  unverified: "沒有簽署或簽署不正確",
  unknown_order: "沒有這張訂單",
  of_another_account: "屬於其他帳戶的訂單",
  unread: "簽署正確，但無法解讀",
  unconfirmed: "簽署正確，但須以網關本身的回覆為準",
  says_too_little: "簽署正確，但說得太少，又無法查詢網關",
  not_for_sale: "所要的商品不發售，或價錢不符",
  no_catalogue: "商品目錄不能使用",
  not_looked: "無法讀取本機的密鑰圈或流水",
  not_stored: "無法寫入流水",
};

const states: Record<string, string> = {
  on: "已開啟",
  off: "未開啟",
  failed: "無法開啟",
  no_till_runs: "現在沒有：只有視窗或 serve 開著時才接收",
};

const facts: Record<string, string> = {
  state: "接收",
  listen: "監聽",
  public_address: "對外網址",
  since: "開始於",
  refused_elsewhere: "不屬於任何帳戶而被拒",
  fails_otherwise: "因其他原因不通：",
  accepted: "今次開啟後已接受",
  accepted_at: "最近一次接受",
  refused: "已拒絕",
  refused_at: "最近一次拒絕",
  catalogue_late: "商品目錄未能及時讀出，等候了",
  catalogue_not_there: "找不到商品目錄",
  catalogue_unread: "商品目錄讀不出：",
  catalogue_error: "商品目錄讀不出，系統的錯誤編號是",
};

export const zhHK: ReceiverWords = {
  on: (listen) => `正在 ${listen} 接收通知`,
  off: "未開啟：不接收通知",
  failed: "無法開啟接收地址",
  noTillRuns: "沒有收銀台正在執行",
  offHelp: "收銀台照常主動查詢，結果同樣準確，只是稍遲知道。",
  since: (at) => `由 ${at} 起`,
  lead: "讓支付平台在顧客付款後立即通知這部收銀台。TLS 由前面的代理伺服器或通道負責。",
  managerNeeded: "更改設定須由店長登入",
  listen: "接收地址",
  listenHelp: "IP 地址及連接埠，例如 127.0.0.1:8787。留空則不接收。",
  address: "對外網址",
  addressHelp: "支付平台由外面如何找到上述地址，例如 https://pay.example.com。留空則以各帳戶自己的通知網址為準。",
  proxy: "代理伺服器 IP",
  proxyHelp:
    "只相信這部代理伺服器寫的 X-Forwarded-For。通道或代理伺服器在本機時填 127.0.0.1；不填則所有來源算作一個，有人亂發時網關的通知亦會一併被拒。",
  atOnce: "儲存後立即生效，毋須重新啟動。",
  save: "儲存",
  saved: "已儲存",
  outsideHelp: "收銀台經對外網址向自己發出一個請求，看它能否回到這裏。",
  outsideNone: "填好對外網址，才可由外面檢查。",
  checkOutside: "由外面檢查",
  checking: (since) => `正在檢查，已 ${since}`,
  came: "收到的通知",
  cameHelp:
    "由開始接收時起計，關閉收銀台即清零，只保留最近一次接受的時間；每次拒絕的原因都在日誌內；來得太多時，每分鐘合計一次。",
  noAccounts: "尚未有會發通知的帳戶。",
  elsewhere: "不屬於任何帳戶",
  notifiedAt: "通知現時發往",
  notNotified: "沒有通知網址",
  partnerAt: "請將這些網址提供給平台：",
  accepted: (count, at) => `已接受 ${count} 則，最近 ${at}`,
  noneAccepted: "尚未接受過",
  acceptedBefore: (at) => `今次開啟後尚未接受過，之前最近一次 ${at}`,
  refused: (count, at) => `已拒絕 ${count} 則，最近 ${at}`,
  noneRefused: "沒有拒絕過",
  why,
  outsideFinding: "由外面連接",
  receiverFinding: "通知接收",
  notificationsFinding: (account) => `通知 · ${account}`,
  fact: (name) => {
    const reason = new Map<string, string>(Object.entries(why)).get(name.replace(/^refused\./, ""));
    return name.startsWith("refused.") ? reason : facts[name];
  },
  state: (value) => states[value] ?? value,
};
