//! How an order stands, in one true sentence.
import type {
  Attention,
  ByHandView,
  Channel,
  LateAfter,
  LiveOrder,
  OrderLine,
  OrderView,
  Reaction,
  Said,
  Trouble,
} from "../host/contract.ts";
import { countdown, type Words } from "../words/words.svelte.ts";
import { minorOf } from "./amount.ts";

/** Colour and shape of a state; never its only sign. */
export type Tone = "wait" | "busy" | "look" | "good" | "doubt" | "off";

export type Standing = { tone: Tone; title: string; detail: string | null; brief: string };

/** From this many questions in a row without an answer the screen says so. */
export const silence = 3;

/** What an order is told in and by: the words, and the channels of the till. */
export type Teller = {
  readonly words: Words;
  readonly servesPages: boolean;
  channel(account: string, channel: string): Channel | null;
};

/** What the till shows for an order to be paid by: a code, an app's parameters, or nothing. */
export function shows(live: LiveOrder): "code" | "parameters" | "nothing" {
  if (live.presented !== "merchant") return "nothing";
  return live.by_parameters ? "parameters" : "code";
}

/** Whether a channel gives parameters alone: where customers reach pages of this till, a code leads to its page. */
export function givesParameters({ gives, page }: Channel, onPages: boolean): boolean {
  return gives === "parameters" && !(onPages && page !== null);
}

/** `passed`: milliseconds since this picture of the order arrived. */
export function standing(live: LiveOrder, passed: number, till: Teller): Standing {
  const { words } = till;
  const { t } = words;
  const is = (tone: Tone, title: string, brief: string, detail: string | null = null): Standing => ({
    tone,
    title,
    detail,
    brief,
  });
  const { state, late, reason } = live.order;
  switch (state) {
    case "paid":
      return late
        ? is(
            live.given_back ? "off" : "look",
            t.order.paidLate,
            standsLate(live) ? t.attention.late_payment : paidBrief(live, words),
            lateDetail(live, words),
          )
        : inTime(live, words, is);
    case "closed":
      if (live.end_reason === "never_created")
        return is("look", t.order.neverCreated, t.state.closed, neverCreatedDetail(live, words));
      if (live.end_reason === "expired_here")
        return is("look", t.order.expiredHere, t.state.closed, t.order.expiredHereDetail);
      return is("off", t.order.closed, t.state.closed, t.order.closedDetail);
    case "failed":
      if (live.presented === "consumer")
        return is("off", t.order.codeDeclined, t.state.failed, saidText(live, words) ?? t.order.failedDetail);
      return is("off", t.order.failed, t.state.failed, t.order.failedDetail);
    case "reversed":
      return is("off", t.order.reversed, t.state.reversed, t.order.reversedDetail);
    case "disputed": {
      const why = reason === null ? "" : t.order.disputeReason(reason);
      const detail = canBeAsked(live) ? t.order.disputedDetail : t.order.disputedUnasked;
      return is("doubt", t.order.disputed, t.open.disputed, `${why}${detail}`);
    }
    case "drafted":
      return is("wait", t.order.drafted, t.open.creating);
    case "creating": {
      const since = words.calm(live.drafted_ago_ms + passed);
      const title = live.presented === "consumer" ? t.order.sending(since) : t.order.creating(since);
      return is("wait", title, t.open.creating);
    }
    case "create_unknown":
    case "awaiting_payment":
    case "paying":
    case "expiring":
      return asked(live, passed, till, is);
  }
}

/** That the till looks on is said only while it does. */
function neverCreatedDetail({ asking }: LiveOrder, words: Words): string {
  const { neverCreatedDetail, neverCreatedLooks } = words.t.order;
  return asking.next_in_ms === null ? neverCreatedDetail : words.sentences([neverCreatedDetail, neverCreatedLooks]);
}

/** Matters by which the money of a paid order is not settled. */
const ofMoney: Attention[] = [
  "double_payment",
  "refunded_elsewhere",
  "refund_failed",
  "refund_unknown",
  "refund_disputed",
  "mark_contradicted",
];

