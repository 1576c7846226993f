import {
  createAudioAnalyser,
  createLocalTracks,
  LocalAudioTrack,
  LocalVideoTrack,
  TrackEvent,
  type AudioCaptureOptions,
  type VideoCaptureOptions,
} from "livekit-client";
import type { Capture, DeviceProblem, PreviewReport } from "../state/model";
import { deviceProblem, type Media } from "./devices";
import { dress, type MakeProcessor } from "./dressing";
import { LatestWish } from "./latest-wish";

export interface CaptureWish {
  readonly on: boolean;
  /** Null leaves the choice to the browser. */
  readonly deviceId: string | null;
}

export interface PreviewWish {
  readonly microphone: CaptureWish;
  readonly camera: CaptureWish;
  /** Prefer the camera that looks away from the person, where no camera was chosen. */
  readonly backCamera: boolean;
}

export interface PreviewTracks {
  readonly microphone: LocalAudioTrack | null;
  readonly camera: LocalVideoTrack | null;
}

const OFF: CaptureWish = { on: false, deviceId: null };

/** Camera and microphone before the call: what the person sees of themselves, and then takes along. */
export class Preview {
  readonly #media: Media;
  readonly #makeProcessor: MakeProcessor;
  readonly #report: (report: PreviewReport) => void;
  readonly #wish: LatestWish<PreviewWish>;
  #microphone: LocalAudioTrack | null = null;
  #camera: LocalVideoTrack | null = null;
  #microphoneId: string | null = null;
  #cameraId: string | null = null;
  #microphoneProblem: DeviceProblem | null = null;
  #cameraProblem: DeviceProblem | null = null;
  #meter: ReturnType<typeof createAudioAnalyser> | null = null;
  /** The room behind the person is hidden. */
  #hiding = false;
  #latest: PreviewWish = { microphone: OFF, camera: OFF, backCamera: false };

