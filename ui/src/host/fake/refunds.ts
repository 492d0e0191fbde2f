//! Refunds, manual marks and handled attentions of the pretend till, with the ceiling and the limits of the real one.

import { minorText } from "../../words/words.svelte.ts";
import type {
  Attention,
  Authority,
  ByHandView,
  Descriptor,
  Item,
  Label,
  MarkRequest,
  NotRefundable,
  Refundable,
  RefundPage,
  RefundQuery,
  RefundRequest,
  RefundState,
  RefundView,
  Said,
  Trouble,
  Verdict,
} from "../contract.ts";
import {
  byHandMinor,
  elsewhereUnmarked,
  type FakeOrder,
  goneMinor,
  leftMinor,
  minorOf,
  sum,
  underWay,
} from "./order.ts";
import { type FakePeople, refused, type Signed } from "./people.ts";
import type { TickingClock } from "./till.ts";

export type FakeRefund = {
  no: string;
  minor: number;
  state: RefundState;
  reason: string;
  by: string;
  second: string | null;
  items: Item[];
  gatewayNo: string | null;
  said: Said | null;
  requested: number;
  sent: number | null;
  ended: number | null;
  maySucceedUntil: number | null;
  unanswered: number;
  /** What the last question brought. */
  trouble: Trouble | null;
  again: boolean;
};

/** What the gateway says to a refund, and after how many milliseconds. */
export type RefundAnswer = { after: number; state: RefundState };

export type RefundWorld = {
  clock: TickingClock;
  people: FakePeople;
  orders: FakeOrder[];
  find(orderNo: string): FakeOrder;
  gateway(account: string): Descriptor;
  event(order: FakeOrder, kind: string, facts: Record<string, string>, actor: string): void;
  tell(order: FakeOrder): void;
};

const cameToNothing: RefundState[] = ["failed", "withdrawn"];

/** States that leave open whether the money went back: a second refund could give it back twice. */
const inTheDark: RefundState[] = ["sent", "unknown"];

const backOffice = (name: Label): Label => ({
  "zh-CN": `登录${name["zh-CN"]}商户后台，在“交易查询”里找到这一单退款。`,
  "zh-HK": `登入${name["zh-HK"]}商戶後台，在「交易查詢」找出這張單退款。`,
  en: `Sign in to ${name.en}'s back office, find the order under “transactions” and refund it there.`,
});

export class FakeRefunds {
  /** What the gateway will say; afterwards it stays silent. */
  answers: RefundAnswer[] = [
    { after: 900, state: "processing" },
    { after: 4_000, state: "succeeded" },
  ];
  /** Nothing can be signed: what is asked for stays here. */
  stuck = false;
  #count = 0;

  constructor(readonly world: RefundWorld) {}

  /** The refund asked for last. */
  get last(): FakeRefund {
    const all = this.world.orders.flatMap(({ refunds }) => refunds);
    const last = all.sort((a, b) => a.requested - b.requested).at(-1);
    if (last === undefined) throw new Error("nothing was refunded yet");
    return last;
  }

  /** The gateway's word about a refund. */
  settle(state: RefundState, said: Said | null = null, refund = this.last): void {
    const order = this.world.orders.find(({ refunds }) => refunds.includes(refund));
    if (order === undefined) return;
    const over = state === "succeeded" || state === "failed";
    Object.assign(refund, {
      state,
      said,
      ended: over ? this.world.clock.now() : null,
      again: state === "failed" && this.#gatewayOf(order).refunds?.resend === "same_number",
      unanswered: state === "unknown" ? 3 : 0,
      trouble: state === "unknown" ? "timed_out" : null,
      gatewayNo: state === "unknown" ? null : `5000${refund.no.slice(-6).toLowerCase()}`,
    });
    this.world.event(order, `refund_${state}`, { refund_no: refund.no, minor: String(refund.minor) }, "gateway");
    if (state === "failed") order.attentions = ["refund_failed", ...order.attentions];
    if (state === "succeeded") {
      const matters: Attention[] = ["late_payment", "double_payment", "refund_failed"];
      if (goneMinor(order) >= minorOf(order.request.amount))
        order.attentions = order.attentions.filter((one) => !matters.includes(one));
    }
    if (over) this.#judge(order, refund, state === "succeeded" ? "confirmed" : "contradicted");
    this.world.tell(order);
  }

