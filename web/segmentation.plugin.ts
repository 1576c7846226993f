import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const modules = join(dirname(fileURLToPath(import.meta.url)), "node_modules");
const versionOf = (name: string): string => /"version": "([\w.-]+)"/.exec(readFileSync(join(modules, name, "package.json"), "utf8"))?.[1] ?? "unknown";

/** What runs the model, and who has it. Both Apache-2.0. */
const RUNTIME = "@litertjs/core";
const MODEL = "@mediapipe/selfie_segmentation";

/** In `dist` and under the page's origin. Versions never change, so what is in it can be kept for ever, as all assets. */
const FOLDER = `assets/segmentation-${versionOf(RUNTIME)}-${versionOf(MODEL)}`;

/**
 * Of the runtime the one build that all our browsers take: those with relaxed SIMD or threads are hardly faster for a model this small. Of the
 * models those for upright and for wide pictures; their own package runs them on WebGL alone, which not every browser has.
 */
const FILES = [
  `${RUNTIME}/wasm/litert_wasm_compat_internal.js`,
  `${RUNTIME}/wasm/litert_wasm_compat_internal.wasm`,
  `${MODEL}/selfie_segmentation.tflite`,
  `${MODEL}/selfie_segmentation_landscape.tflite`,
];

/** Puts beside the assets what tells a person from what is behind them. Browsers load it when somebody wants a background. */
export function segmentation(): Plugin {
  return {
    name: "segmentation",
    config: () => ({ define: { SEGMENTATION_ASSETS: JSON.stringify(`/${FOLDER}/`) } }),
    generateBundle() {
      for (const file of FILES) this.emitFile({ type: "asset", fileName: `${FOLDER}/${file.slice(file.lastIndexOf("/") + 1)}`, source: readFileSync(join(modules, file)) });
    },
  };
}