/** A payment that came in time, and what of it is not the shop's any more. */
function inTime(live: LiveOrder, words: Words, is: Is): Standing {
  const { t } = words;
  const next = attentionNext(live, words);
  const told = [...wentBack(live, words), ...(next === null ? [] : [next])];
  const detail = told.length === 0 ? null : words.sentences(told);
  const title = isRefunded(live) ? t.common.of(t.order.paid, t.orders.refundedAll) : t.order.paid;
  const matter = live.order.attentions.find((one) => ofMoney.includes(one));
  if (matter !== undefined) return is("look", title, t.attention[matter], detail);
  return is(live.given_back ? "off" : "good", title, paidBrief(live, words), detail);
}

/** Whether refunds alone gave all of it back: what is marked by hand counts as given back too, even where the gateway contradicts it. */
function isRefunded({ given_back, order }: LiveOrder): boolean {
  return given_back && order.refunded_minor >= (order.paid_minor ?? order.amount_minor);
}

function paidBrief(live: LiveOrder, { t }: Words): string {
  return isRefunded(live) ? t.common.of(t.state.paid, t.orders.refundedAll) : t.state.paid;
}

/** Nobody has looked after a late payment yet, and it has not gone back. */
function standsLate({ order }: LiveOrder): boolean {
  return order.attentions.includes("late_payment");
}

/** What the payment came after, and where the money is now. */
function lateDetail(live: LiveOrder, words: Words): string | null {
  const { t } = words;
  const { late_after: after, order } = live;
  const back = "refunded_elsewhere";
  const elsewhere = order.attentions.includes(back);
  const told = [
    ...(after === null ? [] : [t.order.paidLateAfter[endOf(after)]]),
    ...wentBack(live, words),
    ...(elsewhere ? [t.common.colon(t.attention[back], nextOf(back, order, words))] : []),
    ...(standsLate(live) && !elsewhere ? [t.order.paidLateMoney] : []),
  ];
  return told.length === 0 ? null : words.sentences(told);
}

/** What of a payment went back, was marked as given back, and is on its way. */
function wentBack({ order, refundable, by_hand: marks }: LiveOrder, words: Words): string[] {
  const told = words.t.order;
  const say = (minor: number, sentence: (amount: string) => string) =>
    minor > 0 ? [sentence(words.minor(minor, order.currency))] : [];
  return [
    ...say(order.refunded_minor, told.wentBack),
    ...say(markedBack(marks), told.markedBack),
    ...say(refundable.reserved_minor, told.goingBack),
  ];
}

/** How much people marked as given back beside the till's refunds, minor units. */
export function markedBack(marks: ByHandView[]): number {
  return marks.filter(isMoneyBack).reduce((sum, { amount }) => sum + (minorOf(amount) ?? 0), 0);
}

/** A mark of money that was given back, that no refund of the till's stands for, and that the gateway does not contradict. */
function isMoneyBack({ what, refund_no, verdict }: ByHandView): boolean {
  return what === "refunded" && refund_no === null && verdict !== "contradicted";
}

type After = keyof Words["t"]["order"]["paidLateAfter"];

function endOf({ state, reason }: LateAfter): After {
  if (reason !== "gateway") return reason;
  return state === "failed" || state === "reversed" ? state : "closed";
}

/**
 * Milliseconds that an order's countdown has left: of a code on a screen the time in which it can be paid; of a payment code that
 * was sent, and of every order whose end was asked for, the time until that end can begin.
 */
export function endsIn(live: LiveOrder, passed: number): number {
  const { presented, closing, expires_in_ms: expires, end_floor_in_ms } = live;
  const floor = end_floor_in_ms ?? expires;
  if (closing !== null) return floor - passed;
  return (presented === "consumer" ? Math.max(expires, floor) : expires) - passed;
}

/** Milliseconds that its countdown has in all. */
export function endsAfter(live: LiveOrder): number {
  return live.lasts_ms - live.expires_in_ms + endsIn(live, 0);
}

