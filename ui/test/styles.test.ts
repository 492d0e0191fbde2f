//! What the style sheets promise where nothing is drawn; the real window is looked at in tests/.
import { describe, expect, it } from "vitest";

const components = import.meta.glob<string>("../src/**/*.svelte", { query: "?raw", import: "default", eager: true });

/** The common sheet as it is written: Vite has none for tests, and its types know no files. */
async function common(): Promise<string> {
  const { readFileSync } = await import(["node", "fs"].join(":"));
  return readFileSync("src/styles/base.css", "utf8");
}

describe("what scrolls", () => {
  it("does so as the sheet says, so that nothing does behind a dialog", () => {
    expect(Object.keys(components).length).toBeGreaterThan(50);
    const scrollers = Object.entries(components).filter(([, text]) => /overflow(-[xy])?: *(auto|scroll)/.test(text));
    expect(scrollers.map(([name]) => name)).toEqual([]);
    expect(components["../src/refunds/OrderPane.svelte"]).toContain("overflow-y: var(--scrolls)");
  });

  it("is hidden behind an open dialog and not inside it", async () => {
    const sheet = await common();
    expect(sheet).toMatch(/:root \{[^}]*--scrolls: auto;/);
    expect(sheet).toMatch(/#app:has\(dialog\[open\]\) \{\s*--scrolls: hidden;\s*\}/);
    expect(sheet).toMatch(/\ndialog \{\s*--scrolls: auto;\s*\}/);
  });
});

it("no name of a way to pay is cut, neither beside the amount nor in the list", () => {
  const views = ["Channels", "Picker"].map((name) => components[`../src/checkout/${name}.svelte`] ?? "");
  const rules = views.flatMap((text) => text.slice(text.indexOf("<style>")).match(/[^{}]+\{[^{}]*\}/g) ?? []);
  const names = rules.filter((rule) => /\.names|\bb\b/.test(rule.split("{")[0] ?? ""));
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((rule) => /line-clamp|ellipsis|nowrap|overflow: hidden/.test(rule))).toEqual([]);
});

it("the account on a card keeps the feet of its letters, and what stands between two parts of a line begins none", async () => {
  expect(components["../src/shared/MiddleCut.svelte"]).toMatch(
    /\.head \{[^}]*margin-block: -0\.3em;\s*padding-block: 0\.3em;\s*overflow: hidden;\s*text-overflow: ellipsis;/,
  );
  const sheet = await common();
  expect(sheet).toMatch(/\.parts \{[^}]*clip-path: inset\(-8px -8px -8px var\(--between\)\);/);
  expect(sheet).toMatch(/\.between \{\s*position: absolute;\s*left: 0;/);
  for (const name of ["checkout/Channels", "domain/OpenOrders"])
    expect(components[`../src/${name}.svelte`]).toMatch(/class="(line|way) parts[\s\S]*class="between"/);
});

it("a reason without a break stays in the card of its refund", () => {
  const card = components["../src/refunds/RefundCard.svelte"] ?? "";
  expect(card).toMatch(/\.card \{[^}]*overflow-wrap: anywhere;/);
  expect(card).toMatch(/\.body \{[^}]*grid-template-columns: minmax\(0, 1fr\);/);
  expect(components["../src/refunds/OrderPane.svelte"]).toMatch(
    /\.refunds \{[^}]*grid-template-columns: minmax\(0, 1fr\);/,
  );
});

it("a card of a way to pay gives its words no more than their width, and is not scrolled sideways", () => {
  const [channels = "", pad = ""] = ["Channels", "Pad"].map((name) => components[`../src/checkout/${name}.svelte`]);
  expect(channels).toMatch(/\n {2}label \{[^}]*grid-template-columns: auto minmax\(0, 1fr\) auto;/);
  expect(channels).toMatch(/\n {2}\.names \{[^}]*grid-template-columns: minmax\(0, 1fr\);/);
  expect(pad).toMatch(/\n {2}\.choose \{[^}]*padding: 4px 16px 4px 4px;\s*overflow-x: hidden;/);
});

it("how an order began makes room for the gateway's words where height is scarce", () => {
  const panel = components["../src/checkout/OrderPanel.svelte"];
  expect(panel).toMatch(/@media \(height < 760px\) \{[^{}]*:has\(\.timings \.quoted\) \.early \{\s*display: none;/);
});

it("a key of an account is shown in whole lines", () => {
  expect(components["../src/settings/AccountCard.svelte"]).toMatch(
    /\.key \{\s*max-height: calc\(5 \* 1\.5 \* var\(--small\)\);\s*line-height: 1\.5;/,
  );
});

it("English has its quotation marks of no font for Chinese", async () => {
  const sheet = await common();
  expect(sheet).toMatch(/:root:lang\(en\) \{\s*font-family: "Latin signs",/);
  const [, signs = ""] = /@font-face \{([^}]*)\}/.exec(sheet) ?? [];
  expect(signs).toContain('font-family: "Latin signs";');
  expect(signs).toContain("U+2010-2027");
  expect(signs).not.toMatch(/CJK|PingFang|YaHei|url\(/);
});

it("a badge in a row of refunds is not cut above and below, and one on a card of its colour has its own ground", () => {
  expect(components["../src/refunds/Row.svelte"]).toMatch(
    /\.what > span \{\s*margin-block: -0\.3em;\s*padding-block: 0\.3em;\s*overflow: hidden;/,
  );
  expect(components["../src/domain/OpenOrders.svelte"]).toMatch(
    /\.card:is\(\.busy, \.look\) :global\(\[data-testid="not-real"\]\) \{\s*background: var\(--card\);/,
  );
});
