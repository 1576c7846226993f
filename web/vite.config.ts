import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const page = (name: string): string => fileURLToPath(new URL(`./${name}/index.html`, import.meta.url));

export default defineConfig({
  // Both pages are served under many paths, so assets are always asked for as `/assets/…`.
  base: "/",
  build: {
    target: "es2022",
    cssTarget: ["chrome109", "firefox115", "safari16"],
    // Everything is a file of its own: the content security policy allows no inline script or style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // livekit-client is most of the call page; the whole first load is about 170 kB compressed, of 250 kB allowed.
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: { waiting: page("waiting"), call: page("call") } },
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
