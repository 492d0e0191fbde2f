//! Where the focus goes when what had it is taken from the page.
import { tick } from "svelte";

/**
 * Gives the focus back to `before` or, where that cannot take it, to the first field that the screen marks
 * (`data-first`), or else to the screen itself; where a dialog is still open, to the first field of that. What has taken it
 * meanwhile keeps it.
 */
export async function refocus(before: Element | null): Promise<void> {
  await tick();
  const main = document.getElementById("main");
  const within = [...document.querySelectorAll("dialog[open]")].at(-1) ?? main;
  const nowhere: (Element | null)[] = [null, document.body, main];
  for (const place of [before, within?.querySelector("[data-first]"), within]) {
    if (!nowhere.includes(document.activeElement)) return;
    if (place instanceof HTMLElement) place.focus({ preventScroll: true });
  }
}

/** Attached to what may be taken from the page with the focus in it. */
export function refocusAfter(before: Element | null = null): () => () => void {
  return () => () => void refocus(before);
}