/** Whether it ends earlier if somebody asks for that now. */
export function endsSooner(live: LiveOrder): boolean {
  return canBeEnded(live) && (live.end_floor_in_ms ?? live.expires_in_ms) < live.expires_in_ms;
}

type Is = (tone: Tone, title: string, brief: string, detail?: string | null) => Standing;

function asked(live: LiveOrder, passed: number, till: Teller, is: Is): Standing {
  const { words } = till;
  const { t } = words;
  const { order, closing } = live;
  const { attention } = order;
  if (attention === "end_refused")
    return is("doubt", t.attention.end_refused, t.open.refused, t.attentionNext.end_refused);
  const unasked = !canBeAsked(live);
  if (unasked && live.create_refused)
    return is("look", t.order.createRefused, t.open.createRefused, t.order.createRefusedUnasked);
  if (unasked) return is("look", t.attention.cannot_be_asked, t.open.cannotAsk, t.attentionNext.cannot_be_asked);
  if (isUnheard(live)) return unheard(live, passed, till, is);
  if (live.presented === "consumer") return confirming(live, passed, words, is);
  if (order.state === "paying")
    return closing === null
      ? is("busy", t.order.paying, t.open.paying, t.order.payingDetail)
      : is("busy", t.order.payingClosing, t.open.paying, t.order.payingClosingDetail);
  if (live.presented === "elsewhere") return is("wait", t.order.elsewhere, t.open.elsewhere, t.order.elsewhereDetail);
  const parameters = shows(live) === "parameters";
  if (live.link_lost) {
    const [title, brief] = lack(live, parameters, words);
    return is("look", title, brief, lackDetail(live, words));
  }
  if (order.state === "create_unknown") return is("look", t.order.unknown, t.open.unknown);
  if (closing !== null) {
    const left = (live.end_floor_in_ms ?? 0) - passed;
    const [waits, now] = parameters
      ? [t.order.parametersClosingWait, t.order.parametersClosingNow]
      : [t.order.closingWait, t.order.closingNow];
    const title = left > 0 ? waits(countdown(left)) : now;
    const detail = closing.refused > 0 ? t.order.closingRefused(closing.refused) : closingDetail(parameters, words);
    return is("wait", title, t.open.closing, detail);
  }
  if (order.state === "expiring")
    return is("wait", t.order.expiring, t.open.expiring, closingDetail(parameters, words));
  if (live.declined) return is("look", t.order.declined, t.open.declined);
  if (parameters) return is("wait", t.order.appWaiting, t.state.awaiting_payment);
  return is("wait", t.order.waiting, t.open.waiting);
}

/** Why there was no verified answer for a while: nobody answered, nobody could be asked, or what came was none. */
export type Silence = "no_answer" | "cannot_ask" | "untrusted" | "unreadable" | "said";

export function silenceOf(trouble: Trouble | null): Silence {
  if (trouble === null || trouble === "unreachable" || trouble === "timed_out") return "no_answer";
  if (trouble === "keyring" || trouble === "not_built") return "cannot_ask";
  if (typeof trouble === "string") return trouble;
  return "said" in trouble ? "said" : "unreadable";
}

/** The customer is confirming on the phone: an answer that says so and is no error, whatever its code. */
export function awaitsCustomer(trouble: Trouble | null): Said | null {
  const said = saidOf(trouble);
  return said?.reaction === "awaits_customer" ? said : null;
}

/** So many questions in a row without a usable answer that the screen says so. */
export function isUnheard({ asking }: LiveOrder): boolean {
  return asking.unanswered >= silence && awaitsCustomer(asking.trouble) === null;
}

/** What the customer would have paid by, and is not there: what is said at length, and in a few words. */
function lack({ gave_no_code: none, create_refused }: LiveOrder, parameters: boolean, { t }: Words): [string, string] {
  if (create_refused) return [t.order.createRefused, t.open.createRefused];
  if (parameters)
    return none ? [t.order.noParameters, t.open.noParameters] : [t.order.parametersLost, t.open.parametersLost];
  return none ? [t.order.noCode, t.open.noCode] : [t.order.lost, t.open.lost];
}