  constructor(media: Media, makeProcessor: MakeProcessor, report: (report: PreviewReport) => void) {
    this.#media = media;
    this.#makeProcessor = makeProcessor;
    this.#report = report;
    this.#wish = new LatestWish(
      (wish) => this.#makeSo(wish),
      (wish) => {
        this.#tell(wish);
      },
    );
  }

  want(wish: PreviewWish): void {
    this.#latest = wish;
    this.#wish.want(wish);
  }

  /** Hides the room behind the person, or shows it again. */
  hide(on: boolean): void {
    if (on === this.#hiding) return;
    this.#hiding = on;
    if (this.#camera !== null || this.#wish.busy) this.#wish.want(this.#latest);
  }

  /** Hands the tracks over to a call. The preview has none after that, and starts anew with the next wish. */
  take(): PreviewTracks {
    const tracks = { microphone: this.#microphone, camera: this.#camera };
    this.#setMicrophone(null);
    this.#setCamera(null);
    // A capture that is still under way is stopped when it comes: the call captures its own.
    this.want({ microphone: OFF, camera: OFF, backCamera: false });
    return tracks;
  }

  attach(key: string, element: HTMLMediaElement): (() => void) | null {
    const camera = this.#camera;
    if (camera === null || pictureKey(camera) !== key) return null;
    camera.attach(element);
    return () => camera.detach(element);
  }

  /** Returns how loud the microphone is, from 0 to 1. */
  level(): number {
    if (this.#microphone === null) return 0;
    this.#meter ??= createAudioAnalyser(this.#microphone, { smoothingTimeConstant: 0.6 });
    return Math.min(1, this.#meter.calculateVolume());
  }

  /** Frees camera and microphone. Safe at any time; a later wish starts them again. */
  stop(): void {
    const { microphone, camera } = this.take();
    microphone?.stop();
    camera?.stop();
  }

  async #makeSo({ microphone, camera, backCamera }: PreviewWish): Promise<void> {
    if (this.#microphone !== null && (!microphone.on || microphone.deviceId !== this.#microphoneId)) {
      this.#microphone.stop();
      this.#setMicrophone(null);
    }
    if (this.#camera !== null && (!camera.on || camera.deviceId !== this.#cameraId)) {
      this.#camera.stop();
      this.#setCamera(null);
    }
    this.#microphoneProblem = null;
    this.#cameraProblem = null;
    await this.#dress();
    const audio = microphone.on && this.#microphone === null ? audioOptions(microphone.deviceId) : false;
    const video = camera.on && this.#camera === null ? videoOptions(camera.deviceId, backCamera) : false;
    this.#microphoneId = microphone.deviceId;
    this.#cameraId = camera.deviceId;
    // Both in one request, so that the browser asks the person once; apart only if that fails, to learn which.
    if (audio !== false && video !== false && (await this.#acquire(audio, video)) === null) return;
    if (audio !== false && this.#microphone === null) this.#microphoneProblem = await this.#acquire(audio, false);
    if (video !== false && this.#camera === null) this.#cameraProblem = await this.#acquire(false, video);
  }

  /** A camera whose room cannot be hidden is not used: what the person sees here goes to others next. */
  async #dress(): Promise<void> {
    const camera = this.#camera;
    if (camera === null || (camera.getProcessor() !== undefined) === this.#hiding) return;
    try {
      if (this.#hiding) await dress(camera, this.#makeProcessor);
      else await camera.stopProcessor();
    } catch {
      camera.stop();
      if (this.#camera !== camera) return;
      this.#setCamera(null);
      this.#cameraProblem = "failed";
    }
  }

  async #acquire(audio: AudioCaptureOptions | false, video: VideoCaptureOptions | false): Promise<DeviceProblem | null> {
    if (typeof this.#media === "string") return this.#media;
    try {
      const processor = this.#hiding && video !== false ? { processor: this.#makeProcessor() } : {};
      const tracks = await createLocalTracks({ audio, video: video === false ? false : { ...video, ...processor } });
      for (const track of tracks) {
        if (track instanceof LocalAudioTrack) this.#setMicrophone(track);
        else if (track instanceof LocalVideoTrack) this.#setCamera(track);
      }
      return null;
    } catch (error) {
      return deviceProblem(error, this.#media);
    }
  }

  #setMicrophone(track: LocalAudioTrack | null): void {
    void this.#meter?.cleanup();
    this.#meter = null;
    this.#microphone = track;
    track?.once(TrackEvent.Ended, () => {
      if (this.#microphone !== track) return;
      this.#setMicrophone(null);
      this.#microphoneProblem = "missing";
      this.#tellNow();
    });
  }

  #setCamera(track: LocalVideoTrack | null): void {
    this.#camera = track;
    track?.once(TrackEvent.Ended, () => {
      if (this.#camera !== track) return;
      this.#setCamera(null);
      this.#cameraProblem = "missing";
      this.#tellNow();
    });
  }

  #tell(wish: PreviewWish): void {
    // A track may have been handed to a call meanwhile; then the call reports.
    if (wish.microphone.on && this.#microphone === null && this.#microphoneProblem === null) return;
    if (wish.camera.on && this.#camera === null && this.#cameraProblem === null) return;
    this.#tellNow();
  }

  #tellNow(): void {
    this.#report({
      microphone: captureOf(this.#microphone, this.#microphoneProblem),
      camera: captureOf(this.#camera, this.#cameraProblem),
      picture: this.#camera === null ? null : pictureKey(this.#camera),
      mirrored: this.#camera !== null && isMirrored(this.#camera),
      active: { microphone: deviceOf(this.#microphone), camera: deviceOf(this.#camera) },
    });
  }
}

/** A self view is a mirror, unless the camera looks away from the person. */
export function isMirrored(track: LocalVideoTrack): boolean {
  return track.getSourceTrackSettings().facingMode !== "environment";
}

/** `processing` is what makes voices clear and spoils music. */
export function audioOptions(deviceId: string | null, processing = true): AudioCaptureOptions {
  return { autoGainControl: processing, echoCancellation: processing, noiseSuppression: processing, ...(deviceId === null ? {} : { deviceId }) };
}

export function videoOptions(deviceId: string | null, back: boolean): VideoCaptureOptions {
  const resolution = { width: 1280, height: 720, frameRate: 30 };
  return deviceId === null ? { resolution, facingMode: back ? "environment" : "user" } : { resolution, deviceId };
}

function captureOf(track: object | null, problem: DeviceProblem | null): Capture {
  if (track !== null) return { kind: "on" };
  return problem === null ? { kind: "off" } : { kind: "failed", problem };
}

function deviceOf(track: LocalAudioTrack | LocalVideoTrack | null): string | null {
  return track?.getSourceTrackSettings().deviceId ?? null;
}

function pictureKey(track: LocalVideoTrack): string {
  return `preview:${track.mediaStreamTrack.id}`;
}
