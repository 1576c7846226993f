import type { Track, TrackProcessor } from "livekit-client";
import { expect, test } from "vitest";
import { dress, Dressing, type Dressed } from "./dressing";

type Processor = TrackProcessor<Track.Kind.Video>;

const processor = (): Processor => ({
  name: "fake",
  init: () => Promise.resolve(),
  restart: () => Promise.resolve(),
  destroy: () => Promise.resolve(),
});

/** A camera whose dressing is done when the test says so, and which writes down whether anything plain was sent meanwhile. */
class FakeCamera implements Dressed {
  worn: Processor | undefined;
  readonly mediaStreamTrack = { enabled: true };
  readonly #open: ((error?: Error) => void)[] = [];

  get plain(): boolean {
    return this.worn === undefined && this.mediaStreamTrack.enabled;
  }

  getProcessor(): Processor | undefined {
    return this.worn;
  }

  setProcessor(next: Processor): Promise<void> {
    return this.#done(() => (this.worn = next));
  }

  stopProcessor(): Promise<void> {
    return this.#done(() => (this.worn = undefined));
  }

  /** Does what was asked first, or fails to. */
  async go(error?: Error): Promise<void> {
    this.#open.shift()?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  }

  #done(apply: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#open.push((error) => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        apply();
        resolve();
      });
    });
  }
}

test("from the wish on nothing plain is sent, also before it is done", async () => {
  const camera = new FakeCamera();
  const settled: unknown[] = [];
  const dressing = new Dressing(false, processor, () => camera, (error) => settled.push(error));
  expect(camera.plain).toBe(true);
  dressing.want(true);
  expect(camera.plain).toBe(false);
  await camera.go();
  expect(camera.worn).toBeDefined();
  // What is worn sees the camera again.
  expect(camera.mediaStreamTrack.enabled).toBe(true);
  expect(settled).toEqual([undefined]);
});

test("what cannot be put on leaves the camera dark, and is told", async () => {
  const camera = new FakeCamera();
  const settled: unknown[] = [];
  const dressing = new Dressing(false, processor, () => camera, (error) => settled.push(error));
  dressing.want(true);
  const problem = new Error("no canvas");
  await camera.go(problem);
  expect(camera.mediaStreamTrack.enabled).toBe(false);
  expect(camera.plain).toBe(false);
  expect(settled).toEqual([problem]);
});

test("the last of quick wishes is the one that holds", async () => {
  const camera = new FakeCamera();
  const dressing = new Dressing(false, processor, () => camera, () => undefined);
  dressing.want(true);
  dressing.want(false);
  await camera.go();
  await camera.go();
  expect(camera.worn).toBeUndefined();
  expect(camera.plain).toBe(true);
  dressing.want(true);
  expect(camera.plain).toBe(false);
});

test("a camera that somebody else started is dressed as soon as it is seen, and a new one before it is given out", async () => {
  let camera: FakeCamera | null = null;
  const dressing = new Dressing(true, processor, () => camera, () => undefined);
  expect(dressing.capture().processor).toBeDefined();
  dressing.check();
  camera = new FakeCamera();
  dressing.check();
  expect(camera.plain).toBe(false);
  await camera.go();
  expect(camera.worn).toBeDefined();
  const worn = camera.worn;
  dressing.check();
  await dress(camera, processor);
  expect(camera.worn).toBe(worn);
});

test("without a wish nothing is put on", () => {
  const camera = new FakeCamera();
  const dressing = new Dressing(false, processor, () => camera, () => undefined);
  dressing.check();
  expect(dressing.capture()).toEqual({});
  expect(camera.plain).toBe(true);
});

test("a camera that the library puts there while somebody begins to hide their room is not sent, and what is dressed is", async () => {
  const sent: (string | null)[] = [];
  const sender = { track: "plain", replaceTrack: (track: string | null) => Promise.resolve(void sent.push(track)) };
  const camera = new FakeCamera();
  const dressing = new Dressing(false, processor, () => camera, () => undefined);
  dressing.guard(sender, () => (camera.worn === undefined ? undefined : "hidden"));
  dressing.want(true);
  await sender.replaceTrack("another");
  expect(sent).toEqual([null, null]);
  await camera.go();
  await sender.replaceTrack("hidden");
  expect(sent.at(-1)).toBe("hidden");
  dressing.want(false);
  await camera.go();
  await sender.replaceTrack("another");
  expect(sent.at(-1)).toBe("another");
});