function closingDetail(parameters: boolean, { t }: Words): string {
  return parameters ? t.order.parametersClosingDetail : t.order.closingDetail;
}

/** Whether a further order by the same way would fare no better: this one got no code, and none was lost. */
export function needsAnotherWay({ gave_no_code, create_refused }: LiveOrder): boolean {
  return gave_no_code || create_refused;
}

/** Whether the same sale may be tried again by the same way, now that this order has ended without a payment. */
export function mayBeTriedAgain(live: LiveOrder): boolean {
  const { ended, order, further, presented } = live;
  return ended && order.state !== "paid" && further.allowed && presented !== "elsewhere" && !needsAnotherWay(live);
}

/** How an order ends that nobody can pay for want of a code, and what to do meanwhile. */
function lackDetail({ gave_no_code: none, create_refused, closes }: LiveOrder, { t }: Words): string {
  if (create_refused) return t.order.createRefusedDetail;
  if (none) return closes ? t.order.noCodeDetail : t.order.noCodeExpires;
  return closes ? t.order.lostDetail : t.order.lostExpires;
}

function unheard(live: LiveOrder, passed: number, { words }: Teller, is: Is): Standing {
  const { t } = words;
  const { trouble, answered_ago_ms: ago } = live.asking;
  const detail = live.link_lost ? lackDetail(live, words) : t.order.silentDetail;
  switch (silenceOf(trouble)) {
    case "cannot_ask":
      return is("look", t.order.cannotAsk, t.open.cannotAsk, t.order.cannotAskDetail);
    case "untrusted":
      return is("look", t.order.notTrusted, t.open.notTrusted, detail);
    case "unreadable":
      return is("look", t.order.answersUnusable, t.open.answersUnusable, detail);
    case "said":
      return is("look", t.order.answersError(saidOf(trouble)?.code ?? ""), t.open.answersError, detail);
    case "no_answer": {
      const title = ago === null ? t.order.silentEver : t.order.silent(words.seconds(ago + passed));
      return is("look", title, t.open.silent, detail);
    }
  }
}

/** The error code that an answer bore instead of what was asked. */
export function saidOf(trouble: Trouble | null): Said | null {
  return trouble !== null && typeof trouble === "object" ? (trouble.said ?? null) : null;
}

/** What the customer's payment code cannot do any more: this attempt ends, and then the next code is taken. */
function isCodeRefused({ said, declined }: LiveOrder): boolean {
  return said !== null && !declined && (said.reaction === "fresh_code" || said.reaction === "refused");
}

/** The customer's payment code was sent: it may be charged at any moment, until the gateway says that it will not. */
function confirming(live: LiveOrder, passed: number, words: Words, is: Is): Standing {
  const { t } = words;
  const { order, closing } = live;
  const ending = isCodeRefused(live) ? t.order.codeRefusedEnding : t.order.endingDetail;
  if (closing !== null) {
    const left = (live.end_floor_in_ms ?? 0) - passed;
    const span = countdown(left);
    const refused = closing.refused > 0;
    if (live.can_reverse) {
      const title = left > 0 ? t.order.reversingWait(span) : t.order.reversingNow;
      const detail = refused ? t.order.reversingRefused(closing.refused) : ending;
      return is("wait", title, t.open.reversing, detail);
    }
    const title = left > 0 ? t.order.closingCodeWait(span) : t.order.closingCodeNow;
    return is("wait", title, t.open.closing, refused ? t.order.closingRefused(closing.refused) : ending);
  }
  if (order.state === "paying") return is("busy", t.order.paying, t.open.paying, t.order.confirmingDetail);
  if (isCodeRefused(live) && order.state !== "expiring") {
    const left = countdown(endsIn(live, passed));
    return is("look", t.order.codeRefused, t.open.codeRefused, t.order.codeRefusedDetail(left, endsSooner(live)));
  }
  const awaited = live.said?.reaction === "awaits_customer" || awaitsCustomer(live.asking.trouble) !== null;
  if (order.state === "create_unknown" && awaited)
    return is("busy", t.order.confirming, t.open.confirming, t.order.confirmingDetail);
  if (order.state === "create_unknown")
    return is("look", t.order.codeUnknown, t.open.unknown, t.order.codeUnknownDetail);
  if (order.state === "expiring") return is("wait", t.order.codeEnding, t.open.expiring, ending);
  if (live.declined) return is("look", t.order.declined, t.open.declined, saidText(live, words));
  return is("wait", t.order.confirming, t.open.confirming, t.order.confirmingDetail);
}

