import type { Track, TrackProcessor, VideoProcessorOptions } from "livekit-client";
import type { Shown } from "../../state/background";
import { BackgroundCanvas } from "./canvas";
import type { Pixels } from "./pixels";
import type { Cut } from "./segmentation";
import { tick } from "./ticker";

/** Two hundred pictures in ten seconds: enough to look fluent, and half of what most cameras give. */
const TICK_MS = 50;
/** So many pictures are missed, ten seconds at least, before what cuts them counts as dead. Counted, not timed: a device that slept is not slow. */
const STALLED_TICKS = 200;
/** Where the camera does not tell its size before its first picture. */
const USUAL = { width: 1280, height: 720 } as const;

/** What a processor asks at each picture. */
export interface Background {
  readonly shown: () => Shown;
  /** What comes into the room's place; null: the room, blurred. */
  readonly image: () => HTMLImageElement | null;
  readonly cut: (picture: Pixels) => Promise<Cut | null>;
  readonly framed: (ms: number) => void;
  readonly stalled: () => void;
  /** Milliseconds that only go forward. */
  readonly now: () => number;
}

/**
 * Stands between a camera and everybody who sees it, the person too. It does not wait for anything before it does: from `init` on, the camera's
 * own picture goes nowhere, and until the background is ready it shows that picture blurred as a whole.
 */
export class BackgroundProcessor implements TrackProcessor<Track.Kind.Video> {
  readonly name = "background";
  processedTrack?: MediaStreamTrack;
  readonly #background: Background;
  #canvas: BackgroundCanvas | null = null;
  #camera: MediaStreamTrack | null = null;
  readonly #video = document.createElement("video");
  #stop: (() => void) | null = null;
  /** The camera that a picture is being cut of. */
  #cutting: MediaStreamTrack | null = null;
  #missed = 0;

  constructor(background: Background) {
    this.#background = background;
    this.#video.muted = true;
    this.#video.playsInline = true;
  }

  // Both are promises to the library, and done before they return.
  init({ track }: VideoProcessorOptions): Promise<void> {
    const { width = USUAL.width, height = USUAL.height } = track.getSettings();
    this.#canvas = new BackgroundCanvas(width, height);
    this.processedTrack = this.#canvas.stream().getVideoTracks()[0];
    if (this.processedTrack === undefined) return Promise.reject(new Error("the browser makes no picture of a canvas"));
    this.#look(track);
    this.#stop = tick(TICK_MS, () => {
      this.#draw();
    });
    return Promise.resolve();
  }

  /** The same picture goes on, with another camera. */
  restart({ track }: VideoProcessorOptions): Promise<void> {
    this.#look(track);
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.#stop?.();
    this.#stop = null;
    this.#camera = null;
    this.#video.srcObject = null;
    this.processedTrack?.stop();
    return Promise.resolve();
  }

  #look(camera: MediaStreamTrack): void {
    this.#camera = camera;
    this.#cutting = null;
    this.#video.srcObject = new MediaStream([camera]);
    // Interrupted when the camera is changed again meanwhile, or has ended: then there is nothing to draw.
    this.#video.play().catch(() => undefined);
  }

  #draw(): void {
    const camera = this.#camera;
    const canvas = this.#canvas;
    // A camera that gives nothing must not look like one that does.
    if (camera === null || canvas === null || camera.readyState !== "live" || camera.muted || !camera.enabled) return;
    if (this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || this.#video.videoWidth === 0) return;
    if (this.#background.shown() !== "cut") {
      canvas.veil(this.#video);
      this.#missed = 0;
    } else if (this.#cutting === null) {
      void this.#cut(camera, canvas);
    } else {
      this.#missed += 1;
      if (this.#missed > STALLED_TICKS) this.#background.stalled();
    }
  }

  async #cut(camera: MediaStreamTrack, canvas: BackgroundCanvas): Promise<void> {
    const { now, cut, image, shown, framed } = this.#background;
    this.#cutting = camera;
    const began = now();
    const done = await cut(canvas.take(this.#video));
    // The camera is another one: its own picture is under way, or will be.
    if (this.#cutting !== camera || this.#camera !== camera) return;
    this.#cutting = null;
    this.#missed = 0;
    if (done === null || shown() !== "cut") return;
    canvas.cut(done, image());
    framed(now() - began);
  }
}
