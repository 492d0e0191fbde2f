//! Adding a person, changing a PIN, taking a person off the list.
import type { Refusal, Role } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";
import { Sign } from "./sign.svelte.ts";

export type Deed = { kind: "add" } | { kind: "pin"; name: string } | { kind: "remove"; name: string };

export class OperatorForm {
  name = $state("");
  role = $state<Role>("cashier");
  pin = $state("");
  again = $state("");
  busy = $state(false);
  refused = $state.raw<Refusal | null>(null);
  readonly sign: Sign;

  different = $derived(this.again !== "" && this.pin !== this.again);
  ready = $derived.by(() => {
    if (this.busy || !this.sign.complete(false)) return false;
    if (this.deed.kind === "remove") return true;
    const named = this.deed.kind === "pin" || this.name.trim() !== "";
    return named && this.pin !== "" && this.pin === this.again;
  });

  constructor(
    readonly till: Till,
    readonly deed: Deed,
  ) {
    this.sign = new Sign(till);
    const managed = till.people.operators.some(({ role, removed }) => role === "manager" && !removed);
    if (!managed) this.role = "manager";
  }

  /** `true`: it is done. */
  async save(): Promise<boolean> {
    if (!this.ready) return false;
    const { till, deed } = this;
    const { pin: own } = this.sign.authority(false);
    const fresh = this.pin;
    this.busy = true;
    this.refused = null;
    this.sign.forget();
    try {
      till.meet(await this.#ask(deed, fresh, own));
      return true;
    } catch (thrown) {
      this.refused = refusalOf(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #ask(deed: Deed, fresh: string, own: string | null) {
    const { host } = this.till;
    switch (deed.kind) {
      case "add":
        return host.addOperator(this.name.trim(), this.role, fresh, own);
      case "pin":
        return host.setPin(deed.name, fresh, own);
      case "remove":
        return host.removeOperator(deed.name, own);
    }
  }
}
