import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The shipped build talks to the app; every other mode runs the same screens on the fake host in a plain browser.
export default defineConfig(({ mode }) => ({
  base: "./",
  plugins: [svelte(), svelteTesting()],
  resolve: {
    alias: { "#host": here(mode === "production" ? "src/host/tauri.ts" : "src/host/fake/browser.ts") },
  },
  build: {
    target: "esnext",
    cssTarget: "safari18",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    emptyOutDir: true,
    rolldownOptions: { input: { index: here("index.html"), customer: here("customer.html") } },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["test/setup.ts"],
    include: ["test/**/*.test.ts"],
    css: false,
    testTimeout: 60_000,
    restoreMocks: true,
  },
}));
