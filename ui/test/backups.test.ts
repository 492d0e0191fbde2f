//! The daily backup in the settings: where it goes, how long it is kept, and when the newest was made.
import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { Script } from "../src/host/fake/till.ts";
import { type Opened, open } from "./window.ts";

const on = { folder: "/media/usb/till", keep: 7, keep_raw_days: null };

async function general(script: Script = {}, prepare?: Parameters<typeof open>[1]): Promise<Opened> {
  const window = await open({ ...script, settings: { language: "en", ...script.settings } }, prepare);
  await window.user.click(screen.getByTestId("rail-settings"));
  await window.user.click(await screen.findByTestId("settings-general"));
  return window;
}

describe("the daily backup", () => {
  it("is off, and takes a folder and how long it is kept", async () => {
    const { user, till } = await general();
    expect(await screen.findByTestId("backup-last")).toHaveTextContent("No daily backup is made.");
    await user.type(screen.getByTestId("backup-folder"), "/media/usb/till{Tab}");
    await waitFor(() => expect(screen.getByTestId("backup-last")).toHaveTextContent("There is no daily backup yet"));
    await user.clear(screen.getByTestId("backup-keep"));
    await user.type(screen.getByTestId("backup-keep"), "7{Tab}");
    await waitFor(async () => expect((await till.settings()).backup).toEqual(on));
    await user.type(screen.getByTestId("keep-raw-days"), "90{Tab}");
    await waitFor(async () => expect((await till.settings()).backup.keep_raw_days).toBe(90));
    await user.clear(screen.getByTestId("keep-raw-days"));
    await user.tab();
    await waitFor(async () => expect((await till.settings()).backup).toEqual(on));
  });

  it("says when the newest was made", async () => {
    await general({ settings: { backup: on } }, (till) => {
      till.backupAt = new Date(till.clock.wall()).toISOString();
    });
    await waitFor(() => expect(screen.getByTestId("backup-last")).toHaveTextContent("The newest daily backup: "));
  });
});
