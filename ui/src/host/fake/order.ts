//! One pretend order, and how it looks from the window.
import qrcode from "qrcode-generator";
import { attentionRules } from "../bindings.ts";
import type {
  Attention,
  BackElsewhere,
  ByHandView,
  EndReason,
  Item,
  LateAfter,
  LiveOrder,
  Mark,
  Marked,
  NotYet,
  PaidBeside,
  Presented,
  Proof,
  QrPicture,
  Refundable,
  RefundState,
  RefundView,
  Refusal,
  Said,
  SaleRequest,
  Shown,
  State,
  TimelineEntry,
  Trouble,
  Wallet,
} from "../contract.ts";
import type { FakeRefund } from "./refunds.ts";

export type FakeOrder = {
  no: string;
  sale: string;
  request: SaleRequest;
  currency: string;
  wallet: Wallet;
  presented: Presented;
  parameters: string | null;
  byParameters: boolean;
  canReverse: boolean;
  closes: boolean;
  createRefused: boolean;
  items: Item[];
  said: Said | null;
  state: State;
  drafted: number;
  lasts: number;
  answeredAfter: number | null;
  link: string | null;
  qrOff: boolean;
  unpaidAfterQrOff: boolean;
  closeFloor: number | null;
  closeRefused: number;
  declined: boolean;
  late: boolean;
  lateAfter: LateAfter | null;
  proof: Proof;
  mark: Mark | null;
  attentions: Attention[];
  refunds: FakeRefund[];
  marks: ByHandView[];
  elsewhere: BackElsewhere[];
  besideFault: Refusal | null;
  endReason: EndReason | null;
  reason: string | null;
  paidAt: number | null;
  gatewayTime: number | null;
  asked: number;
  unanswered: number;
  answeredAt: number | null;
  trouble: Trouble | null;
  events: { at: number; kind: string; actor: string; facts: Record<string, string>; raw: string | null }[];
};

export type Times = { now: number; began: number };

export const hasEnded = (state: State) => ["paid", "closed", "failed", "reversed"].includes(state);

export function minorOf(amount: string): number {
  const [whole = "0", decimals = ""] = amount.split(".");
  return Number(BigInt(whole + decimals.padEnd(2, "0").slice(0, 2)));
}

/** States of a refund that has not ended. */
export const underWay: RefundState[] = ["requested", "sent", "processing", "unknown"];

export const sum = (refunds: FakeRefund[], states: RefundState[]): number =>
  refunds.filter(({ state }) => states.includes(state)).reduce((all, { minor }) => all + minor, 0);

/**
 * What people marked as given back beside the till's refunds: a mark that was contradicted counts until somebody has looked after
 * it.
 */
export function byHandMinor({ refunds, marks, attentions }: FakeOrder): number {
  const dealtWith = !attentions.includes("mark_contradicted");
  const failed = refunds.filter(({ state }) => state === "failed").map(({ no }) => no);
  const counts = ({ what, refund_no, verdict }: ByHandView) => {
    if (what !== "refunded" || (verdict === "contradicted" && dealtWith)) return false;
    return refund_no === null || (verdict === "contradicted" && failed.includes(refund_no));
  };
  return marks.filter(counts).reduce((all, { amount }) => all + minorOf(amount), 0);
}

/** What went back, by the till or as people marked it. */
export function goneMinor(order: FakeOrder): number {
  return sum(order.refunds, ["succeeded"]) + byHandMinor(order);
}

/** What can still go back: paid, less what went back, less what is set aside for refunds that have not ended. */
export function leftMinor(order: FakeOrder): number {
  const paid = order.paidAt === null ? 0 : minorOf(order.request.amount);
  return Math.max(0, paid - goneMinor(order) - sum(order.refunds, underWay));
}

const toldElsewhere = (order: FakeOrder) => order.elsewhere.reduce((all, { amount_minor }) => all + amount_minor, 0);

