import { LocalVideoTrack, Room, Track } from "livekit-client";
import { judged, type Measured, type NetworkResult } from "../state/check";
import { ask, type Fetch } from "./http";
import { amountIn, isObject, objectIn, textIn, type JsonObject } from "./json";

/** The whole check is done within this time; what is not known by then stays unknown. */
const WHOLE_MS = 15_000;
/** How long the download is measured: a megabyte takes longer on a line that is slower than 2 Mbit/s, and need not end. */
const DOWNLOAD_MS = 4_000;
/** How long a picture is sent. The first seconds the estimate of the line is still climbing. */
const SENDING_MS = 5_000;
const LOOK_MS = 500;
/** A picture of a face, not more: the check must not take the line from those who are in a call. */
const SENDING_BPS = 1_500_000;

export interface NetworkCheckParts {
  readonly fetch: Fetch;
  readonly accessToken: string;
  readonly origin: string;
  readonly now: () => number;
  /** A moving picture that is made up, and how to end it; null if the browser cannot. */
  readonly picture: () => { readonly track: MediaStreamTrack; readonly end: () => void } | null;
}

interface Sent {
  protocol: "udp" | "tcp" | null;
  uplinkKbps: number | null;
  roundTripMs: number | null;
  lossPercent: number | null;
}

/**
 * Tries the way to the media engine as a call would go it: in a room where nobody else is, with a picture that is made up. It is used once.
 */
export class NetworkCheck {
  readonly #parts: NetworkCheckParts;
  readonly #ended = new AbortController();
  #room: Room | null = null;
  #closed = false;

  constructor(parts: NetworkCheckParts) {
    this.#parts = parts;
  }

  /** Returns what was found, or null if the service gives no check now, or `close` was called. */
  async run(): Promise<NetworkResult | null> {
    const { fetch, accessToken, origin, now } = this.#parts;
    const answer = await ask(fetch, "POST", "/call/check", { access_token: accessToken });
    if (this.#over()) return null;
    // The page is here, so the service was reachable a moment ago: no answer at all is a finding.
    if (answer === null) return judged({ ...NOTHING, connected: false }, now());
    const body = isObject(answer.body) ? answer.body : null;
    const livekit = objectIn(body, "livekit");
    const token = textIn(livekit, "token");
    if (answer.status !== 200 || token === null) return null;
    const given = textIn(livekit, "url") ?? "";
    const bytesUrl = /^\/call\/check\/bytes\/\w+$/.exec(textIn(body, "bytes_url") ?? "")?.[0] ?? null;
    const late = setTimeout(() => {
      this.#ended.abort();
    }, WHOLE_MS);
    try {
      // One after the other: at once they would take the line from each other.
      const downlinkKbps = bytesUrl === null ? null : await this.#download(bytesUrl);
      const sent = await this.#send(given === "" ? origin.replace(/^http/, "ws") : given, token);
      if (this.#closed) return null;
      return judged({ ...(sent ?? NOTHING), connected: sent !== null, downlinkKbps }, now());
    } finally {
      clearTimeout(late);
      void this.#room?.disconnect();
    }
  }

  /** Ends the check without a result. Safe at any time. */
  close(): void {
    this.#closed = true;
    this.#ended.abort();
    void this.#room?.disconnect();
  }

  #over(): boolean {
    return this.#ended.signal.aborted;
  }

  /** Returns how fast something comes, in kbit/s, or null if too little came to say. */
  async #download(url: string): Promise<number | null> {
    const { fetch, now } = this.#parts;
    const began = now();
    let first: number | null = null;
    let bytes = 0;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      stop.abort();
    }, DOWNLOAD_MS);
    const end = (): void => {
      stop.abort();
    };
    this.#ended.signal.addEventListener("abort", end);
    try {
      const response = await fetch(url, { cache: "no-store", signal: stop.signal });
      const reader = response.ok ? response.body?.getReader() : undefined;
      while (reader !== undefined) {
        const { done, value } = await reader.read();
        if (done) break;
        first ??= now();
        bytes += value.length;
      }
    } catch {
      // Cut off by the time, or by the line: what came until then counts.
    } finally {
      clearTimeout(timer);
      this.#ended.signal.removeEventListener("abort", end);
    }
    const ms = now() - (first ?? began);
    return bytes < 4096 ? null : kbps(bytes, Math.max(ms, 1));
  }

  /** Sends the picture for some seconds. Returns null if no media could flow. */
  async #send(url: string, token: string): Promise<Sent | null> {
    const picture = this.#parts.picture();
    const room = new Room({ adaptiveStream: false, dynacast: false, disconnectOnPageLeave: true });
    this.#room = room;
    try {
      if (this.#over()) return null;
      const connected = await this.#within(room.connect(url, token, { maxRetries: 0 }).then(() => true));
      if (connected !== true) return null;
      if (picture === null) return { ...NOTHING_SENT };
      const track = new LocalVideoTrack(picture.track, undefined, true);
      const publishing = room.localParticipant.publishTrack(track, {
        source: Track.Source.Camera,
        simulcast: false,
        videoEncoding: { maxBitrate: SENDING_BPS, maxFramerate: 15 },
      });
      if ((await this.#within(publishing)) === null) return null;
      const sent: Sent = { ...NOTHING_SENT };
      for (let passed = 0; passed < SENDING_MS && !this.#over(); passed += LOOK_MS) {
        await this.#pause(LOOK_MS);
        const stats = await track.sender?.getStats();
        if (stats !== undefined) read(stats, sent);
      }
      return sent;
    } catch {
      // Whatever went wrong, a call would have gone no better.
      return null;
    } finally {
      picture?.end();
      await room.disconnect().catch(() => undefined);
    }
  }

  async #pause(ms: number): Promise<void> {
    await this.#within(
      new Promise((resolve) => {
        setTimeout(resolve, ms);
      }),
    );
  }

  /** Waits for something, but not longer than the check lasts; then null. */
  async #within<T>(promise: Promise<T>): Promise<T | null> {
    const signal = this.#ended.signal;
    let end: (() => void) | undefined;
    try {
      return await Promise.race([
        promise,
        new Promise<null>((resolve) => {
          end = () => {
            resolve(null);
          };
          if (signal.aborted) end();
          else signal.addEventListener("abort", end);
        }),
      ]);
    } finally {
      if (end !== undefined) signal.removeEventListener("abort", end);
    }
  }
}