/** Reactions whose words promise that the till goes on asking, or tell what the customer is doing at this moment. */
const whileAsked: Reaction[] = ["ask", "duplicate_number", "busy", "duplicate_refund", "awaits_customer"];

/** The reaction of that name, if there are words for it. */
export function reactionOf(name: string | undefined, { t }: Words): Reaction | null {
  return Object.keys(t.reaction).find((one): one is Reaction => one === name) ?? null;
}

/**
 * What the gateway's word leads to; nothing where that would be said of an order that is not asked about any more. `inDoubt`: no
 * other order may take the place of this one, and none is spoken of.
 */
export function reactionText(reaction: Reaction, isAsked: boolean, { t }: Words, inDoubt = false): string | null {
  if (!isAsked && whileAsked.includes(reaction)) return null;
  const ofDoubt: Partial<Record<Reaction, string>> = inDoubt ? t.reactionInDoubt : {};
  return ofDoubt[reaction] ?? t.reaction[reaction];
}

/** Whether it may still be paid, so that no further order of its sale is allowed. */
export function isInDoubt({ ended, further }: LiveOrder): boolean {
  return !ended && !further.allowed;
}

/** Whether the till goes on asking about an order, and the customer may still pay it. */
export function isAskedAbout({ ended, declined, order }: LiveOrder): boolean {
  return !ended && !declined && !order.attentions.includes("cannot_be_asked");
}

/** Whether the gateway itself ended it unpaid, and nobody here has marked it as paid: nothing was paid. */
export function isKnownUnpaid(live: LiveOrder): boolean {
  return live.ended && live.order.state !== "paid" && !isEndUnconfirmed(live) && !isMarkedPaid(live);
}

/** Whether the till ended it by itself: no verified answer says that nobody paid. That there is no such order is said unsigned. */
export function isEndUnconfirmed({ end_reason: why }: LiveOrder): boolean {
  return why === "expired_here" || why === "never_created";
}

/** Whether people marked it as paid, and the gateway has not spoken on that. */
export function isMarkedPaid({ by_hand: marks }: LiveOrder): boolean {
  return marks.some(({ what, verdict }) => what === "paid" && verdict === "open");
}

/** Whether somebody can have the gateway asked now. */
export function canBeAsked({ order }: LiveOrder): boolean {
  return !order.attentions.includes("cannot_be_asked");
}

/** Whether somebody can end an order here: where the gateway cannot be asked, only its code can be put away. */
export function canBeEnded(live: LiveOrder): boolean {
  const { order, closing, presented, ended } = live;
  if (ended || closing !== null || presented === "elsewhere" || order.state === "disputed") return false;
  return canBeAsked(live) || order.qr !== null || live.order.parameters !== null;
}

/** The gateway's own words, quoted, and what they lead to. */
export function quoted(said: Said | null, isAsked: boolean, words: Words, inDoubt = false): string | null {
  if (said === null) return null;
  const quote = words.t.common.quote(said.text ?? said.code);
  const next = reactionText(said.reaction, isAsked, words, inDoubt);
  return next === null ? quote : words.t.common.of(quote, next);
}

/** What the gateway said last about an order: that the customer is confirming outweighs what came before. */
export function saidText(live: LiveOrder, words: Words): string | null {
  return quoted(saidLast(live), isAskedAbout(live), words, isInDoubt(live));
}

function saidLast(live: LiveOrder): Said | null {
  return (isAskedAbout(live) ? awaitsCustomer(live.asking.trouble) : null) ?? live.said;
}

