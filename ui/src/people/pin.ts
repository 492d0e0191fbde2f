//! A PIN while it is typed: digits only, also those of an input method.
import { halfWidth } from "../domain/amount.ts";

export const longestPin = 12;

export function digitsOf(typed: string): string {
  return halfWidth(typed)
    .replace(/[^0-9]/g, "")
    .slice(0, longestPin);
}
