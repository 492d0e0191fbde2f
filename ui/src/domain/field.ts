//! What kind of value a field of an account holds.
import type { FieldKind } from "../host/contract.ts";

/** It goes into the keyring and never comes out. */
export function isSecret(kind: FieldKind): boolean {
  return kind === "secret" || kind === "private_key";
}
