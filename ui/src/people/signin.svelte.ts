//! Saying who stands at the till: a name by one key or by typing, then the PIN.

import { halfWidth } from "../domain/amount.ts";
import type { OperatorView, Refusal } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";
import { digitsOf, longestPin } from "./pin.ts";

export class SignIn {
  /** What was typed to find a name. */
  text = $state("");
  chosen = $state<string | null>(null);
  pin = $state("");
  busy = $state(false);
  refused = $state.raw<Refusal | null>(null);

  people = $derived.by(() => this.till.people.operators.filter(({ removed }) => !removed));
  found = $derived.by(() => {
    const sought = this.text.trim().toLowerCase();
    return this.people.filter(({ name }) => name.toLowerCase().includes(sought));
  });

  constructor(readonly till: Till) {
    this.begin();
  }

  /** Nobody has said yet who it is. Where there is only one, nobody has to choose. */
  begin(): void {
    const [only, ...others] = this.people;
    this.chosen = only !== undefined && others.length === 0 ? only.name : null;
    this.text = "";
    this.pin = "";
  }

  /** Typed into the field of names: a digit chooses, anything else finds. `true`: somebody was chosen. */
  seek(typed: string): boolean {
    const digit = halfWidth(typed);
    if (!/^[1-9]$/.test(digit)) {
      this.text = typed;
      return false;
    }
    this.text = "";
    return this.#choose(this.people[Number(digit) - 1]);
  }

  /** The first of those that were found. */
  take(): boolean {
    return this.#choose(this.found[0]);
  }

  choose(name: string): void {
    this.#choose(this.people.find((one) => one.name === name));
  }

  type(digit: string): void {
    this.pin = digitsOf(this.pin + digit).slice(0, longestPin);
  }

  erase(): void {
    this.pin = this.pin.slice(0, -1);
  }

  /** Minutes until this person may try again; `null`: now. */
  locked({ locked_for_s }: OperatorView): number | null {
    if (locked_for_s === null) return null;
    const left = locked_for_s * 1000 - Math.max(0, this.till.now - this.till.peopleAt);
    return left > 0 ? Math.ceil(left / 60_000) : null;
  }

  /** `true`: whoever it was is signed in. */
  async go(): Promise<boolean> {
    const { till, chosen, pin } = this;
    if (chosen === null || pin === "" || this.busy) return false;
    this.busy = true;
    this.pin = "";
    this.refused = null;
    try {
      till.meet(await till.host.signIn(chosen, pin));
      till.say(till.words.t.who.signedIn(chosen));
      return true;
    } catch (thrown) {
      this.refused = refusalOf(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #choose(person: OperatorView | undefined): boolean {
    if (person === undefined) return false;
    this.chosen = person.name;
    this.text = "";
    this.pin = "";
    this.refused = null;
    return true;
  }
}
