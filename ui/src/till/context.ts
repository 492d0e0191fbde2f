//! What every screen stands on.
import { createContext } from "svelte";
import type { Checkout } from "../checkout/checkout.svelte.ts";
import type { Desk } from "./desk.svelte.ts";
import type { Till } from "./till.svelte.ts";

export const [getTill, setTill] = createContext<Till>();
export const [getDesk, setDesk] = createContext<Desk>();
export const [getCheckout, setCheckout] = createContext<Checkout>();