/** Whether the error of the last answer is what is quoted: it is said once. */
export function quotesTrouble({ asking, said }: LiveOrder): boolean {
  const trouble = saidOf(asking.trouble);
  return trouble !== null && said !== null && trouble.code === said.code && trouble.reaction === said.reaction;
}

/** The gateway's words below a headline and its detail: what those say already is not said again. */
export function saidBelow(live: LiveOrder, { detail }: Standing, words: Words): string | null {
  const said = saidLast(live);
  if (said === null || detail === saidText(live, words)) return null;
  const { t } = words;
  const known = said.reaction === "awaits_customer" && detail === t.order.confirmingDetail;
  const text = quoted(said, isAskedAbout(live) && !known, words, isInDoubt(live));
  const coded = quotesTrouble(live) && !isUnheard(live) && said.text !== null;
  return coded && text !== null ? t.common.bracketed(text, said.code) : text;
}

function attentionNext({ order }: LiveOrder, words: Words): string | null {
  const { attention } = order;
  return attention === null
    ? null
    : words.t.common.colon(words.t.attention[attention], nextOf(attention, order, words));
}

/**
 * What is to be done about it. What went back elsewhere is marked by hand, and once it is, only to be handled. What people saw go back is
 * not given back again while their proof is looked at.
 */
export function nextOf(
  attention: Attention,
  { attentions, elsewhere_marked: marked }: OrderView,
  { t }: Words,
): string {
  if (attention === "refund_failed" && attentions.includes("mark_contradicted"))
    return t.attentionNext.mark_contradicted;
  return attention === "refunded_elsewhere" && marked ? t.elsewhereMarkedNext : t.attentionNext[attention];
}

/** A row of the list has less to go by. */
export function lineStanding(line: OrderLine, words: Words): { tone: Tone; brief: string } {
  const { t } = words;
  const state = t.state[line.state];
  if (line.attention !== null) {
    const doubt = ["disputed", "double_payment", "end_refused", "refund_disputed", "mark_contradicted"].includes(
      line.attention,
    );
    const brief = line.state === "disputed" ? state : t.common.of(state, t.attention[line.attention]);
    return { tone: doubt ? "doubt" : "look", brief };
  }
  switch (line.state) {
    case "paid":
      return { tone: isAllRefunded(line) ? "off" : "good", brief: refundedText(line, words) };
    case "disputed":
      return { tone: "doubt", brief: state };
    case "paying":
      return { tone: "busy", brief: state };
    case "closed":
    case "failed":
    case "reversed":
      return { tone: "off", brief: state };
    case "create_unknown":
      return { tone: "look", brief: state };
    case "drafted":
    case "creating":
    case "awaiting_payment":
    case "expiring":
      return { tone: "wait", brief: state };
  }
}

function refundedText(line: OrderLine, words: Words): string {
  const { t } = words;
  if (!/[1-9]/.test(line.refunded)) return t.state[line.state];
  return t.common.of(t.state[line.state], isAllRefunded(line) ? t.orders.refundedAll : t.orders.refundedPart);
}

function isAllRefunded({ amount, refunded }: OrderLine): boolean {
  return amount === refunded;
}

/** What was wrong with the last answer, for people. */
export function troubleText(trouble: Trouble, isAsked: boolean, words: Words, inDoubt = false): string {
  const { t } = words;
  if (typeof trouble === "string") return t.trouble[trouble];
  const said = saidOf(trouble);
  if (said === null) {
    const why = trouble.unreadable;
    const off = typeof why === "object" ? why.stale : undefined;
    return off === undefined ? t.trouble.unreadable : staleText(String(off), words);
  }
  const next = reactionText(said.reaction, isAsked, words, inDoubt);
  return next === null ? t.trouble.said(said.code) : t.common.colon(t.trouble.said(said.code), next);
}

/** A signature that is right but for its time, which is so many seconds off. */
export function staleText(seconds: string, words: Words): string {
  return words.t.trouble.stale(words.t.common.seconds(words.amount(seconds)));
}
