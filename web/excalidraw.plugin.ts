import { cpSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const folder = join(dirname(fileURLToPath(import.meta.url)), "node_modules/@excalidraw/excalidraw");
const version = /"version": "([^"]+)"/.exec(readFileSync(join(folder, "package.json"), "utf8"))?.[1] ?? "unknown";

/** Where Excalidraw's own fonts are, in `dist` and under the page's origin. The version is in it because not every name has a hash. */
export const EXCALIDRAW_ASSETS = `assets/excalidraw-${version}`;

/** 13 MB of hand-drawn Chinese and Japanese: such text is drawn with the system's letters. */
const LEFT_OUT = /[/\\]fonts[/\\](?:Xiaolai|Assistant)(?:[/\\]|$)/;

/** The languages that Excalidraw is to speak: those of the pages. */
const LOCALES = /\/locales\/(?:en|it-IT|es-ES|de-DE|fr-FR|percentages)-/;
/** Reads diagrams that are written as text: 2 MB, and a parser of whatever is pasted. */
const MERMAID = "@excalidraw/mermaid-to-excalidraw";
/** Cut fonts to size for SVG files, which we do not make; they need WebAssembly. */
const SUBSETTING = /\/subset-(?:worker|shared)\.chunk\.js$/;
const NOTHING = "\0not-built-in";

/** What has to change in Excalidraw so that it never asks another host; the build fails where it has become different. */
const CHANGES: readonly { readonly what: RegExp; readonly instead: string; readonly least: number }[] = [
  // Fonts that are not found are otherwise looked for on a public server.
  { what: /(\w+)\.push\(new URL\(\w+,\w+\.ASSETS_FALLBACK_URL\)\),/g, instead: "", least: 1 },
  { what: /https:\/\/esm\.sh\//g, instead: "/", least: 1 },
  // The pages' policy allows no WebAssembly. Plain script makes pictures smaller as well.
  { what: /features:\["js","wasm"\]/g, instead: 'features:["js"]', least: 1 },
  { what: /"\.\/fonts\/Xiaolai\/[^"]+"/g, instead: '"local:"', least: 100 },
];

/** Builds Excalidraw with what the whiteboard needs, and with its fonts. */
export function excalidraw(): Plugin {
  let changed = false;
  let root = process.cwd();
  return {
    name: "excalidraw",
    enforce: "pre",
    config: () => ({
      define: { "process.env.IS_PREACT": '"false"', EXCALIDRAW_ASSETS: JSON.stringify(`/${EXCALIDRAW_ASSETS}/`) },
    }),
    configResolved: (config) => {
      root = config.root;
    },
    resolveId(id, importer) {
      const theirs = importer?.includes("@excalidraw/excalidraw/dist") === true;
      if (id === MERMAID || (theirs && (SUBSETTING.test(id) || (id.includes("/locales/") && !LOCALES.test(id))))) return NOTHING;
      return null;
    },
    load: (id) => (id === NOTHING ? 'export const parseMermaidToExcalidraw = () => { throw new Error("not built in"); };' : null),
    transform(code, id) {
      if (!id.includes("@excalidraw/excalidraw/dist/prod/chunk-") || !code.includes("ASSETS_FALLBACK_URL")) return null;
      let result = code;
      for (const { what, instead, least } of CHANGES) {
        const found = result.match(what)?.length ?? 0;
        if (found < least) this.error(`Excalidraw ${version} is not as expected: ${what} was found ${found} times`);
        result = result.replace(what, instead);
      }
      changed = true;
      return { code: result, map: null };
    },
    writeBundle({ dir = "dist" }, bundle) {
      const used = Object.values(bundle).some((file) => file.type === "chunk" && file.moduleIds.some((id) => id.includes("@excalidraw/excalidraw")));
      if (!used) return;
      if (!changed) this.error(`Excalidraw ${version} is not as expected: nothing to change in it`);
      cpSync(join(folder, "dist/prod/fonts"), join(resolve(root, dir), EXCALIDRAW_ASSETS, "fonts"), {
        recursive: true,
        filter: (source) => !LEFT_OUT.test(source),
      });
    },
  };
}
