//! The receiver's settings: set, refused, checked from outside, and what came in.
import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { account, speaker } from "../src/host/fake/gateways.ts";
import { person } from "../src/host/fake/people.ts";
import type { Script } from "../src/host/fake/till.ts";
import { type Opened, open } from "./window.ts";

const set = { listen: "127.0.0.1:8787", public_address: "https://pay.example.com", proxy: "" };
const state = () => screen.getByTestId("receiver-state").dataset.state;

async function settings(script: Script = {}, part = "receiver", prepare?: Parameters<typeof open>[1]): Promise<Opened> {
  const window = await open({ ...script, settings: { language: "en", ...script.settings } }, prepare);
  await window.user.click(screen.getByTestId("rail-settings"));
  await window.user.click(await screen.findByTestId(`settings-${part}`));
  return window;
}

describe("the list of prices", () => {
  it.each([
    ["catalogue_unread", "not_allowed", "catalogue cannot be read: not permitted"],
    ["catalogue_error", "5", "the system's error is number 5"],
  ])("that the system does not give is told in words (%s)", async (name, value, said) => {
    const { user, till } = await settings({}, "accounts");
    const facts = { [name]: value };
    till.checkAccount = () => Promise.resolve([{ what: "gateway:main", well: false, facts, fault: null }]);
    await user.click(await screen.findByTestId("check-main"));
    expect(await screen.findByTestId("finding-gateway:main")).toHaveTextContent(said);
  });
});

