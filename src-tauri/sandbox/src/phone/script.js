"use strict";

// Without this script the page still works: every button is a form of its own.
let submitting = false;
let seen = null;

document.addEventListener("submit", () => {
  submitting = true;
  for (const button of document.querySelectorAll("button")) button.disabled = true;
});

// A page that comes back out of the browser's memory may show an offer that has ended.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

async function refresh() {
  if (document.hidden || submitting) return;
  let next = null;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  } catch {
    next = null;
  }
  if (submitting) return;
  document.getElementById("offline").hidden = next !== null;
  if (next === null || next.innerHTML === seen) return;
  const first = seen === null;
  seen = next.innerHTML;
  const shown = document.querySelector("main");
  if (first && shown.innerHTML === seen) return;
  const focused = document.activeElement?.id;
  shown.replaceWith(document.adoptNode(next));
  if (focused) document.getElementById(focused)?.focus();
}

async function keepFresh() {
  await refresh();
  setTimeout(keepFresh, 1000);
}

keepFresh();
