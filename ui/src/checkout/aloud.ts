//! What changes about the order on screen is said aloud, once.
import { isUnheard, silenceOf, standing } from "../domain/standing.ts";
import type { LiveOrder } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";

/** So many orders are remembered. */
const most = 50;

export class Aloud {
  #told = new Map<string, string>();

  constructor(readonly till: Till) {}

  say(live: LiveOrder): void {
    const { order, declined, closing } = live;
    const said = standing(live, 0, this.till);
    const key = `${order.state}/${declined}/${closing !== null}/${live.given_back}/${silentKey(live)}`;
    if (this.#told.get(order.order_no) === key) return;
    this.#told.set(order.order_no, key);
    for (const old of [...this.#told.keys()].slice(0, -most)) this.#told.delete(old);
    this.till.say(`${this.till.words.money(order.amount, order.currency)} ${said.title}`);
  }
}

/** What is said anew when an order falls silent, or is silent for another reason. */
function silentKey(live: LiveOrder): string {
  return isUnheard(live) ? silenceOf(live.asking.trouble) : "";
}