  refundable(order: FakeOrder): Refundable {
    const gateway = this.#gatewayOf(order);
    // What failed and can go out again under its own number keeps its amount.
    const failed = gateway.refunds?.resend === "same_number" ? sum(order.refunds, ["failed"]) : 0;
    const kept = Math.min(failed, leftMinor(order));
    const left = leftMinor(order) - kept;
    const unmarked = elsewhereUnmarked(order);
    return {
      left: minorText(left),
      left_minor: left,
      reserved_minor: sum(order.refunds, underWay),
      by_hand_minor: byHandMinor(order),
      kept_minor: kept,
      markable: minorText(leftMinor(order)),
      by_lines: gateway.refunds?.by_lines ?? false,
      reason_limit: 80,
      lines: linesLeft(order),
      not: this.#not(order, gateway, left),
      elsewhere: gateway.refunds ? null : backOffice(gateway.label),
      elsewhere_unmarked: unmarked === 0 ? null : minorText(unmarked),
    };
  }

  ask(request: RefundRequest, authority: Authority): FakeOrder {
    const { people, clock, find } = this.world;
    people.permit("refund");
    const signed = people.sign(authority);
    const order = find(request.order_no);
    const able = this.refundable(order);
    this.#refuse(order, able);
    if (new TextEncoder().encode(request.reason).length > able.reason_limit)
      throw refused("refund_reason_too_long", { limit: String(able.reason_limit) });
    const minor = this.#amount(request, able, order.items.length > 0);
    if (minor > able.left_minor) throw refused("refund_over_ceiling", { left: able.left, currency: order.currency });
    this.#withinLimits(order, minor, request.reason, signed);
    this.#count += 1;
    const refund: FakeRefund = {
      no: `TR7Q2F9M0K3C5D8E1HABMNPQ${(4_660 + this.#count * 7).toString(32).toUpperCase().padStart(4, "0")}`,
      minor,
      state: "sent",
      reason: request.reason,
      ...signed,
      items: request.items,
      gatewayNo: null,
      said: null,
      requested: clock.now(),
      sent: clock.now(),
      ended: null,
      maySucceedUntil: null,
      unanswered: 0,
      trouble: null,
      again: false,
    };
    order.refunds.push(refund);
    const facts: Record<string, string> = {
      refund_no: refund.no,
      minor: String(minor),
      reason: refund.reason,
      second: signed.second ?? "",
    };
    this.world.event(order, "refund_requested", facts, people.actor);
    if (this.stuck) Object.assign(refund, { state: "requested", sent: null, unanswered: 1 });
    else this.#send(order, refund, "refund_sent");
    return order;
  }

  again(orderNo: string, refundNo: string, authority: Authority): FakeOrder {
    const { people, find } = this.world;
    people.permit("refund");
    people.sign(authority);
    const order = find(orderNo);
    const refund = order.refunds.find(({ no }) => no === refundNo);
    if (refund === undefined) throw refused("unknown_refund", { refund_no: refundNo });
    if (!refund.again) throw refused("refund_not_again", { refund_no: refundNo });
    Object.assign(refund, { state: "requested", again: false, ended: null });
    this.world.event(order, "refund_again", { refund_no: refund.no }, people.actor);
    if (this.stuck) return order;
    Object.assign(refund, { state: "sent", sent: this.world.clock.now() });
    this.#send(order, refund, "refund_sent");
    return order;
  }

