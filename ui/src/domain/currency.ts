//! The currencies of the till, by their codes.
import type { Currency } from "../host/contract.ts";

/** Total: a currency that is new to the till does not compile without a line here. */
const currencies = { CNY: "CNY", HKD: "HKD", AUD: "AUD" } satisfies { [one in Currency]: one };

/** The currency of that code, for requests that name one. */
export function currencyOf(code: string): Currency | null {
  return Object.values(currencies).find((one) => one === code) ?? null;
}
