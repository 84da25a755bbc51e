import { defineConfig } from "vitest/config";

// The service of a developer; `yuyan serve --port 8000`.
const service = "http://127.0.0.1:8000";

export default defineConfig({
  base: "./",
  build: {
    target: "es2022",
    // Files, never data: URLs, so that the content security policy stays short.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // three.js alone is larger; it is loaded only where the 3D view is opened.
    chunkSizeWarningLimit: 800,
  },
  server: {
    proxy: { "/api": { target: service, changeOrigin: false } },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts", "tests/**/*.test.tsx"],
  },
});