/** What notices told of refunds that are none of the till's and nobody has marked, as far as it can be marked. */
export function elsewhereUnmarked(order: FakeOrder): number {
  return Math.min(Math.max(0, toldElsewhere(order) - markedBeside(order)), leftMinor(order));
}

/** What people marked as given back beside the till's refunds, but for what the gateway contradicts. */
function markedBeside(order: FakeOrder): number {
  const beside = order.marks.filter(
    ({ what, refund_no, verdict }) => what === "refunded" && refund_no === null && verdict !== "contradicted",
  );
  return beside.reduce((all, { amount }) => all + minorOf(amount), 0);
}

export function twoDecimals(amount: string): string {
  const [whole = "0", decimals = ""] = amount.split(".");
  return `${whole}.${decimals.padEnd(2, "0")}`;
}

/** When its gateway lets it be closed or, where its code came from a customer's phone, reversed. */
export function endFloor({ presented, canReverse, closes, drafted }: FakeOrder): number | null {
  if (presented === "consumer" && canReverse) return drafted + 15_000;
  return closes ? drafted + 300_000 : null;
}

/** What the refunds and the other orders of its sale tell of an order. */
export type GivenBack = {
  refunds: RefundView[];
  refundable: Refundable;
  paid_beside: PaidBeside[];
  too_many_beside: string | null;
  paid_beside_fault: Refusal | null;
};

export function shown(order: FakeOrder, seq: number, times: Times, back: GivenBack): Shown {
  const live = look(order, seq, times, back);
  return { live, qr: live.order.qr === null ? null : picture(live.order.qr) };
}

function notYet(order: FakeOrder): NotYet | null {
  if (order.state === "closed" || order.state === "failed" || order.state === "reversed") return null;
  if (order.state === "paid") return "already_paid";
  if (order.state === "disputed") return "disputed";
  if (order.state === "drafted" || order.state === "creating") return "being_created";
  if (order.presented === "consumer") return "payment_code_sent";
  if (order.presented === "elsewhere") return "made_elsewhere";
  if (order.link === null && order.parameters === null) return null;
  if (order.state === "paying") return "paying";
  if (!order.qrOff) return "code_shown";
  return order.unpaidAfterQrOff ? null : "unconfirmed";
}

