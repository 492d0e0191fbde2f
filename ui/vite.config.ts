import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The shipped builds talk to the app; every other mode runs the same screens on the fake host in a plain browser. Each page is
// built by itself: sharing code between them would cut it into many files, and each file that a page begins with costs the
// start of its window time.
const pages: Record<string, string> = { production: "index", customer: "customer" };

export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [svelte(), svelteTesting()],
  resolve: {
    alias: { "#host": here(mode in pages ? "src/host/tauri.ts" : "src/host/fake/browser.ts") },
  },
  build: {
    target: "esnext",
    cssTarget: "safari18",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    emptyOutDir: mode === "production",
    rolldownOptions: {
      input: here(`${pages[mode] ?? "index"}.html`),
      output: { codeSplitting: { groups: [{ name: "start", test: /\/src\/main\.ts$/ }] } },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    include: ["test/**/*.test.ts"],
    css: false,
    // Nothing else runs beside them: by default one core would stay idle.
    maxWorkers: "100%",
    testTimeout: 300_000,
    restoreMocks: true,
  },
}));
