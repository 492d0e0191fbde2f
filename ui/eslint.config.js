import svelte from "eslint-plugin-svelte";
import ts from "typescript-eslint";

const hostOnly = {
  patterns: [{ group: ["@tauri-apps/*"], message: "Only src/host/ may reach the app; use the Host." }],
};

export default ts.config(
  { ignores: ["dist", "dist-fake", "src/host/bindings.ts"] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: [".svelte"] } },
  },
  { files: ["src/**"], ignores: ["src/host/**"], rules: { "no-restricted-imports": ["error", hostOnly] } },
  {
    rules: {
      // Plain maps, sets and dates here are local to one computation.
      "svelte/prefer-svelte-reactivity": "off",
      "no-restricted-globals": ["error", "parseFloat"],
      "no-restricted-properties": ["error", { object: "Number", property: "parseFloat" }],
    },
  },
);
