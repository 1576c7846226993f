import { loadAndCompile, loadLiteRt, Tensor, type CompiledModel } from "@litertjs/core";
import { blendMask, blurRoom, maskPixels, toInput } from "./pixels";
import { UPRIGHT, WIDE, type CutRequest, type SegmentationAnswer } from "./segmentation-messages";

// Tells the person from the room, in a worker: a slow device does not hold the page up for it, and only this script, not the page, may compile
// WebAssembly (`crates/server/src/http/pages.rs`).

/** Where the build puts the model and what runs it (`segmentation.plugin.ts`). */
declare const SEGMENTATION_ASSETS: string;

type Kind = typeof WIDE | typeof UPRIGHT;

/** One model, with what it needs again and again. */
interface Cutter {
  readonly model: CompiledModel;
  readonly input: Float32Array;
  readonly mask: Float32Array;
}

const cutters = new Map<Kind, Promise<Cutter>>();

function answer(message: SegmentationAnswer, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

async function load(kind: Kind): Promise<Cutter> {
  const response = await fetch(`${SEGMENTATION_ASSETS}${kind.file}`);
  if (!response.ok) throw new Error(`the model did not come: ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const model = await loadAndCompile(bytes, { accelerator: "wasm", cpuOptions: { numThreads: 1 } });
  const size = kind.width * kind.height;
  const cutter: Cutter = { model, input: new Float32Array(size * 3), mask: new Float32Array(size) };
  // The first picture takes many times longer: not one of the person's.
  await cut(kind, cutter);
  cutter.mask.fill(0);
  return cutter;
}

async function cut(kind: Kind, { model, input, mask }: Cutter): Promise<void> {
  const tensor = new Tensor(input, [1, kind.height, kind.width, 3]);
  try {
    const results = await model.run([tensor]);
    try {
      const said = results[0]?.toTypedArray();
      if (said?.length !== mask.length) throw new Error("the model says something else than expected");
      blendMask(mask, Float32Array.from(said, Number));
    } finally {
      for (const result of results) result.delete();
    }
  } finally {
    tensor.delete();
  }
}

async function cutterFor(kind: Kind): Promise<Cutter> {
  const known = cutters.get(kind) ?? load(kind);
  cutters.set(kind, known);
  return known;
}

async function take({ id, picture, blur }: CutRequest): Promise<void> {
  const kind = picture.height === UPRIGHT.height ? UPRIGHT : WIDE;
  const cutter = await cutterFor(kind);
  toInput(picture, cutter.input);
  await cut(kind, cutter);
  const mask = maskPixels(cutter.mask, kind.width, kind.height);
  const room = blur ? blurRoom(picture, cutter.mask) : null;
  answer({ kind: "cut", id, mask, room }, [mask.data.buffer, ...(room === null ? [] : [room.data.buffer])]);
}

async function start(): Promise<void> {
  Object.assign(self, {
    Module: {
      locateFile: (file: string) => SEGMENTATION_ASSETS + file,
      // What it tells is of no use to anybody here.
      print: () => undefined,
      printErr: () => undefined,
    },
  });
  await loadLiteRt(`${SEGMENTATION_ASSETS}litert_wasm_compat_internal.js`);
  await cutterFor(WIDE);
}

const started = start();
started.then(
  () => {
    answer({ kind: "ready" });
  },
  () => {
    answer({ kind: "failed" });
  },
);

self.addEventListener("message", ({ data }: MessageEvent<CutRequest>) => {
  started
    .then(() => take(data))
    .catch(() => {
      answer({ kind: "failed" });
    });
});
