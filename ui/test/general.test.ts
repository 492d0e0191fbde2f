//! The settings that take effect at once: what stands there is what is in force.
import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { type Opened, open } from "./window.ts";

async function general(): Promise<Opened> {
  const window = await open();
  await window.user.click(screen.getByTestId("rail-settings"));
  await screen.findByTestId("language");
  return window;
}

const chosen = (testId: string) =>
  within(screen.getByTestId(testId))
    .getAllByRole<HTMLInputElement>("radio")
    .filter(({ checked }) => checked)
    .map(({ value }) => value);

describe("a change that was refused", () => {
  it.each([
    ["language", "language-", "zh-CN", "en"],
    ["theme", "theme-", "light", "dark"],
    ["customer-window-setting", "customer-window-", "auto", "never"],
  ])("leaves what is in force chosen (%s)", async (setting, prefix, inForce, other) => {
    const { user, till } = await general();
    expect(chosen(setting)).toEqual([inForce]);
    till.refuseNext = "disk_full";
    await user.click(screen.getByTestId(prefix + other));
    await screen.findByTestId("notice");
    await waitFor(() => expect(chosen(setting)).toEqual([inForce]));
    await user.click(screen.getByTestId(prefix + other));
    await waitFor(() => expect(screen.queryByTestId("notice")).toBeNull());
    await waitFor(() => expect(chosen(setting)).toEqual([other]));
  });

  it("leaves a list at what is in force", async () => {
    const { user, till } = await general();
    const level = screen.getByTestId<HTMLSelectElement>("log-level");
    till.refuseNext = "disk_full";
    await user.selectOptions(level, "trace");
    await screen.findByTestId("notice");
    await waitFor(() => expect(level.value).toBe("info"));
    await user.selectOptions(level, "debug");
    await waitFor(async () => expect((await till.settings()).log_level).toBe("debug"));
    expect(level.value).toBe("debug");
  });

  it.each(["settings-accounts", "rail-orders"])("is no longer told on another screen (%s)", async (elsewhere) => {
    const { user, till } = await general();
    till.refuseNext = "disk_full";
    await user.click(screen.getByTestId("theme-dark"));
    await screen.findByTestId("notice");
    await user.click(screen.getByTestId(elsewhere));
    await waitFor(() => expect(screen.queryByTestId("notice")).toBeNull());
  });

  it("is told once, as the last one was refused", async () => {
    const { user, till } = await general();
    for (const code of ["disk_full", "folder_read_only"] as const) {
      till.refuseNext = code;
      await user.click(screen.getByTestId("theme-dark"));
      await waitFor(() => expect(screen.getByTestId("notice").querySelector(`[data-code=${code}]`)).not.toBeNull());
      expect(screen.getAllByTestId("notice")).toHaveLength(1);
      await waitFor(() => expect(chosen("theme")).toEqual(["light"]));
    }
  });
});
