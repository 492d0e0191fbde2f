import "./styles/base.css";
import { mount } from "svelte";
import { createHost } from "#host";
import App from "./App.svelte";
import { Till } from "./till/till.svelte.ts";

/** How long nothing is shown while the till opens: one that answers by then is drawn once and not twice. */
const blankMs = 150;

const target = document.getElementById("app");
if (target !== null) {
  const { host, clock } = createHost();
  const till = new Till(host, clock);
  const begun = till.begin();
  await Promise.race([begun, new Promise((over) => setTimeout(over, blankMs))]);
  mount(App, { target, props: { till, begun } });
}
