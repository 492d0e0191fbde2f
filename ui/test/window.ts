//! The whole window on the fake host, as a cashier finds it.
import { cleanup, render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { tick } from "svelte";
import { expect } from "vitest";
import App from "../src/App.svelte";
import { FakeClock } from "../src/host/fake/clock.ts";
import { FakeTill, type Script } from "../src/host/fake/till.ts";
import { Till } from "../src/till/till.svelte.ts";

export type Opened = {
  till: FakeTill;
  clock: FakeClock;
  user: ReturnType<typeof userEvent.setup>;
  /** Lets time pass, and the screen follow. */
  pass(ms: number): Promise<void>;
  reload(): Promise<void>;
  shows(testId: string, text: string | RegExp): Promise<void>;
};

/** A window whose till has just begun to open. */
export function opening(host: FakeTill, clock: FakeClock): { till: Till; begun: Promise<void> } {
  const till = new Till(host, clock);
  return { till, begun: till.begin() };
}

export async function open(script: Script = {}, prepare: (till: FakeTill) => void = () => {}): Promise<Opened> {
  const clock = new FakeClock();
  const till = new FakeTill(clock, script);
  prepare(till);
  const user = userEvent.setup();
  const mount = async () => {
    render(App, { props: opening(till, clock) });
    await waitFor(() => expect(document.querySelector("main > *:not(.notices)")).not.toBeNull());
    await new Promise((shown) => requestAnimationFrame(shown));
    await tick();
  };
  await mount();
  return {
    till,
    clock,
    user,
    async pass(ms) {
      clock.advance(ms);
      await tick();
      await tick();
    },
    async reload() {
      cleanup();
      await mount();
    },
    async shows(testId, text) {
      await waitFor(() => expect(screen.getByTestId(testId)).toHaveTextContent(text));
    },
  };
}

/** Chooses a way to pay in the list of all. */
export async function choose({ user }: Opened, channel: string): Promise<void> {
  await user.keyboard("/");
  await user.click(await screen.findByTestId(`pick-${channel}`));
}

/** Charges `script` by a way to pay that asks for a payment code; the question for it. */
export async function askForCode(window: Opened, channel: string, script: string): Promise<HTMLElement> {
  await choose(window, channel);
  await window.user.keyboard(`${script}{Enter}`);
  return screen.findByTestId("scan-prompt");
}

/** A payment code that a hand gives, as a paste: a test types as fast as a scanner, and not as evenly. */
export async function giveCode({ user }: Opened, code: string): Promise<void> {
  screen.getByTestId("payment-code").focus();
  await user.paste(code);
}

/** After so long Enter is meant for the order that it made. */
export const seenMs = 600;

/** Sells `amount` by keyboard alone and waits for the code. */
export async function sell(window: Opened, amount = "12.50"): Promise<void> {
  await window.user.keyboard(amount);
  await window.user.keyboard("{Enter}");
  await screen.findByTestId("state");
}

/** The amount that stands at the checkout. */
export const amount = () => screen.getByTestId("amount").getAttribute("data-value");

/** Nothing of the code is kept or shown. */
export function isNowhere(code: string) {
  const kept = [...Object.values({ ...localStorage }), ...Object.values({ ...sessionStorage })].join();
  const fields = [...document.querySelectorAll("input, textarea")].map((field) => (field as HTMLInputElement).value);
  for (const part of [code, code.slice(0, 8), code.slice(-8)]) {
    expect(kept).not.toContain(part);
    expect(document.body.innerHTML).not.toContain(part);
    expect(fields.join()).not.toContain(part);
  }
}
