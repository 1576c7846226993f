import type { Pixels } from "./pixels";
import type { CutRequest, SegmentationAnswer } from "./segmentation-messages";

/** A picture's mask, in which the person is opaque, and the blurred room where that was asked for. */
export interface Cut {
  readonly mask: Pixels;
  readonly room: Pixels | null;
}

/** The worker that tells a person from the room. Loads with its making; is of no use any more after `failed` or `end`. */
export class Segmentation {
  readonly #worker: Worker;
  readonly #asked = new Map<number, (cut: Cut | null) => void>();
  #id = 0;
  #ended = false;

  constructor(ready: () => void, failed: () => void) {
    this.#worker = new Worker(new URL("./segmentation-worker.ts", import.meta.url));
    const fail = (): void => {
      if (this.#ended) return;
      this.end();
      failed();
    };
    this.#worker.addEventListener("error", fail);
    this.#worker.addEventListener("messageerror", fail);
    this.#worker.addEventListener("message", ({ data }: MessageEvent<SegmentationAnswer>) => {
      if (this.#ended) return;
      if (data.kind === "failed") fail();
      else if (data.kind === "ready") ready();
      else {
        const answer = this.#asked.get(data.id);
        this.#asked.delete(data.id);
        answer?.(data);
      }
    });
  }

  /** Null: it has ended meanwhile. */
  cut(picture: Pixels, blur: boolean): Promise<Cut | null> {
    if (this.#ended) return Promise.resolve(null);
    this.#id += 1;
    const request: CutRequest = { id: this.#id, picture, blur };
    return new Promise((resolve) => {
      this.#asked.set(request.id, resolve);
      this.#worker.postMessage(request, [picture.data.buffer]);
    });
  }

  end(): void {
    this.#ended = true;
    this.#worker.terminate();
    for (const answer of this.#asked.values()) answer(null);
    this.#asked.clear();
  }
}
