//! Asking the gateway about an order now, and what came of it.
import type { Came, LiveOrder, Trouble } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";
import { hindrance, reasonText } from "./refusal.ts";
import { awaitsCustomer, canBeAsked, isAskedAbout, isInDoubt, troubleText } from "./standing.ts";

/**
 * What came of a question, and how it left the order. `hindered`: the till said that it can send nothing, or store nothing of what
 * it hears.
 */
type Outcome = { no: string; left: string; changed: boolean; came: Came; hindered: boolean };

export class Asker {
  /** The order of the question under way, and when it was asked by the window's clock. */
  #asking = $state.raw<{ no: string; since: number } | null>(null);
  #outcome = $state.raw<Outcome | null>(null);

  constructor(readonly till: Till) {}

  async ask(live: LiveOrder): Promise<void> {
    if (this.#asking !== null || !canBeAsked(live)) return;
    const { till } = this;
    const { order_no: no } = live.order;
    const before = pictureOf(live);
    this.#asking = { no, since: till.clock.now() };
    this.#outcome = null;
    const got = await till.notices.orTell(() => till.host.ask(no));
    this.#asking = null;
    if (got === null) return;
    const { shown, came } = got.value;
    const left = pictureOf(till.take(shown).live);
    this.#outcome = { no, left, changed: left !== before, came, hindered: hindrance(till) !== null };
  }

  /** What is to be said of the question; `null` where nobody asked, or the order as it stands says it. */
  said(live: LiveOrder): string | null {
    const { till } = this;
    const { words } = till;
    const { order_no: no } = live.order;
    if (this.#asking?.no === no) return words.t.order.askingNow(words.calm(till.now - this.#asking.since));
    const outcome = this.#outcome;
    if (outcome === null || outcome.no !== no || outcome.left !== pictureOf(live)) return null;
    const hinders = hindrance(till);
    if (outcome.hindered || hinders !== null) return hinders;
    const { came, changed } = outcome;
    const trouble = troubleOf(came);
    if (trouble !== null && awaitsCustomer(trouble) === null)
      return troubleText(trouble, isAskedAbout(live), words, isInDoubt(live));
    return changed ? null : unchangedText(came, till);
  }
}

/** What was wrong with the answer, or kept the question from leaving. */
function troubleOf(came: Came): Trouble | null {
  if (typeof came === "string") return null;
  if (came.unanswered !== undefined) return came.unanswered;
  return came.not_asked === "keyring" || came.not_asked === "not_built" ? came.not_asked : null;
}

/** What is said of a question after which the order is as it was. */
function unchangedText(came: Came, till: Till): string | null {
  const { order } = till.words.t;
  if (came === "not_stored") return order.notStoredYet;
  const why = typeof came === "string" ? undefined : came.not_asked;
  if (why === undefined) return order.nothingNew;
  if (why === "patience") return order.notAskedNow;
  return why === "stores_first" ? order.storesFirst : (reasonText("not_asked", till) ?? null);
}

/** What an answer may change. */
function pictureOf({ order, refunds, by_hand }: LiveOrder): string {
  const { state, reason, attentions, refunded_elsewhere } = order;
  const back = refunds.map((refund) => [refund.refund_no, refund.state]);
  return JSON.stringify([state, reason, attentions, refunded_elsewhere, back, by_hand.map(({ verdict }) => verdict)]);
}
