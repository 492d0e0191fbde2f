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

it("English has its quotation marks of no font for Chinese", async () => {
  const sheet = await common();
  expect(sheet).toMatch(/:root:lang\(en\) \{\s*font-family: "Latin signs",/);
  const [, signs = ""] = /@font-face \{([^}]*)\}/.exec(sheet) ?? [];
  expect(signs).toContain('font-family: "Latin signs";');
  expect(signs).toContain("U+2010-2027");
  expect(signs).not.toMatch(/CJK|PingFang|YaHei|url\(/);
});