const NOTHING: Omit<Measured, "connected"> = { protocol: null, uplinkKbps: null, downlinkKbps: null, roundTripMs: null, lossPercent: null };
const NOTHING_SENT: Sent = { protocol: null, uplinkKbps: null, roundTripMs: null, lossPercent: null };

function kbps(bytes: number, ms: number): number {
  return Math.round((bytes * 8) / ms);
}

/** Reads a report of `RTCRtpSender.getStats` (W3C webrtc-stats) over what earlier ones said; the best uplink seen counts, the rest is the latest. */
export function read(stats: Iterable<readonly [string, unknown]>, sent: Sent): void {
  const reports = new Map<string, JsonObject>();
  for (const [id, report] of stats) if (isObject(report)) reports.set(id, report);
  const all = [...reports.values()];
  const selected = all.map((report) => (report.type === "transport" ? textIn(report, "selectedCandidatePairId") : null)).find((id) => id !== null);
  // Firefox has no transport in what it reports and marks the pair itself.
  const pair =
    reports.get(selected ?? "") ??
    all.find((report) => report.type === "candidate-pair" && (report.selected === true || (report.nominated === true && report.state === "succeeded")));
  if (pair !== undefined) {
    const local = reports.get(textIn(pair, "localCandidateId") ?? "") ?? null;
    const protocol = textIn(local, "protocol")?.toLowerCase();
    if (protocol === "udp" || protocol === "tcp") sent.protocol = protocol;
    const available = amountIn(pair, "availableOutgoingBitrate");
    if (available !== null) sent.uplinkKbps = Math.max(sent.uplinkKbps ?? 0, Math.round(available / 1000));
    const roundTrip = amountIn(pair, "currentRoundTripTime");
    if (roundTrip !== null) sent.roundTripMs = Math.round(roundTrip * 1000);
  }
  for (const report of all) {
    if (report.type !== "remote-inbound-rtp") continue;
    const lost = amountIn(report, "fractionLost");
    if (lost !== null) sent.lossPercent = Math.round(lost * 1000) / 10;
  }
}