  withdraw(orderNo: string, refundNo: string): FakeOrder {
    const { people, find, clock } = this.world;
    people.permit("refund");
    const order = find(orderNo);
    const refund = order.refunds.find(({ no }) => no === refundNo);
    if (refund === undefined) throw refused("unknown_refund", { refund_no: refundNo });
    if (refund.state !== "requested") throw refused("refund_not_again", { refund_no: refundNo });
    Object.assign(refund, { state: "withdrawn", ended: clock.now(), unanswered: 0 });
    this.world.event(order, "refund_withdrawn", { refund_no: refund.no }, people.actor);
    return order;
  }

  mark(orderNo: string, mark: MarkRequest, authority: Authority): FakeOrder {
    const { people, find, clock } = this.world;
    people.permit("mark_by_hand");
    if (people.actor === "owner" || authority.second === null)
      throw refused("second_person_needed", { above: "0.00", currency: find(orderNo).currency });
    const { by, second } = people.sign(authority);
    const order = find(orderNo);
    const refundNo = mark.refund_no ?? null;
    const refund = order.refunds.find(({ no }) => no === refundNo);
    if (refundNo !== null && refund === undefined) throw refused("unknown_refund", { refund_no: refundNo });
    const minor = refund !== undefined && mark.amount === "" ? refund.minor : strictly(mark.amount);
    if (mark.note.trim() === "") throw refused("note_needed", {});
    if (refund === undefined ? mark.what === "paid" && order.paidAt !== null : !markable(order, refund))
      throw refused("mark_not_needed", {});
    if (refund !== undefined && (mark.what !== "refunded" || minor !== refund.minor))
      throw refused("mark_not_needed", {});
    const marked: ByHandView = {
      what: mark.what,
      amount: minorText(minor),
      note: mark.note,
      by,
      second: second ?? "",
      at: this.#iso(clock.now()),
      refund_no: refundNo,
      verdict: "open",
    };
    order.marks.push(marked);
    const facts: Record<string, string> = {
      what: mark.what,
      minor: String(minor),
      note: mark.note,
      second: marked.second,
    };
    if (refundNo !== null) facts.refund_no = refundNo;
    this.world.event(order, "marked_by_hand", facts, people.actor);
    this.world.tell(order);
    return order;
  }

  handle(orderNo: string, attention: Attention, note: string): FakeOrder {
    const { people, find } = this.world;
    people.permit("handle_attention");
    const order = find(orderNo);
    if (!order.attentions.includes(attention)) throw refused("attention_not_there", {});
    if (note.trim() === "") throw refused("note_needed", {});
    order.attentions = order.attentions.filter((one) => one !== attention);
    this.world.event(order, "attention_handled", { attention, note }, people.actor);
    return order;
  }

