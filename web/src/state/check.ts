// The check before the call: what was found out of camera, microphone, speaker and connection, and what is worth telling.
import type { Check, DeviceVerdict, NetworkVerdict as ToldVerdict } from "./channel";
import type { Capture } from "./model";

/** How the browser stands to the use of a device; `unknown` where it does not tell. */
export type Permission = "granted" | "denied" | "prompt" | "unknown";

export type NetworkVerdict = Exclude<ToldVerdict, "skipped">;

/** What the way to the service is like. Figures are null where nothing could be measured. */
export interface NetworkResult {
  readonly verdict: NetworkVerdict;
  readonly uplinkKbps: number | null;
  readonly downlinkKbps: number | null;
  readonly roundTripMs: number | null;
  readonly lossPercent: number | null;
  /** This machine's milliseconds since the epoch. */
  readonly at: number;
}

/** What has been found out so far. What is wrong with a device stands in its `Capture`. */
export interface CheckFacts {
  /** Frames of the own picture have been seen. */
  readonly pictureSeen: boolean;
  /** The own microphone has been heard. */
  readonly voiceHeard: boolean;
  readonly speaker: "untried" | "asked" | "heard" | "silent";
  /** Null before the first measurement and while it lasts, as `networkBusy` tells; else the latest one. */
  readonly network: NetworkResult | null;
  readonly networkBusy: boolean;
  readonly permissions: { readonly camera: Permission; readonly microphone: Permission };
}

export const NOTHING_CHECKED: CheckFacts = {
  pictureSeen: false,
  voiceHeard: false,
  speaker: "untried",
  network: null,
  networkBusy: false,
  permissions: { camera: "unknown", microphone: "unknown" },
};

/** A measurement is good for this long: who reloads the page, or comes back from the call, need not wait for another one. */
export const CHECK_FRESH_MS = 10 * 60_000;

export function isFresh(result: NetworkResult | null, now: number): boolean {
  return result !== null && result.verdict !== "failed" && now >= result.at && now - result.at < CHECK_FRESH_MS;
}

interface Checked {
  readonly microphone: Capture;
  readonly camera: Capture;
  readonly check: CheckFacts;
}

/** Puts together what is told (docs/call-channel.md, CHECK). What nobody tried, or turned off themselves, is skipped: it is no fault. */
export function reportOf(own: Checked, browser: string | null): Check {
  const { check } = own;
  return {
    microphone: part(own.microphone, check.voiceHeard),
    camera: part(own.camera, check.pictureSeen),
    speaker: check.speaker === "heard" ? "ok" : check.speaker === "silent" ? "failed" : "skipped",
    network: check.network?.verdict ?? "skipped",
    uplinkKbps: check.network?.uplinkKbps ?? null,
    downlinkKbps: check.network?.downlinkKbps ?? null,
    browser,
  };
}

function part(capture: Capture, proven: boolean): DeviceVerdict {
  switch (capture.kind) {
    case "failed":
      return capture.problem;
    case "on":
      return proven ? "ok" : "skipped";
    case "off":
    case "starting":
      return "skipped";
  }
}

/** Below this a picture of a face freezes or is unreadable, whatever the encoder does. */
const KBPS_LEAST = 350;
/** From here on people begin to talk over each other (ITU-T G.114: 400 ms one way is the limit; this is both ways and our part of it). */
const ROUND_TRIP_MOST_MS = 400;
/** Opus conceals less than this well. */
const LOSS_MOST_PERCENT = 5;

export interface Measured {
  readonly connected: boolean;
  readonly protocol: "udp" | "tcp" | null;
  readonly uplinkKbps: number | null;
  readonly downlinkKbps: number | null;
  readonly roundTripMs: number | null;
  readonly lossPercent: number | null;
}

/** Says what figures mean. A weak line is worse news than one that lets only TCP through, so it goes first. */
export function judged(measured: Measured, at: number): NetworkResult {
  const { connected, protocol, uplinkKbps, downlinkKbps, roundTripMs, lossPercent } = measured;
  const weak =
    (uplinkKbps ?? KBPS_LEAST) < KBPS_LEAST ||
    (downlinkKbps ?? KBPS_LEAST) < KBPS_LEAST ||
    (roundTripMs ?? 0) > ROUND_TRIP_MOST_MS ||
    (lossPercent ?? 0) > LOSS_MOST_PERCENT;
  const verdict: NetworkVerdict = !connected ? "failed" : weak ? "weak" : protocol === "tcp" ? "tcp_only" : "good";
  return { verdict, uplinkKbps, downlinkKbps, roundTripMs, lossPercent, at };
}