describe("the receiver", () => {
  it("is off, takes an address by keyboard alone and listens at once", async () => {
    const { user, till } = await settings();
    await waitFor(() => expect(state()).toBe("off"));
    expect(screen.queryByTestId("receiver-check")).toBeNull();
    await user.click(screen.getByTestId("receiver-listen"));
    await user.keyboard("127.0.0.1:8787{Tab}https://pay.example.com{Enter}");
    await waitFor(() => expect(state()).toBe("on"));
    expect(screen.getByTestId("receiver-state")).toHaveTextContent("127.0.0.1:8787");
    expect((await till.settings()).receiver).toEqual({ ...set, proxy: "" });
    expect(screen.getByTestId("receiver-check")).toBeEnabled();
  });

  it.each([
    ["receiver-listen", "8787", "an IP address and a port"],
    ["receiver-address", "pay.example.com", "a complete address"],
    ["receiver-proxy", "proxy.example.com", "an IP address alone"],
  ])("says at %s what is wrong with it, and keeps what was typed", async (field, typed, said) => {
    const { user, till } = await settings({ settings: { receiver: set } });
    await user.clear(await screen.findByTestId(field));
    await user.type(screen.getByTestId(field), `${typed}{Enter}`);
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent(new RegExp(said, "i"));
    expect(screen.getByTestId(field)).toHaveAttribute("aria-invalid", "true");
    expect(screen.getByTestId(field)).toHaveValue(typed);
    expect((await till.settings()).receiver).toEqual(set);
  });

  it("says why it cannot listen", async () => {
    await settings({ settings: { receiver: set } }, "receiver", (till) => {
      till.receiving.taken = true;
    });
    await waitFor(() => expect(state()).toBe("failed"));
    expect(screen.getByTestId("receiver-state")).toHaveTextContent(
      "Notifications cannot be received at 127.0.0.1:8787: in use",
    );
    expect(screen.queryByTestId("receiver-check")).toBeNull();
  });

  it("with a public address alone it says that a listen address is missing", async () => {
    await settings({ settings: { receiver: { ...set, listen: "" } } });
    await waitFor(() => expect(state()).toBe("off"));
    expect(screen.getByTestId("receiver-state")).toHaveTextContent("https://pay.example.com is set and no listen");
    expect(screen.getByTestId("receiver-state")).toHaveTextContent("Set a listen address too");
  });

  it("receives and says that its proxy is to be named, until it is", async () => {
    const { user } = await settings({ settings: { receiver: set } }, "receiver", (till) => {
      till.receiving.proxy = "127.0.0.1";
    });
    await waitFor(() => expect(state()).toBe("on"));
    const said = 'name it in the settings: proxy = "127.0.0.1"';
    expect(screen.getByTestId("receiver-state")).toHaveTextContent(said);
    expect(screen.getByTestId("receiver-check")).toBeEnabled();
    await user.type(screen.getByTestId("receiver-proxy"), "127.0.0.1{Enter}");
    await waitFor(() => expect(screen.getByTestId("receiver-state")).not.toHaveTextContent(said));
  });

  it("is checked from outside, and each thing in the way is said by itself", async () => {
    const { user, till } = await settings({ settings: { receiver: set } });
    await waitFor(() => expect(screen.getByTestId("receiver-check")).toBeEnabled());
    await user.click(screen.getByTestId("receiver-check"));
    const found = () => screen.getByTestId("finding-receiver:outside");
    await waitFor(() => expect(found().dataset.well).toBe("true"));
    for (const [code, said] of [
      ["outside_untrusted", "certificate"],
      ["outside_redirected", "leads on"],
      ["outside_refused", "error 502"],
      ["outside_another_answers", "not this till"],
      ["outside_timed_out", "in time"],
      ["outside_unreachable", "could not be connected"],
      ["outside_answer_changed", "did not come back"],
    ] as const) {
      till.receiving.outside = code;
      await user.click(screen.getByTestId("receiver-check"));
      await waitFor(() => expect(found()).toHaveTextContent(said));
      expect(found()).toHaveTextContent("https://pay.example.com");
      expect(found().dataset.well).toBe("false");
    }
  });

  it("waited where nobody answered, and was answered where somebody did", async () => {
    const { user, till } = await settings({ settings: { receiver: set } });
    await waitFor(() => expect(screen.getByTestId("receiver-check")).toBeEnabled());
    const found = () => screen.getByTestId("finding-receiver:outside");
    for (const code of [
      "outside_unreachable",
      "outside_timed_out",
      "outside_untrusted",
      "outside_not_asked",
    ] as const) {
      till.receiving.outside = code;
      await user.click(screen.getByTestId("receiver-check"));
      await waitFor(() => expect(found()).toHaveTextContent("waited 84 ms"));
      expect(found()).not.toHaveTextContent("answered after");
    }
    till.receiving.outside = "outside_refused";
    await user.click(screen.getByTestId("receiver-check"));
    await waitFor(() => expect(found()).toHaveTextContent("answered after 84 ms"));
    // One character more than fits, so that what is too long is seen to be refused.
    expect(screen.getByTestId("receiver-address")).toHaveAttribute("maxlength", "181");
  });

  it("names the paths that fail for another reason", async () => {
    const { user, till } = await settings({ settings: { receiver: set } });
    const facts = { fails_otherwise: "https://pay.example.com/pay/" };
    till.checkReceiver = () => Promise.resolve([{ what: "receiver:outside", well: false, facts, fault: null }]);
    await waitFor(() => expect(screen.getByTestId("receiver-check")).toBeEnabled());
    await user.click(screen.getByTestId("receiver-check"));
    expect(await screen.findByTestId("finding-receiver:outside")).toHaveTextContent(
      "fails for another reason: https://pay.example.com/pay/",
    );
  });

  it("cannot be checked from outside without a public address", async () => {
    await settings({ settings: { receiver: { ...set, public_address: "" } } });
    expect(await screen.findByTestId("receiver-check")).toBeDisabled();
    expect(screen.getByTestId("receiver-check")).toHaveAccessibleDescription(
      "With a public address it can be checked from outside.",
    );
  });

  it("forgets what was found when something else is set", async () => {
    const { user } = await settings({ settings: { receiver: set } });
    await waitFor(() => expect(screen.getByTestId("receiver-check")).toBeEnabled());
    await user.click(screen.getByTestId("receiver-check"));
    await screen.findByTestId("finding-receiver:outside");
    await user.type(screen.getByTestId("receiver-proxy"), "127.0.0.1{Enter}");
    await waitFor(() => expect(screen.queryByTestId("finding-receiver:outside")).toBeNull());
  });

  it("shows what came in as it comes, by account and by reason", async () => {
    const { till, pass } = await settings({ settings: { receiver: set } });
    const main = await screen.findByTestId("came-main");
    expect(main).toHaveTextContent("None accepted yet");
    expect(main).toHaveTextContent("https://pay.example.com/notify/pooul/main");
    expect(screen.queryByTestId("came-elsewhere")).toBeNull();
    const at = new Date(till.clock.wall()).toISOString();
    till.receiving.came.set("main", {
      accepted: 1_284,
      accepted_at: at,
      refused: 3,
      refused_at: at,
      reasons: [
        { why: "unverified", count: 2 },
        { why: "unknown_order", count: 1 },
      ],
    });
    till.receiving.elsewhere = {
      accepted: 0,
      accepted_at: null,
      refused: 7,
      refused_at: at,
      reasons: [{ why: "nothing_here", count: 7 }],
    };
    await pass(5_000);
    await waitFor(() => expect(screen.getByTestId("came-main")).toHaveTextContent("Accepted 1,284, last"));
    expect(screen.getByTestId("came-main")).toHaveTextContent("2 × not signed, or wrongly · 1 × no such order");
    expect(screen.getByTestId("came-elsewhere")).toHaveTextContent("7 × nothing is at that path");
  });

  it("shows the partner's addresses that the platform is to be given, and none without a public address", async () => {
    const { user } = await settings({ accounts: [account, speaker], settings: { receiver: set } });
    const came = await screen.findByTestId("came-speaker");
    for (const word of ["create", "ship", "refund"]) {
      expect(came).toHaveTextContent(`https://pay.example.com/dingdang/speaker/${word}`);
    }
    expect(came).toHaveTextContent("Give these addresses to the platform");
    expect(came).not.toHaveTextContent("No notify address");
    await user.clear(screen.getByTestId("receiver-address"));
    await user.click(screen.getByTestId("receiver-save"));
    await waitFor(() => expect(screen.getByTestId("came-speaker")).toHaveTextContent("No notify address"));
  });

  it("knows when the last one was accepted before the till was opened, and says what is wrong with the newest", async () => {
    const { till, pass } = await settings({ settings: { receiver: set } });
    await screen.findByTestId("came-main");
    till.receiving.came.set("main", {
      accepted: 0,
      accepted_at: new Date(till.clock.wall() - 3_600_000).toISOString(),
      refused: 0,
      refused_at: null,
      reasons: [],
    });
    await pass(5_000);
    const main = () => screen.getByTestId("came-main");
    await waitFor(() => expect(main()).toHaveTextContent("; the last one before that at "));
    till.receiving.faults.set("main", { code: "catalogue_unusable", facts: { name: "main", file: "/shop/goods.csv" } });
    await pass(5_000);
    await waitFor(() => expect(main()).toHaveTextContent("cannot be used: /shop/goods.csv"));
  });

  it("is changed by a manager only", async () => {
    const { till } = await settings({
      settings: { receiver: set },
      operators: [person("Chan", "manager", "2468"), person("Jay", "cashier", "1234")],
      signedIn: "Jay",
    });
    expect(await screen.findByTestId("receiver-listen")).toBeDisabled();
    expect(screen.getByTestId("receiver-save")).toBeDisabled();
    await waitFor(() => expect(screen.getByTestId("receiver-check")).toBeEnabled());
    expect((await till.settings()).receiver).toEqual(set);
  });

  it("stands on an account's card as its notify address", async () => {
    await settings({ settings: { receiver: set } }, "accounts");
    const said = await screen.findByTestId("notified-at-main");
    expect(said).toHaveTextContent("https://pay.example.com/notify/pooul/main");
  });

  it("is no matter of an account's card while it is off", async () => {
    await settings({}, "accounts");
    await screen.findByTestId("account-main");
    await new Promise((answered) => setTimeout(answered));
    expect(screen.queryByTestId("notified-at-main")).toBeNull();
  });

  it("is part of the check-up, in words", async () => {
    await settings({ settings: { receiver: set } }, "doctor", (till) => {
      till.receiving.outside = "outside_refused";
      till.receiving.came.set("main", {
        accepted: 0,
        accepted_at: null,
        refused: 2,
        refused_at: null,
        reasons: [{ why: "unverified", count: 2 }],
      });
      till.receiving.faults.set("main", { code: "notifications_unverified", facts: { name: "main" } });
    });
    expect(await screen.findByTestId("finding-receiver")).toHaveTextContent("receiving on · listens at 127.0.0.1:8787");
    expect(screen.getByTestId("finding-receiver:outside")).toHaveTextContent("Reached from outside");
    const came = screen.getByTestId("finding-notifications:main");
    expect(came).toHaveTextContent("Notifications · main");
    expect(came).toHaveTextContent("not signed, or wrongly 2");
    expect(came).toHaveTextContent("check the account's key");
    expect(came.dataset.well).toBe("false");
  });
});
