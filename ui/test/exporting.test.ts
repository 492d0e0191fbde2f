import { screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { account, harbour } from "../src/host/fake/gateways.ts";
import { person } from "../src/host/fake/people.ts";
import type { Script } from "../src/host/fake/till.ts";
import { type Opened, open } from "./window.ts";

async function dialog(
  script: Script = {},
  prepare: (window: Opened) => Promise<void> = async () => {},
): Promise<Opened> {
  const window = await open(script, (till) => {
    till.seed("12.50", "paid", 60_000);
  });
  await window.user.keyboard("{Alt>}2{/Alt}");
  await screen.findByTestId("export");
  await prepare(window);
  await window.user.click(screen.getByTestId("export"));
  await screen.findByTestId("export-dialog");
  return window;
}

describe("an export", () => {
  it("goes on beside the till, says how far it is, and where it lies", async () => {
    const window = await dialog();
    const { user, till } = window;
    expect(screen.getByTestId("export-format")).toHaveFocus();
    expect(screen.queryByTestId("export-not-narrowed")).toBeNull();
    await user.click(screen.getByTestId("export-start"));
    expect(till.calls).toContain("export xlsx ..");
    await window.shows("export-progress", "正在准备");
    await window.pass(400);
    await window.pass(200);
    await window.shows("export-progress", /已处理 [4-6],000 \/ 10,000/);
    await window.pass(1_000);
    await window.shows("export-folder", "/home/till/Documents/Tillkeeper");
    await window.shows("export-done", "订单 1,200 行，退款 30 行，流水 8,770 条");
    await window.shows("export-done", "清单已由收银台签名");
    await user.click(screen.getByTestId("export-show"));
    expect(till.calls).toContain("show export");
    await user.click(screen.getByTestId("export-close"));
    expect(screen.queryByTestId("export-dialog")).toBeNull();
  });

  it("takes day and state from the list, and says what it does not take", async () => {
    const { user, till } = await dialog({}, async ({ user }) => {
      await user.selectOptions(screen.getByTestId("search-state"), "closed");
      await user.type(screen.getByTestId("search"), "7K3F");
    });
    expect(screen.getByTestId("export-not-narrowed")).toHaveTextContent("搜索框里的字");
    expect(screen.getByTestId("export-states")).toHaveTextContent(/已关闭|关闭/);
    await user.click(screen.getByTestId("export-from-all"));
    await user.selectOptions(screen.getByTestId("export-format"), "csv");
    await user.click(screen.getByTestId("export-start"));
    expect(till.calls.at(-1)).toMatch(/^export csv \d{4}-\d{2}-\d{2}\.\. closed$/);
  });

  it("goes out of one account, by one way to pay and of one person, where they are chosen", async () => {
    const { user, till } = await dialog({
      accounts: [account, harbour],
      operators: [person("Fong", "cashier", "1234")],
    });
    const offered = (testId: string) =>
      [...screen.getByTestId<HTMLSelectElement>(testId).options].map(({ value }) => value);
    expect(offered("export-account")).toEqual(["", "main", "harbour"]);
    expect(offered("export-sold-by")).toEqual(["", "Fong", "owner", "nobody", "gateway"]);
    await user.selectOptions(screen.getByTestId("export-channel"), "qq.scan");
    await user.selectOptions(screen.getByTestId("export-account"), "harbour");
    expect(offered("export-channel")).not.toContain("qq.scan");
    expect(screen.getByTestId("export-channel")).toHaveValue("");
    await user.selectOptions(screen.getByTestId("export-channel"), "micropay");
    await user.selectOptions(screen.getByTestId("export-sold-by"), "Fong");
    await user.click(screen.getByTestId("export-start"));
    expect(till.calls.at(-1)).toBe("export xlsx .. harbour micropay Fong");
  });

  it("is cancelled by its button and by closing the dialog, and says that nothing was left", async () => {
    const window = await dialog();
    const { user, till } = window;
    await user.click(screen.getByTestId("export-start"));
    await user.click(await screen.findByTestId("export-stop"));
    await window.shows("export-refused", "没有留下写到一半的文件夹");
    await user.click(screen.getByTestId("export-start"));
    await screen.findByTestId("export-stop");
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("export-dialog")).toBeNull();
    expect(till.calls.filter((call) => call === "cancel export")).toHaveLength(2);
  });

  it("says that it is not signed", async () => {
    const window = await dialog();
    window.till.signs = false;
    await window.user.click(screen.getByTestId("export-start"));
    await window.pass(1_200);
    await window.shows("export-done", "没有签名");
  });

  it("says that the journal it was made from has a fault", async () => {
    const window = await dialog();
    window.till.journalFault = { kind: "projection_differs", first_bad_seq: 41 };
    await window.user.click(screen.getByTestId("export-start"));
    await window.pass(1_200);
    await window.shows("export-found", "这份导出里少了什么，从它本身看不出来");
  });
});
