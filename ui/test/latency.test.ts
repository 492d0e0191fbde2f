//! How long the parts of a sale took: the window tells when it painted a code, and shows what came of it.
import { screen, waitFor } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { open, sell } from "./window.ts";

describe("the parts of a sale", () => {
  it("count from the painted code, which the window tells once for each", async () => {
    const window = await open({ settings: { language: "en" } });
    await sell(window);
    const painted = () => window.till.calls.filter((call) => call.startsWith("painted ")).length;
    await waitFor(() => expect(painted()).toBe(1));
  });

  it("stand in the timeline as far as they are known", async () => {
    const window = await open({ settings: { language: "en" } });
    await sell(window);
    await window.user.keyboard("o");
    await screen.findByTestId("timeline");
    expect(screen.queryByTestId("spans")).toBeNull();
    window.till.spans = { answered_ms: 380, painted_ms: 412, paid_ms: 9_000, known_ms: 1_300 };
    window.till.payWith({});
    const spans = await screen.findByTestId("spans");
    expect(spans).toHaveTextContent("request to code");
    expect(spans).toHaveTextContent("code to payment");
    expect(spans).toHaveTextContent("payment to till");
    expect(spans).not.toHaveTextContent("request to answer");
  });
});
