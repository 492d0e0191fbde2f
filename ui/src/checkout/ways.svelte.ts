//! The ways to pay that can be chosen now: every channel of every account that can sell, favourites first.
import type { Channel, Descriptor, ExtraField } from "../host/contract.ts";
import type { Refused } from "../till/refused-ways.ts";
import type { Till } from "../till/till.svelte.ts";

/** A way to pay that can be chosen now. */
export type Choice = {
  id: string;
  testId: string;
  account: string;
  channel: Channel;
  gateway: Descriptor;
  key: string | null;
  currency: string;
  /** What the cashier gives besides the amount, through this account. */
  fields: ExtraField[];
  favourite: boolean;
  /** The gateway refused it when it was last asked. */
  refused: Refused | null;
};

/** Keys of the ways beside the amount. F5 asks, F6 writes a note, F9 changes the way to pay. */
export const nearKeys = ["F1", "F2", "F3", "F4", "F7", "F8"];
/** Those of the next ones in the list: a digit alone is an amount, and one with Alt goes to a screen. */
const farKeys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => `Ctrl+${digit}`);
const channelKeys = [...nearKeys, ...farKeys];
const choiceKey = "till:choice";
const favouritesKey = "till:favourites";

export class Ways {
  #favourites = $state.raw<string[]>(readFavourites());
  #chosen = $state<string | null>(localStorage.getItem(choiceKey));

  all = $derived.by(() => this.#find());
  /** The one that the next sale takes. */
  chosen = $derived(this.all.find(({ id }) => id === this.#chosen) ?? this.all[0] ?? null);
  /** Whether more than one account offers them: then each names its own. */
  severalAccounts = $derived(new Set(this.all.map(({ account }) => account)).size > 1);
  severalCurrencies = $derived(new Set(this.all.map(({ currency }) => currency)).size > 1);

  constructor(private readonly till: Till) {}

  /** Chosen until another is, also after a restart. */
  choose(id: string): void {
    this.#chosen = id;
    localStorage.setItem(choiceKey, id);
  }

  /** Chosen for this customer. */
  suggest(id: string): void {
    this.#chosen = id;
  }

  /** Whose way it is: its account, and its currency where others take another. */
  ownerOf({ account, currency }: Choice): string {
    return this.severalCurrencies ? this.till.words.t.common.of(account, currency) : account;
  }

  /** Favourites come first, and get the first keys. */
  star(id: string): void {
    // What is chosen because it stands first stays chosen when another one does.
    this.#chosen ??= this.chosen?.id ?? null;
    const others = this.#favourites.filter((one) => one !== id);
    this.#favourites = others.length === this.#favourites.length ? [...others, id] : others;
    localStorage.setItem(favouritesKey, JSON.stringify(this.#favourites));
  }

  #find(): Choice[] {
    const usable = this.till.accounts.filter(({ retired, missing }) => !retired && missing.length === 0);
    const found = usable.flatMap((account) => {
      const gateway = this.till.descriptor(account.gateway);
      if (gateway === null || !gateway.creates) return [];
      return gateway.channels
        .filter(({ presented }) => presented !== "elsewhere")
        .filter(({ needs }) => needs === null || (account.fields[needs] ?? "") !== "")
        .map((channel) => ({ account, gateway, channel }));
    });
    const seen = new Set<string>();
    const choices = found.map(({ account, gateway, channel }) => {
      const first = !seen.has(channel.name);
      seen.add(channel.name);
      const id = `${account.name}/${channel.name}`;
      return {
        id,
        testId: first ? `channel-${channel.name}` : `channel-${account.name}-${channel.name}`,
        account: account.name,
        channel,
        gateway,
        key: null,
        fields: channel.fields.filter(({ unless }) => unless === null || account.fields[unless] !== "yes"),
        currency: account.currency,
        favourite: this.#favourites.includes(id),
        refused: this.till.refusedWays.of(account.name, channel.name),
      };
    });
    const rank = ({ id, favourite }: Choice) => (favourite ? this.#favourites.indexOf(id) : this.#favourites.length);
    return keyed(choices.sort((a, b) => rank(a) - rank(b)));
  }
}

/** These ways, the first ones with a key each. */
export function keyed(choices: Choice[]): Choice[] {
  return choices.map((choice, at) => ({ ...choice, key: channelKeys[at] ?? null }));
}

/** A key for each in a list, in its order; one that stands beside the amount keeps the key that it has there. */
export function keysOf(listed: Choice[], beside: Choice[]): Map<string, string> {
  const ids = new Set(listed.map(({ id }) => id));
  const keys = new Map<string, string>();
  for (const { id, key } of beside) if (key !== null && ids.has(id)) keys.set(id, key);
  const kept = new Set(keys.values());
  let last = -1;
  for (const { id } of listed) {
    const key = keys.get(id) ?? channelKeys.find((one, at) => at > last && !kept.has(one));
    if (key === undefined) continue;
    keys.set(id, key);
    last = Math.max(last, channelKeys.indexOf(key));
  }
  return keys;
}

/** For each way without a key its place in the list: typed into the search, it finds the way. */
export function numbersOf(listed: Choice[], keyOf: (choice: Choice) => string | null): Map<string, string> {
  const numbers = new Map<string, string>();
  for (const [at, choice] of listed.entries()) if (keyOf(choice) === null) numbers.set(choice.id, String(at + 1));
  return numbers;
}

/** What is still needed: of each group one name is enough. */
export function wantingFields(choice: Choice | null, extra: Record<string, string>): string[][] {
  if (choice === null) return [];
  const given = (name: string) => (extra[name] ?? "").trim() !== "";
  const groups = new Map<string, string[]>();
  for (const { name, required, either } of choice.fields) {
    const group = either === null ? `alone ${name}` : `either ${either}`;
    if (required || either !== null) groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return [...groups.values()].filter((names) => !names.some(given));
}

function readFavourites(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(favouritesKey) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id) => typeof id === "string") : [];
  } catch {
    // Nothing that this window wrote: it begins with none.
    return [];
  }
}
