//! Where the system's input method may take keys.
import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { person } from "../src/host/fake/people.ts";
import { type Opened, open } from "./window.ts";

const asked = (window: Opened) => window.till.calls.filter((call) => call.startsWith("input method"));

describe("an input method", () => {
  it("may take keys only while words are typed, and is told of changes alone", async () => {
    const window = await open();
    expect(asked(window)).toEqual([]);
    await window.user.keyboard("8");
    await window.user.keyboard("{F6}");
    await waitFor(() => expect(window.till.inputMethod).toBe(true));
    await window.user.keyboard("{Escape}");
    await waitFor(() => expect(window.till.inputMethod).toBe(false));
    screen.getByTestId("rail-checkout").focus();
    screen.getByTestId("amount-input").focus();
    await window.pass(0);
    expect(asked(window)).toEqual(["input method true", "input method false"]);
  });

  it("ends up as the last field wants it, however quickly the focus moves", async () => {
    const window = await open();
    const note = screen.getByTestId("note");
    const input = screen.getByTestId("amount-input");
    for (const field of [note, input, note, input, note]) field.focus();
    await waitFor(() => expect(window.till.inputMethod).toBe(true));
    for (const field of [input, note, input]) field.focus();
    await waitFor(() => expect(window.till.inputMethod).toBe(false));
    note.focus();
    await waitFor(() => expect(window.till.inputMethod).toBe(true));
    note.blur();
    await waitFor(() => expect(window.till.inputMethod).toBe(false));
  });

  it("is taken away when its field goes with the focus in it", async () => {
    const window = await open();
    await window.user.keyboard("8{F6}");
    await waitFor(() => expect(window.till.inputMethod).toBe(true));
    await window.user.keyboard("{Enter}");
    await screen.findByTestId("state");
    await waitFor(() => expect(window.till.inputMethod).toBe(false));
  });

  it("says so when it cannot be told", async () => {
    const window = await open();
    window.till.allowInputMethod = () => Promise.reject(new Error("gone"));
    screen.getByTestId("note").focus();
    await window.shows("notice", /./);
  });

  it("is kept from PINs, amounts and numbers, and not from names and reasons", async () => {
    const window = await open({ operators: [person("陈店长", "manager", "2468")] });
    const words = (testId: string) => screen.getByTestId(testId).matches("[data-words]");
    expect([words("amount-input"), words("note")]).toEqual([false, true]);
    await window.user.keyboard("{F10}");
    await screen.findByTestId("sign-in");
    expect([words("sign-in-pin"), words("sign-in-find")]).toEqual([false, true]);
    await window.user.keyboard("{Escape}");
    await window.user.click(screen.getByTestId("rail-settings"));
    await screen.findByTestId("shop-name");
    expect([words("spbill-create-ip"), words("shop-name"), words("till-name")]).toEqual([false, true, true]);
    await window.user.click(screen.getByTestId("rail-orders"));
    await screen.findByTestId("search");
    expect(words("search")).toBe(false);
    await window.user.click(screen.getByTestId("rail-refunds"));
    await screen.findByTestId("refund-find");
    expect(words("refund-find")).toBe(false);
  });
});
