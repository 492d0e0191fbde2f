//! The customer's window. It asks for nothing: the app calls `tillkeeper.show` with what to show.
import "../styles/base.css";
import { mount } from "svelte";
import Customer from "./Customer.svelte";
import { type Picture, Showing } from "./window.svelte.ts";

const shown = new Showing();

declare global {
  interface Window {
    tillkeeper: Readonly<{ show(picture: Picture): void }>;
  }
}

Object.defineProperty(window, "tillkeeper", {
  value: Object.freeze({ show: (picture: Picture) => shown.show(picture) }),
});

const target = document.getElementById("app");
if (target !== null) mount(Customer, { target, props: { shown } });
