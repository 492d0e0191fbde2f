//! What the customer sees, and for how long.
import { createSubscriber } from "svelte/reactivity";
import type { Language, Mark, QrPicture, Theme, Wallet } from "../host/contract.ts";

export type Picture = {
  language: Language;
  theme: Theme;
  shop_name: string;
  state: "blank" | "qr" | "confirm" | "paying" | "paid" | "withdrawn" | "ended";
  amount: string;
  currency: string;
  wallet: Wallet | null;
  qr: QrPicture | null;
  expires_in_ms: number;
  lasts_ms: number;
  training: boolean;
  mark: Mark | null;
};

export class Showing {
  picture = $state.raw<Picture | null>(null);
  #at = 0;
  #ticks = createSubscriber((renew) => {
    const timer = setInterval(renew, 500);
    return () => clearInterval(timer);
  });

  show(picture: Picture): void {
    this.#at = performance.now();
    this.picture = picture;
    document.documentElement.lang = picture.language;
    document.documentElement.dataset.theme = picture.theme;
  }

  /** Milliseconds until nobody can pay any more. */
  get left(): number {
    this.#ticks();
    return this.picture === null ? 0 : this.picture.expires_in_ms - (performance.now() - this.#at);
  }
}
