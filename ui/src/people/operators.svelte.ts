//! Adding a person, changing a PIN, taking a person off the list.
import { FieldRefusal } from "../domain/field-refusal.svelte.ts";
import type { Refusal, Role } from "../host/contract.ts";
import { refusalOf } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";
import { Sign } from "./sign.svelte.ts";

export type Deed = { kind: "add" } | { kind: "pin"; name: string } | { kind: "remove"; name: string };

type Field = "name" | "new-pin" | "own-pin";

export class OperatorForm {
  name = $state("");
  role = $state<Role>("cashier");
  pin = $state("");
  again = $state("");
  busy = $state(false);
  readonly sign: Sign;
  readonly #said = new FieldRefusal<Field>((field) => this.#content(field));

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
    if (!till.managed) this.role = "manager";
  }

  /** Why it was not done, until another text stands in the field that this speaks of. */
  get refused(): Refusal | null {
    return this.#said.refusal;
  }

  /** `true`: it is done. */
  async save(): Promise<boolean> {
    if (!this.ready) return false;
    const { till, deed } = this;
    const { pin: own } = this.sign.authority(false);
    const fresh = this.pin;
    this.busy = true;
    this.#said.clear();
    this.sign.forget();
    try {
      till.meet(await this.#ask(deed, fresh, own));
      return true;
    } catch (thrown) {
      const refusal = refusalOf(thrown);
      this.#said.say(refusal, this.#fieldOf(refusal));
      return false;
    } finally {
      this.busy = false;
    }
  }

  #fieldOf(refusal: Refusal): Field {
    if (refusal.code === "bad_pin") return "new-pin";
    return this.sign.fieldOf(refusal) === null ? "name" : "own-pin";
  }

  #content(field: Field): string {
    if (field === "name") return JSON.stringify([this.name, this.role]);
    return field === "new-pin" ? JSON.stringify([this.pin, this.again]) : this.sign.pin;
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