function look(order: FakeOrder, seq: number, { now, began }: Times, back: GivenBack): LiveOrder {
  const iso = (at: number) => new Date(began + at).toISOString().replace("Z", "+00:00");
  const onScreen = (order.state === "awaiting_payment" || order.state === "paying") && !order.qrOff;
  const why = notYet(order);
  const none = order.presented === "merchant" && order.link === null && order.parameters === null;
  const lost = none && order.state !== "drafted" && order.state !== "creating";
  const weighed = [...order.attentions].sort((a, b) => attentionRules[a].place - attentionRules[b].place);
  const refunded = back.refunds
    .filter(({ state }) => state === "succeeded")
    .reduce((all, { amount_minor }) => all + amount_minor, 0);
  const known = order.paidAt !== null && order.gatewayTime !== null ? order.paidAt - order.gatewayTime : null;
  const floor = order.closeFloor ?? endFloor(order);
  return {
    seq,
    order: {
      order_no: order.no,
      sale: order.sale,
      account: order.request.account,
      channel: order.request.channel,
      amount: twoDecimals(order.request.amount),
      amount_minor: minorOf(order.request.amount),
      currency: order.currency,
      state: order.state,
      late: order.late,
      attention: weighed[0] ?? null,
      attentions: weighed,
      mark: order.mark,
      by_hand: order.marks.findLast(({ verdict }) => verdict !== "contradicted")?.what ?? null,
      qr: onScreen ? order.link : null,
      parameters: onScreen ? order.parameters : null,
      gateway_no: order.answeredAfter === null ? null : `59706a00fd4eb0196a0${order.no.slice(-4).toLowerCase()}`,
      paid_minor: order.paidAt === null ? null : minorOf(order.request.amount),
      refunded_minor: refunded,
      refunded_elsewhere: order.elsewhere.map((one) => ({ ...one })),
      beyond_paid_minor: Math.max(0, refunded + toldElsewhere(order) - minorOf(order.request.amount)),
      elsewhere_marked: markedBeside(order) > 0 && markedBeside(order) >= toldElsewhere(order),
      created_at: iso(order.drafted),
      expires_at: iso(order.drafted + order.lasts),
      paid_at: order.paidAt === null ? null : iso(order.paidAt),
      gateway_time: order.gatewayTime === null ? null : iso(order.gatewayTime),
      next_query_at: null,
      reason: order.reason,
      items: order.items,
    },
    wallet: order.wallet,
    presented: order.presented,
    by_parameters: order.byParameters,
    can_reverse: order.canReverse,
    closes: order.closes,
    end_reason: order.endReason,
    late_after: order.lateAfter,
    proof: order.paidAt === null ? null : order.proof,
    ended: hasEnded(order.state),
    declined: order.declined,
    link_lost: lost,
    gave_no_code: lost && order.answeredAfter !== null,
    create_refused: lost && order.createRefused,
    drafted_ago_ms: now - order.drafted,
    expires_in_ms: order.drafted + order.lasts - now,
    lasts_ms: order.lasts,
    end_floor_in_ms: floor === null ? null : floor - now,
    answered_after_ms: order.answeredAfter,
    known_after_ms: known,
    closing: order.closeFloor === null || hasEnded(order.state) ? null : { refused: order.closeRefused, said: null },
    asking: {
      asked: order.asked,
      unanswered: order.unanswered,
      answered_ago_ms: order.answeredAt === null ? null : now - order.answeredAt,
      next_in_ms: hasEnded(order.state) ? null : 2_000,
      in_flight: false,
      trouble: order.trouble,
    },
    said: order.said,
    further: { allowed: why === null, not_yet: why },
    ...back,
    given_back: order.paidAt !== null && goneMinor(order) >= minorOf(order.request.amount),
    by_hand: order.marks.map((mark) => ({ ...mark })),
    can_be_marked: canBeMarked(order),
  };
}

/** What is not known of an order yet, or can still go back. */
function canBeMarked(order: FakeOrder): Marked[] {
  const { state, paidAt, marks } = order;
  const begun = state !== "drafted" && state !== "creating";
  const marked = marks.some(({ what, verdict }) => what === "paid" && verdict === "open");
  const paid: Marked[] = begun && paidAt === null && !marked ? ["paid"] : [];
  return leftMinor(order) > 0 ? [...paid, "refunded"] : paid;
}

/** `keptDays`: after how many days raw answers were old enough to go. */
export function timelineOf(order: FakeOrder, began: number, keptDays: number | null): TimelineEntry[] {
  return order.events.map((event, at) => ({
    seq: at + 1,
    at: new Date(began + event.at).toISOString().replace("Z", "+00:00"),
    since_ms: event.at - order.drafted,
    actor: event.actor,
    kind: event.kind,
    facts: event.facts,
    proof: event.kind === "paid" ? order.proof : null,
    raw: event.raw,
    raw_kept_days: keptDays,
    hash: "9f3c0a".padEnd(64, String(at % 10)),
  }));
}

/** One path in module units, with a quiet zone of four. */
export function picture(text: string): QrPicture {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const count = code.getModuleCount();
  let path = "";
  for (let row = 0; row < count; row += 1) {
    for (let from = 0; from < count; from += 1) {
      if (!code.isDark(row, from)) continue;
      let to = from;
      while (to < count && code.isDark(row, to)) to += 1;
      path += `M${from + 4} ${row + 4}h${to - from}v1h${from - to}z`;
      from = to;
    }
  }
  return { size: count + 8, path };
}
