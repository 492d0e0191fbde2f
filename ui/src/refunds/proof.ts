//! What proves a refund, to be copied: numbers, amount, state and times.
import type { LiveOrder, RefundView } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";
import { refundWords } from "../words/refunds/table.ts";
import { minorText } from "../words/words.svelte.ts";
import { stateText } from "./truth.ts";

export type ProofLine = { name: string; value: string };

export function proofOf(refund: RefundView, { order }: LiveOrder, till: Till): ProofLine[] {
  const { words } = till;
  const t = refundWords(words);
  const f = t.facts;
  const way = words.t.common.of(order.account, till.channelLabel(order.account, order.channel));
  const items = refund.items.map(({ id, quantity, amount_minor }) => `${id} × ${quantity} ${minorText(amount_minor)}`);
  const stamp = (at: string | null) => (at === null ? null : at.replace("T", " ").replace(/\.\d+/, ""));
  const lines: [string, string | null][] = [
    [f.refundNo, refund.refund_no],
    [f.gatewayRefundNo, refund.gateway_refund_no],
    [f.orderNo, refund.order_no],
    [f.gatewayNo, order.gateway_no],
    [f.amount, `${refund.amount} ${refund.currency}`],
    [f.paid, `${minorText(order.paid_minor ?? order.amount_minor)} ${order.currency} · ${way}`],
    [f.items, items.length === 0 ? null : items.join("; ")],
    [f.state, stateText(refund, words)],
    [f.reason, refund.reason === "" ? null : refund.reason],
    [f.by, words.t.orders.actor(refund.by)],
    [f.second, refund.second],
    [f.requested, stamp(refund.requested_at)],
    [f.sent, stamp(refund.sent_at)],
    [f.ended, stamp(refund.ended_at)],
    [f.mark, refund.mark === null ? null : words.t.mark[refund.mark]],
  ];
  return lines.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
}

export function proofText(lines: ProofLine[], colon: (name: string, value: string) => string): string {
  return lines.map(({ name, value }) => colon(name, value)).join("\n");
}
