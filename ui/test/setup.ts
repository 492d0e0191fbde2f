//! What jsdom lacks of a window.
import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/dom";
import { afterEach, beforeEach } from "vitest";
import { typeByHand } from "./hand.ts";

// A busy machine is no fault of a screen: wait for the thing, with a generous deadline.
configure({ asyncUtilTimeout: 15_000 });

class NoResize implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
globalThis.ResizeObserver ??= NoResize;

HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
  this.setAttribute("open", "");
  this.querySelector<HTMLElement>("button, input, a")?.focus();
};
HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) {
  this.removeAttribute("open");
};
Element.prototype.scrollTo ??= () => {};
Element.prototype.scrollIntoView ??= () => {};
HTMLCanvasElement.prototype.getContext = () => null;

// A list needs a height to know how many rows are in sight.
Object.defineProperty(HTMLElement.prototype, "offsetHeight", { configurable: true, get: () => 600 });
Object.defineProperty(HTMLElement.prototype, "offsetWidth", { configurable: true, get: () => 1000 });

typeByHand();

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

afterEach(() => {
  document.documentElement.removeAttribute("lang");
});
