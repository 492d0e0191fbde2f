//! The till in the app around this window.
import { attentionRules, catalogueWords, commands, errorWords, events, reasonWords } from "./bindings.ts";
import { type Clock, type Host, type Refusal, Refused } from "./contract.ts";

type Answered<R> = R extends { status: "ok"; data: infer Data } ? Data : R extends { status: "error" } ? never : R;

async function answer<R>(asked: Promise<R>): Promise<Answered<R>> {
  const got: unknown = await asked;
  if (typeof got === "object" && got !== null && "status" in got) {
    if (got.status === "error" && "error" in got) throw new Refused(got.error as Refusal);
    if (got.status === "ok" && "data" in got) return got.data as Answered<R>;
  }
  return got as Answered<R>;
}

export function createHost(): { host: Host; clock: Clock } {
  const host: Host = {
    errorWords,
    reasonWords,
    catalogueWords,
    attentionRules,
    start: () => answer(commands.start()),
    keyringIsOpen: () => answer(commands.keyringIsOpen()),
    snapshot: () => answer(commands.snapshot()),
    sell: (request, paymentCode, overrule) => answer(commands.sell(request, paymentCode, overrule)),
    order: (orderNo) => answer(commands.order(orderNo)),
    ask: (orderNo) => answer(commands.ask(orderNo)),
    close: (orderNo) => answer(commands.close(orderNo)),
    reverse: (orderNo) => answer(commands.reverse(orderNo)),
    nameGatewayNo: (orderNo, gatewayNo) => answer(commands.nameGatewayNo(orderNo, gatewayNo)),
    adopt: (account, named, items) => answer(commands.adopt(account, named, items)),
    refund: (request, authority) => answer(commands.refund(request, authority)),
    refundAgain: (orderNo, refundNo, authority) => answer(commands.refundAgain(orderNo, refundNo, authority)),
    withdrawRefund: (orderNo, refundNo) => answer(commands.withdrawRefund(orderNo, refundNo)),
    refunds: (query) => answer(commands.refunds(query)),
    markByHand: (orderNo, mark, authority) => answer(commands.markByHand(orderNo, mark, authority)),
    handleAttention: (orderNo, attention, note) => answer(commands.handleAttention(orderNo, attention, note)),
    signIn: (name, pin) => answer(commands.signIn(name, pin)),
    signOut: () => answer(commands.signOut()),
    addOperator: (name, role, newPin, pin) => answer(commands.addOperator(name, role, newPin, pin)),
    removeOperator: (name, pin) => answer(commands.removeOperator(name, pin)),
    setPin: (name, newPin, pin) => answer(commands.setPin(name, newPin, pin)),
    setLimits: (limits, pin) => answer(commands.setLimits(limits, pin)),
    orders: (query) => answer(commands.orders(query)),
    timeline: (orderNo) => answer(commands.timeline(orderNo)),
    rawAnswer: (sha) => answer(commands.rawAnswer(sha)),
    exportJournal: (format, choice) => answer(commands.exportJournal(format, choice)),
    exportProgress: () => answer(commands.exportProgress()),
    cancelExport: () => answer(commands.cancelExport()),
    showExport: () => answer(commands.showExport()),
    gateways: () => answer(commands.gateways()),
    addAccount: (form) => answer(commands.addAccount(form)),
    changeAccount: (name, change) => answer(commands.changeAccount(name, change)),
    setSecret: (account, field, value) => answer(commands.setSecret(account, field, value)),
    removeAccount: (name) => answer(commands.removeAccount(name)),
    checkAccount: (name) => answer(commands.checkAccount(name)),
    settings: () => answer(commands.settings()),
    saveSettings: (settings) => answer(commands.saveSettings(settings)),
    doctor: () => answer(commands.doctor()),
    receiver: () => answer(commands.receiver()),
    checkReceiver: () => answer(commands.checkReceiver()),
    enterTraining: () => answer(commands.enterTraining()),
    openPhone: () => answer(commands.openPhone()),
    customerWindow: (open) => answer(commands.customerWindow(open)),
    showCustomer: (orderNo) => answer(commands.showCustomer(orderNo)),
    painted: (orderNo) => answer(commands.painted(orderNo)),
    allowInputMethod: (on) => answer(commands.allowInputMethod(on)),
    onUpdate: (heard) => events.update.listen((event) => heard(event.payload)),
    onCustomerShown: (heard) => events.customerShown.listen((event) => heard(event.payload)),
  };
  const clock: Clock = {
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
  return { host, clock };
}
