import type { LocalVideoTrack, Track, TrackProcessor } from "livekit-client";
import { Gate, type Gated } from "./gate";
import { LatestWish } from "./latest-wish";

/** Makes what stands between a camera and everybody who sees it. */
export type MakeProcessor = () => TrackProcessor<Track.Kind.Video>;

/** A camera, as far as it is dressed. */
export type Dressed = Pick<LocalVideoTrack, "getProcessor" | "setProcessor" | "stopProcessor"> & { readonly mediaStreamTrack: Pick<MediaStreamTrack, "enabled"> };

/** Puts that before cameras, and takes it away, as the person wishes; and lets nothing plain out meanwhile, whoever would send it. */
export class Dressing {
  readonly #make: MakeProcessor;
  readonly #camera: () => Dressed | null;
  readonly #wish: LatestWish<boolean>;
  #wanted: boolean;
  #gate: { look(): void } | null = null;

  /** `camera` is the person's at the moment; `settled` is told when nothing is under way any more, with what went wrong. */
  constructor(wanted: boolean, make: MakeProcessor, camera: () => Dressed | null, settled: (error: unknown) => void) {
    this.#make = make;
    this.#camera = camera;
    this.#wanted = wanted;
    this.#wish = new LatestWish(
      (on) => this.#apply(on),
      (_, error) => {
        settled(error);
        // The wish, or the camera, may be another one by now.
        if (error === undefined) this.check();
      },
    );
  }

  get wanted(): boolean {
    return this.#wanted;
  }

  get busy(): boolean {
    return this.#wish.busy;
  }

  /** For a camera that is to be started: it is dressed before anybody has it. */
  capture(): { readonly processor?: TrackProcessor<Track.Kind.Video> } {
    return this.#wanted ? { processor: this.#make() } : {};
  }

  /** From this call on, not only from when it is done, nothing plain is sent. */
  want(on: boolean): void {
    this.#wanted = on;
    this.#gate?.look();
    this.check();
  }

  /** For what is about to send a camera, and is the only one to: of that camera nothing but `dressed` is sent while the room is hidden. */
  guard<T>(sender: Gated<T>, dressed: () => T | undefined): void {
    this.#gate = new Gate(sender, (track) => !this.#wanted || track === dressed());
  }

  /** Sees to it that the camera is as wished, whoever started it. */
  check(): void {
    const camera = this.#camera();
    if (camera === null || (camera.getProcessor() !== undefined) === this.#wanted) return;
    if (this.#wanted) camera.mediaStreamTrack.enabled = false;
    this.#wish.want(this.#wanted);
  }

  close(): void {
    this.#wish.close();
  }

  async #apply(on: boolean): Promise<void> {
    const camera = this.#camera();
    if (camera === null) return;
    if (on) await dress(camera, this.#make);
    else if (camera.getProcessor() !== undefined) await camera.stopProcessor();
  }
}

/** Dresses a camera that nobody has yet, or that is held dark meanwhile. If that fails it stays dark. */
export async function dress(camera: Dressed, make: MakeProcessor): Promise<void> {
  if (camera.getProcessor() !== undefined) return;
  // Also if it was muted: it begins with its own picture when it is turned on again.
  const own = camera.mediaStreamTrack;
  own.enabled = false;
  await camera.setProcessor(make());
  own.enabled = true;
}
