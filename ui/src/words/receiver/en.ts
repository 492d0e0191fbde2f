//! What is said about the receiver, in English.
import type { ReceiverWords } from "./zh-CN.ts";

const why: ReceiverWords["why"] = {
  nothing_here: "nothing is at that path",
  not_read: "source refused too often, not read",
  crowded: "all connections taken, its request not whole",
  too_slow: "not all said and answered in time",
  malformed: "no request that can be read",
  no_body: "body too long, too slow or broken",
  too_late: "not in the journal in time",
  unknown_account: "no such account",
  unverified: "not signed, or wrongly",
  unknown_order: "no such order",
  of_another_account: "another account's order",
  unread: "signed, but not readable",
  unconfirmed: "signed, but only the gateway's own answer proves it",
  says_too_little: "signed, but it says too little, and the gateway cannot be asked",
  not_for_sale: "asks for what is not sold at that price",
  no_catalogue: "the catalogue cannot be used",
  not_looked: "the till could not read its keyring or journal",
  not_stored: "could not be stored",
};

const states: Record<string, string> = {
  on: "on",
  off: "off",
  failed: "cannot listen",
  no_till_runs: "not now: notifications come in only while a window or serve is open",
};

const facts: Record<string, string> = {
  state: "receiving",
  listen: "listens at",
  public_address: "public address",
  since: "since",
  refused_elsewhere: "refused for no account",
  fails_otherwise: "fails for another reason:",
  accepted: "accepted since the till was opened:",
  accepted_at: "the last one at",
  refused: "refused",
  refused_at: "last refused",
  catalogue_late: "catalogue not read within",
  catalogue_not_there: "catalogue not found:",
  catalogue_unread: "catalogue cannot be read:",
  catalogue_error: "catalogue cannot be read, the system's error is number",
};

export const en: ReceiverWords = {
  on: (listen) => `Receives notifications at ${listen}`,
  off: "Off: no notifications are received",
  failed: "The receiver cannot listen",
  noTillRuns: "No till is running",
  offHelp: "The till asks its gateways all the same and is right without; it only learns a moment later.",
  since: (at) => `since ${at}`,
  lead: "Lets gateways tell this till at once that a customer has paid. TLS is left to the proxy or tunnel in front of it.",
  managerNeeded: "A manager signs in to change settings",
  listen: "Listen address",
  listenHelp: "IP address and port, for example 127.0.0.1:8787. Empty: nothing is received.",
  address: "Public address",
  addressHelp:
    "How gateways reach the address above from outside, for example https://pay.example.com. Empty: each account's own notify address holds.",
  proxy: "Proxy's IP",
  proxyHelp:
    "Only this proxy's X-Forwarded-For is believed. 127.0.0.1 where the proxy or tunnel runs on this machine. Empty: all sources count as one, and a stranger's rubbish has gateways refused too.",
  atOnce: "Takes effect at once; nothing has to be started again.",
  save: "Save",
  saved: "Saved",
  outsideHelp: "The till sends itself a request through the public address and looks whether it comes in here.",
  outsideNone: "With a public address it can be checked from outside.",
  checkOutside: "Check from outside",
  checking: (since) => `Checking, for ${since}`,
  came: "What came in",
  cameHelp:
    "Counted since receiving began, until the till is closed; only when the last was accepted is kept. The log has each refusal with its reason; in a flood, their sum for each minute.",
  noAccounts: "There is no account yet whose gateway notifies.",
  elsewhere: "For no account",
  notifiedAt: "Notifications now go to",
  notNotified: "No notify address",
  partnerAt: "Give these addresses to the platform:",
  accepted: (count, at) => `Accepted ${count}, last ${at}`,
  noneAccepted: "None accepted yet",
  acceptedBefore: (at) => `None accepted since the till was opened; the last one before that at ${at}`,
  refused: (count, at) => `Refused ${count}, last ${at}`,
  noneRefused: "None refused",
  why,
  outsideFinding: "Reached from outside",
  receiverFinding: "Receiver",
  notificationsFinding: (account) => `Notifications · ${account}`,
  fact: (name) => {
    const reason = new Map<string, string>(Object.entries(why)).get(name.replace(/^refused\./, ""));
    return name.startsWith("refused.") ? reason : facts[name];
  },
  state: (value) => states[value] ?? value,
};
