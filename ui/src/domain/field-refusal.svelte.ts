//! Why a form was refused, for as long as that is true: another text in the field that it speaks of ends it.
import type { Refusal } from "../host/contract.ts";

export class FieldRefusal<Field extends string> {
  #said = $state.raw<{ refusal: Refusal; field: Field; held: string } | null>(null);
  #standing = $derived.by(() => {
    const said = this.#said;
    return said !== null && this.held(said.field) === said.held ? said : null;
  });

  /** `held`: what stands in a field. */
  constructor(readonly held: (field: Field) => string) {}

  get refusal(): Refusal | null {
    return this.#standing?.refusal ?? null;
  }

  get field(): Field | null {
    return this.#standing?.field ?? null;
  }

  say(refusal: Refusal, field: Field): void {
    this.#said = { refusal, field, held: this.held(field) };
  }

  clear(): void {
    this.#said = null;
  }
}
