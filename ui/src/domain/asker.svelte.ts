//! Asking the gateway about an order now, and what came of it.
import type { LiveOrder, Trouble } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";
import { hindrance } from "./refusal.ts";
import { awaitsCustomer, canBeAsked, isAskedAbout, troubleText } from "./standing.ts";

/**
 * What came of a question, and how it left the order. `asked`: one left for it. `hindered`: the till said that it can send nothing,
 * or store nothing of what it hears.
 */
type Came = {
  no: string;
  left: string;
  changed: boolean;
  asked: boolean;
  hindered: boolean;
  trouble: Trouble | null;
};

export class Asker {
  /** The order of the question under way, and when it was asked by the window's clock. */
  #asking = $state.raw<{ no: string; since: number } | null>(null);
  #came = $state.raw<Came | null>(null);

  constructor(readonly till: Till) {}

  async ask(live: LiveOrder): Promise<void> {
    if (this.#asking !== null || !canBeAsked(live)) return;
    const { till } = this;
    const { order_no: no } = live.order;
    const before = pictureOf(live);
    const since = till.clock.now();
    this.#asking = { no, since };
    this.#came = null;
    const got = await till.notices.orTell(() => till.host.ask(no));
    this.#asking = null;
    if (got === null) return;
    // Of an order that has ended, this picture alone tells what was wrong with the answer.
    const answer = got.value.live;
    const { trouble } = answer.asking;
    const asked = wasAsked(live, answer, till.clock.now() - since);
    const left = pictureOf(till.take(got.value).live);
    this.#came = { no, left, changed: left !== before, asked, hindered: hindrance(till) !== null, trouble };
  }

  /** What is to be said of the question; `null` where nobody asked, or the order as it stands says it. */
  said(live: LiveOrder): string | null {
    const { till } = this;
    const { words } = till;
    const { order_no: no } = live.order;
    if (this.#asking?.no === no) return words.t.order.askingNow(words.calm(till.now - this.#asking.since));
    const came = this.#came;
    if (came === null || came.no !== no || came.left !== pictureOf(live)) return null;
    const hinders = hindrance(till);
    if (came.hindered || hinders !== null) return hinders;
    if (!came.asked) return came.changed ? null : words.t.order.notAskedNow;
    if (came.trouble !== null && awaitsCustomer(came.trouble) === null)
      return troubleText(came.trouble, isAskedAbout(live), words);
    return came.changed ? null : words.t.order.nothingNew;
  }
}

/**
 * Whether a question left: one more was counted, one was under way and its answer was waited for, or an answer came within the
 * milliseconds that it took. What was counted for an order that has ended goes with its task, which ends once it has asked.
 */
function wasAsked(before: LiveOrder, { asking, ended }: LiveOrder, took: number): boolean {
  const { asked, answered_ago_ms: ago, next_in_ms: next } = asking;
  if (asked > before.asking.asked || before.asking.in_flight) return true;
  if (ago !== null && ago < took) return true;
  return ended && asked === 0 && next === null;
}

/** What an answer may change. */
function pictureOf({ order, refunds, by_hand }: LiveOrder): string {
  const { state, reason, attentions, refunded_elsewhere } = order;
  const back = refunds.map((refund) => [refund.refund_no, refund.state]);
  return JSON.stringify([state, reason, attentions, refunded_elsewhere, back, by_hand.map(({ verdict }) => verdict)]);
}
