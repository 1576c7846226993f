import { ConnectionQuality, LocalAudioTrack, LocalVideoTrack, Track, type Room } from "livekit-client";
import { SOUND_AND_WELL, stepRepair, type Repair, type Signs } from "../state/repair";
import { amountIn, isObject } from "./json";
import { read } from "./network-check";

export type WatchedDevice = "microphone" | "camera";

/** What the own line is like at this moment. Figures are null where nothing could be measured. */
export interface LineReport {
  readonly weak: boolean;
  readonly uplinkKbps: number | null;
}

export interface MediaWatchParts {
  readonly room: Room;
  /** A change of this device is under way. */
  readonly busy: (device: WatchedDevice) => boolean;
  readonly hidden: () => boolean;
  readonly now: () => number;
  readonly restart: (device: WatchedDevice) => void;
  readonly stopped: (device: WatchedDevice) => void;
  readonly mended: (device: WatchedDevice, told: boolean) => void;
  readonly line: (report: LineReport) => void;
  /** Sounds that should be heard and are not. */
  readonly silent: () => void;
}

const LOOK_MS = 1_000;

/** Looks at the own media once a second: whether something comes from the devices, and what the line carries. */
export class MediaWatch {
  readonly #parts: MediaWatchParts;
  readonly #sounds = new Set<HTMLMediaElement>();
  readonly #repairs: Record<WatchedDevice, Repair> = { microphone: SOUND_AND_WELL, camera: SOUND_AND_WELL };
  readonly #amounts: Record<WatchedDevice, { id: string; amount: number } | null> = { microphone: null, camera: null };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(parts: MediaWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.#look().finally(() => {
        this.start();
      });
    }, LOOK_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#sounds.clear();
  }

  /** Keeps an eye on an element that plays somebody's voice. Returns how to stop. */
  listenTo(element: HTMLMediaElement): () => void {
    this.#sounds.add(element);
    return () => {
      this.#sounds.delete(element);
    };
  }

  async #look(): Promise<void> {
    const { room, busy, hidden, now } = this.#parts;
    const local = room.localParticipant;
    const line: Parameters<typeof read>[1] = { protocol: null, uplinkKbps: null, roundTripMs: null, lossPercent: null };
    for (const device of ["microphone", "camera"] as const) {
      const publication = local.getTrackPublication(device === "microphone" ? Track.Source.Microphone : Track.Source.Camera);
      const track = publication?.track;
      if (!(track instanceof LocalAudioTrack || track instanceof LocalVideoTrack)) continue;
      const stats = await track.sender?.getStats().catch(() => undefined);
      if (this.#closed) return;
      if (stats !== undefined) read(stats, line);
      const media = track.mediaStreamTrack;
      const advancing = stats === undefined ? null : this.#advancing(device, media.id, stats);
      const signs: Signs = {
        wanted: publication?.isMuted === false && !busy(device),
        ended: media.readyState === "ended",
        muted: media.muted,
        advancing,
        hidden: hidden(),
      };
      const { repair, action } = stepRepair(this.#repairs[device], signs, now());
      this.#repairs[device] = repair;
      if (action.kind === "restart") this.#parts.restart(device);
      else if (action.kind === "tell") this.#parts.stopped(device);
      else if (action.kind === "well") this.#parts.mended(device, action.told);
    }
    const weak = local.connectionQuality === ConnectionQuality.Poor || local.connectionQuality === ConnectionQuality.Lost;
    this.#parts.line({ weak, uplinkKbps: line.uplinkKbps });
    // A phone call, or another app, pauses what a page plays; nothing tells the page when it is over.
    if (!hidden() && [...this.#sounds].some((sound) => sound.paused && sound.srcObject !== null)) this.#parts.silent();
  }

  /** Whether the device gave something since the last look (`media-source` of webrtc-stats); null where that is not told. */
  #advancing(device: WatchedDevice, id: string, stats: Iterable<readonly [string, unknown]>): boolean | null {
    let amount: number | null = null;
    for (const [, report] of stats) {
      if (!isObject(report) || report.type !== "media-source") continue;
      amount = device === "camera" ? amountIn(report, "frames") : amountIn(report, "totalSamplesDuration");
    }
    const before = this.#amounts[device];
    this.#amounts[device] = amount === null ? null : { id, amount };
    // A track that is new has a count of its own.
    return amount === null || before?.id !== id ? null : amount !== before.amount;
  }
}
