import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { excalidraw } from "./excalidraw.plugin.ts";
import { segmentation } from "./segmentation.plugin.ts";

const page = (name: string): string => fileURLToPath(new URL(`./${name}/index.html`, import.meta.url));

/** What gets smaller by compressing. Fonts and pictures are compressed in themselves. */
const COMPRESSED = [".js", ".css", ".svg", ".wasm", ".tflite"];
/** What is larger takes a minute at the best quality, for a tenth less. */
const SLOW_BYTES = 1_000_000;

const brotli = (bytes: number): Record<number, number> => ({
  [constants.BROTLI_PARAM_SIZE_HINT]: bytes,
  [constants.BROTLI_PARAM_QUALITY]: bytes > SLOW_BYTES ? 9 : constants.BROTLI_MAX_QUALITY,
});

/** Puts compressed copies beside the assets, once and as small as it gets: the server only chooses what the browser takes. */
const compressedCopies: Plugin = {
  name: "compressed-copies",
  writeBundle({ dir = "dist" }) {
    const assets = join(dir, "assets");
    const names = readdirSync(assets, { recursive: true, encoding: "utf8" });
    for (const name of names.filter((each) => COMPRESSED.includes(extname(each)))) {
      const bytes = readFileSync(join(assets, name));
      writeFileSync(join(assets, `${name}.br`), brotliCompressSync(bytes, { params: brotli(bytes.length) }));
      writeFileSync(join(assets, `${name}.gz`), gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
    }
  },
};

export default defineConfig({
  plugins: [excalidraw(), segmentation(), compressedCopies],
  // Pages are served under many paths, so assets are always asked for as `/assets/…`.
  base: "/",
  build: {
    target: "es2022",
    cssTarget: ["chrome109", "firefox115", "safari16"],
    // Everything is a file of its own: the content security policy allows no inline script or style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // livekit-client is most of the call page, and a part of its own; the whole first load is about 190 kB compressed, of 250 kB allowed
    // (`tests/browser/specs/size.spec.ts`).
    // The whiteboard, which is loaded when it is opened, is another 330 kB.
    chunkSizeWarningLimit: 1300,
    rolldownOptions: { input: { waiting: page("waiting"), call: page("call"), desk: page("desk") } },
  },
  // The simulations take seconds, on a busy machine many: that is no failure.
  test: { environment: "node", include: ["src/**/*.test.ts"], testTimeout: 60_000 },
});
