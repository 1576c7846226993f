import { effective, NO_BACKDROP, shownOf, stepBackdrop, type Backdrop, type BackdropEvent, type BackgroundPhase, type OwnBackground } from "../../state/background";
import { BackgroundProcessor } from "./processor";
import { Segmentation } from "./segmentation";

/** Whether this browser can put anything behind the person. */
export function canHideBackground(): boolean {
  return "captureStream" in HTMLCanvasElement.prototype && "WebAssembly" in self && "Worker" in self;
}

/** What is behind the person, for every camera of this page: loads what it needs when it is wished for, and says how far that is. */
export class Backdrops {
  readonly #now: () => number;
  readonly #told: (phase: BackgroundPhase) => void;
  #backdrop: Backdrop = NO_BACKDROP;
  #segmentation: Segmentation | null = null;
  #loaded = false;
  #imageUrl: string | null = null;
  #image: HTMLImageElement | null = null;

  /** `now` only goes forward; `told` hears of every change. */
  constructor(now: () => number, told: (phase: BackgroundPhase) => void) {
    this.#now = now;
    this.#told = told;
  }

  wish(background: OwnBackground): void {
    this.#imageUrl = background.image;
    const before = this.#backdrop;
    this.#step({ kind: "wished", wish: effective(background) });
    if (this.#backdrop === before) return;
    this.#image = null;
    if (this.#backdrop.wish === "none") this.#end();
    else this.#prepare();
  }

  /** Tries once more what failed or was too slow. */
  retry(): void {
    const before = this.#backdrop;
    this.#step({ kind: "retried" });
    if (this.#backdrop !== before) this.#prepare();
  }

  makeProcessor(): BackgroundProcessor {
    return new BackgroundProcessor({
      shown: () => shownOf(this.#backdrop),
      image: () => this.#image,
      cut: async (picture) => (await this.#segmentation?.cut(picture, this.#image === null)) ?? null,
      framed: (ms) => {
        this.#step({ kind: "framed", ms });
      },
      stalled: () => {
        this.#step({ kind: "stalled" });
      },
      now: this.#now,
    });
  }

  #prepare(): void {
    if (this.#segmentation === null) {
      this.#loaded = false;
      this.#segmentation = new Segmentation(
        () => {
          this.#loaded = true;
          this.#look();
        },
        () => {
          this.#step({ kind: "failed" });
        },
      );
    }
    if (this.#backdrop.wish === "image" && this.#image === null) void this.#loadImage();
    this.#look();
  }

  async #loadImage(): Promise<void> {
    const url = this.#imageUrl;
    const wished = (): boolean => this.#backdrop.wish === "image" && url === this.#imageUrl;
    const image = new Image();
    try {
      image.src = url ?? "";
      await image.decode();
    } catch {
      if (wished()) this.#step({ kind: "failed" });
      return;
    }
    if (!wished()) return;
    this.#image = image;
    this.#look();
  }

  #look(): void {
    if (this.#loaded && (this.#backdrop.wish !== "image" || this.#image !== null)) this.#step({ kind: "ready" });
  }

  #step(event: BackdropEvent): void {
    const before = this.#backdrop;
    this.#backdrop = stepBackdrop(before, event);
    const { phase } = this.#backdrop;
    if (phase === before.phase) return;
    if (phase === "slow" || phase === "failed") this.#end();
    this.#told(phase);
  }

  /** Frees what cuts: some ten megabytes. */
  #end(): void {
    this.#segmentation?.end();
    this.#segmentation = null;
    this.#loaded = false;
  }
}
