//! Ways to pay that a gateway refused when it was last asked: the next sale may choose another. They can be chosen all
//! the same, since only a further try shows that the gateway has put it right.
import { SvelteMap } from "svelte/reactivity";
import type { AccountView, LiveOrder } from "../host/contract.ts";

/** Why a way, or every way of its account, was refused. */
export type Refused = "channel_off" | "channel_misconfigured" | "check_account" | "check_keys";

type Mark = { refused: Refused; createdAt: string };

const taken = new Set(["awaiting_payment", "paying", "paid"]);

export class RefusedWays {
  /** By `account/channel`, or by the account where it is about the account. */
  readonly #marks = new SvelteMap<string, Mark>();

  of(account: string, channel: string): Refused | null {
    return (this.#marks.get(account) ?? this.#marks.get(`${account}/${channel}`))?.refused ?? null;
  }

  /** Takes what the gateway says about an order, once; one that it took later than it refused makes the way good again. */
  hear({ order, said }: LiveOrder, before: LiveOrder | null): void {
    const { account, channel, state, created_at: createdAt } = order;
    const way = `${account}/${channel}`;
    if (said !== null && !same(said, before?.said ?? null)) {
      const { reaction } = said;
      if (reaction === "channel_off" || reaction === "channel_misconfigured")
        this.#marks.set(way, { refused: reaction, createdAt });
      if (reaction === "check_account" || reaction === "check_keys")
        this.#marks.set(account, { refused: reaction, createdAt });
    } else if (taken.has(state)) {
      for (const key of [account, way]) {
        const mark = this.#marks.get(key);
        if (mark !== undefined && mark.createdAt < createdAt) this.#marks.delete(key);
      }
    }
  }

  /** Somebody put an account right. */
  renew(accounts: AccountView[], before: AccountView[]): void {
    const known = new Map(before.map((view) => [view.name, JSON.stringify(view)]));
    for (const view of accounts.filter(({ name }) => known.has(name))) {
      if (known.get(view.name) === JSON.stringify(view)) continue;
      for (const key of this.#marks.keys())
        if (key === view.name || key.startsWith(`${view.name}/`)) this.#marks.delete(key);
    }
  }
}

function same(said: NonNullable<LiveOrder["said"]>, before: LiveOrder["said"]): boolean {
  return before !== null && said.reaction === before.reaction && said.code === before.code && said.text === before.text;
}