  page(query: RefundQuery): RefundPage {
    const sought = query.text.trim().toUpperCase();
    const all = this.world.orders
      .flatMap((order) => order.refunds.map((refund) => ({ order, refund })))
      .filter(({ refund }) => query.states.length === 0 || query.states.includes(refund.state))
      .filter(({ refund }) => query.by === null || refund.by === query.by)
      .filter(({ refund }) => query.day === null || this.#iso(refund.requested).startsWith(query.day))
      .filter(
        ({ order, refund }) =>
          [order.no, refund.no].some((no) => no.endsWith(sought)) || minorText(refund.minor).startsWith(sought),
      )
      .sort((a, b) => b.refund.requested - a.refund.requested);
    const from = query.after === null ? 0 : Number(query.after);
    const rows = all.slice(from, from + 50).map(({ order, refund }) => this.view(order, refund));
    return { rows, next: from + 50 < all.length ? String(from + 50) : null };
  }

  view(order: FakeOrder, refund: FakeRefund): RefundView {
    const iso = (at: number | null) => (at === null ? null : this.#iso(at));
    const over = refund.state === "succeeded" || cameToNothing.includes(refund.state);
    const later = order.refunds.slice(order.refunds.indexOf(refund) + 1);
    return {
      refund_no: refund.no,
      order_no: order.no,
      account: order.request.account,
      channel: order.request.channel,
      amount: minorText(refund.minor),
      amount_minor: refund.minor,
      currency: order.currency,
      state: refund.state,
      reason: refund.reason,
      by: refund.by,
      second: refund.second,
      items: refund.items,
      gateway_refund_no: refund.gatewayNo,
      said: refund.said,
      requested_at: this.#iso(refund.requested),
      sent_at: iso(refund.sent),
      ended_at: iso(refund.ended),
      may_succeed_until: iso(refund.maySucceedUntil),
      next_query_at: over ? null : this.#iso(this.world.clock.now() + 2_000),
      unanswered: refund.unanswered,
      trouble: refund.trouble,
      can_send_again: refund.again,
      can_be_made_anew:
        refund.state === "failed" &&
        this.#gatewayOf(order).refunds?.resend === "new_number" &&
        later.every(({ state }) => cameToNothing.includes(state)),
      can_withdraw: refund.state === "requested" && refund.sent === null,
      can_be_marked: markable(order, refund),
      mark: null,
      by_hand: inWords(order, refund),
    };
  }

  #gatewayOf(order: FakeOrder): Descriptor {
    return this.world.gateway(order.request.account);
  }

  /** How a refund ended judges the mark of it. */
  #judge(order: FakeOrder, refund: FakeRefund, verdict: "confirmed" | "contradicted"): void {
    const mark = order.marks.find((one) => one.refund_no === refund.no && one.verdict === "open");
    if (mark === undefined) return;
    mark.verdict = verdict;
    if (verdict === "contradicted") order.attentions = ["mark_contradicted", ...order.attentions];
  }

  #not(order: FakeOrder, gateway: Descriptor, left: number): NotRefundable | null {
    if (order.state === "disputed") return "disputed";
    if (order.paidAt === null) return "not_paid";
    if (!gateway.refunds) return "gateway_cannot";
    if (order.refunds.some(({ state }) => inTheDark.includes(state))) return "refund_unknown";
    const waits = order.refunds.find(({ state }) => state === "requested");
    if (waits !== undefined) return waits.sent === null ? "refund_waits" : "refund_again";
    if (order.attentions.includes("refunded_elsewhere")) return "refunded_elsewhere";
    return left === 0 ? "nothing_left" : null;
  }

  #refuse(order: FakeOrder, { not, elsewhere }: Refundable): void {
    const unknown = order.refunds.find(({ state }) => inTheDark.includes(state));
    const waits = order.refunds.find(({ state }) => state === "requested");
    if (not === "not_paid") throw refused("refund_not_paid", {});
    if (not === "disputed") throw refused("refund_in_dispute", {});
    if (not === "refunded_elsewhere") throw refused("refunded_elsewhere_first", {});
    if (not === "gateway_cannot") throw refused("refund_elsewhere", { where: elsewhere?.["zh-CN"] ?? "" });
    if (not === "refund_unknown") throw refused("refund_unknown_before", { refund_no: unknown?.no ?? "" });
    if (not === "refund_waits") throw refused("refund_waits_before", { refund_no: waits?.no ?? "" });
    if (not === "refund_again") throw refused("refund_again_before", { refund_no: waits?.no ?? "" });
    if (not === "nothing_left") throw refused("refund_nothing_left", {});
  }

  #amount({ amount, items }: RefundRequest, able: Refundable, ordered: boolean): number {
    const lines = items.reduce((all, { amount_minor }) => all + amount_minor, 0);
    const minor = amount === "" ? able.left_minor : strictly(amount);
    if (minor === 0) throw refused("amount_zero", {});
    const allOfThem = amount === "" && able.lines.length > 0;
    if (able.by_lines && items.length === 0 && !allOfThem) throw refused("refund_lines_needed", {});
    const unknown = able.by_lines && !ordered ? undefined : items.find((line) => !isLeft(line, able.lines));
    if (unknown !== undefined) throw refused("refund_line_not_left", { line: unknown.id });
    if (items.length > 0 && lines !== minor) throw refused("refund_lines_do_not_add_up", {});
    return minor;
  }

  #withinLimits(order: FakeOrder, minor: number, reason: string, { by, second }: Signed): void {
    const { people, orders, clock } = this.world;
    const { refunds, reason_required, window_days } = people.limits;
    const limits = refunds[order.currency];
    if (limits === undefined) return;
    // It is asked for the first time.
    const again = "false";
    if (reason_required && reason.trim() === "") throw refused("reason_needed", { again });
    if (clock.now() - (order.paidAt ?? 0) > window_days * 86_400_000)
      throw refused("refund_too_old", { days: String(window_days), again });
    if (minor > minorOf(limits.per_refund))
      throw refused("refund_over_limit", { limit: limits.per_refund, currency: order.currency, again });
    const mine = orders
      .filter(({ currency }) => currency === order.currency)
      .flatMap((one) => one.refunds.filter((refund) => refund.by === by));
    const spent = sum(mine, [...underWay, "succeeded"]);
    if (spent + minor > minorOf(limits.per_day))
      throw refused("refund_over_day", {
        limit: limits.per_day,
        currency: order.currency,
        left: minorText(Math.max(0, minorOf(limits.per_day) - spent)),
        again,
      });
    if (by !== "owner" && second === null && minor > minorOf(limits.second_above))
      throw refused("second_person_needed", { above: limits.second_above, currency: order.currency });
  }

  #send(order: FakeOrder, refund: FakeRefund, kind: string): void {
    this.world.event(order, kind, { refund_no: refund.no }, "engine");
    for (const { after, state } of this.answers)
      this.world.clock.after(after, () => {
        if (refund.state !== "succeeded" && refund.state !== "failed") this.settle(state, null, refund);
      });
  }

  #iso(at: number): string {
    return new Date(this.world.clock.began + at).toISOString().replace("Z", "+00:00");
  }
}

