//! Who answers for a deed: the PIN of whoever is signed in and, where one is wanted, a second person's name and PIN.
import type { Authority, Refusal } from "../host/contract.ts";
import type { Till } from "../till/till.svelte.ts";

/** A field of a signature. */
export type SignField = "pin" | "second-name" | "second-pin";

const nothing = { pin: "", secondName: "", secondPin: "" };

export class Sign {
  #typed = $state.raw({ stay: 0, ...nothing });

  /** Whose PIN is wanted; `null`: the owner has none. */
  signer = $derived.by(() => {
    const { kind, name } = this.till.people.session;
    return kind === "operator" ? name : null;
  });
  /** Who else may sign now. */
  others = $derived.by(() =>
    this.till.people.operators.filter(
      ({ name, removed, locked_for_s }) => !removed && locked_for_s === null && name !== this.signer,
    ),
  );

  constructor(readonly till: Till) {}

  get pin(): string {
    return this.#now.pin;
  }

  set pin(pin: string) {
    this.#typed = { ...this.#now, pin };
  }

  get secondName(): string {
    return this.#now.secondName;
  }

  set secondName(secondName: string) {
    this.#typed = { ...this.#now, secondName };
  }

  get secondPin(): string {
    return this.#now.secondPin;
  }

  set secondPin(secondPin: string) {
    this.#typed = { ...this.#now, secondPin };
  }

  /** What was typed since whoever is here came, and nothing of anybody before. */
  get #now() {
    const { stay } = this.till;
    return this.#typed.stay === stay ? this.#typed : { stay, ...nothing };
  }

  /** Whether everything is there that the till will want. */
  complete(second: boolean): boolean {
    return this.missing(second) === null;
  }

  /** The first field in which something is missing. */
  missing(second: boolean): SignField | null {
    if (this.signer !== null && this.pin === "") return "pin";
    if (!second) return null;
    if (this.secondName.trim() === "") return "second-name";
    return this.secondPin === "" ? "second-pin" : null;
  }

  /** What stands in a field. */
  held(field: SignField): string {
    switch (field) {
      case "pin":
        return this.pin;
      case "second-name":
        return this.secondName;
      case "second-pin":
        return this.secondPin;
    }
  }

  /** The field that a refusal speaks of, if it is one of these. */
  fieldOf({ code, facts }: Refusal): SignField | null {
    switch (code) {
      case "pin_needed":
        return "pin";
      case "pin_wrong":
      case "pin_outdated":
      case "locked_out":
        return facts.name === this.secondName.trim() ? "second-pin" : "pin";
      case "second_person_needed":
        return this.secondName.trim() === "" ? "second-name" : "second-pin";
      case "second_person_same":
      case "operator_unknown":
        return "second-name";
      default:
        return null;
    }
  }

  authority(second: boolean): Authority {
    return {
      pin: this.signer === null ? null : this.pin,
      second: second ? { name: this.secondName.trim(), pin: this.secondPin } : null,
    };
  }

  /** No PIN outlives its deed. */
  forget(): void {
    this.#typed = { ...this.#now, pin: "", secondPin: "" };
  }

  clear(): void {
    this.#typed = { stay: this.till.stay, ...nothing };
  }
}