/** Whether two people may mark it: the gateway had it, does not tell its end, and nobody has marked it yet. */
function markable({ marks }: FakeOrder, { no, state }: FakeRefund): boolean {
  const marked = marks.some(({ refund_no, verdict }) => refund_no === no && verdict === "open");
  return (state === "unknown" || state === "processing") && !marked;
}

/** What was marked of a refund, as the journal's readers have it. */
function inWords({ marks }: FakeOrder, { no }: FakeRefund): string | null {
  const verdicts: Record<Verdict, string> = {
    open: "marked by hand, not confirmed",
    confirmed: "marked by hand, confirmed",
    contradicted: "marked by hand, contradicted",
  };
  const words = marks
    .filter(({ refund_no }) => refund_no === no)
    .map(
      (mark) =>
        `${mark.what} ${mark.amount} (refund ${no}): ${verdicts[mark.verdict]} (${mark.by} with ${mark.second})`,
    );
  return words.length === 0 ? null : words.join("; ");
}

function isLeft(line: Item, left: Item[]): boolean {
  return left.some(
    ({ id, quantity, amount_minor }) =>
      id === line.id && line.quantity <= quantity && line.amount_minor <= amount_minor,
  );
}

/** What did not go back yet, and is not on its way, of each line. */
function linesLeft({ items, refunds }: FakeOrder): Item[] {
  const gone = refunds.filter(({ state }) => !cameToNothing.includes(state)).flatMap((refund) => refund.items);
  const left = (of: Item): Item => {
    const parts = gone.filter(({ id }) => id === of.id);
    return {
      id: of.id,
      quantity: Math.max(
        1,
        parts.reduce((rest, { quantity }) => rest - quantity, of.quantity),
      ),
      amount_minor: parts.reduce((rest, { amount_minor }) => rest - amount_minor, of.amount_minor),
    };
  };
  return items.map(left).filter(({ amount_minor }) => amount_minor > 0);
}

function strictly(amount: string): number {
  if (amount.trim() === "") throw refused("amount_empty", {});
  if (!/^\d{1,8}(\.\d{1,2})?$/.test(amount)) throw refused("amount_not_a_number", {});
  return minorOf(amount);
}
