import type { Quality } from "../state/model";

/** A loss or delay from here on is felt: words are missed, people begin to speak at the same time. */
const LOSS_WEAK_PERCENT = 5;
const ROUND_TRIP_WEAK_MS = 600;

/** Sums since the call began, as the browser counts them. */
export interface Counted {
  readonly at: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly lostPackets: number;
  /** The share of what this page sends that does not arrive, of 1. */
  readonly lossUp: number | null;
  readonly roundTripMs: number | null;
}

export interface Figures {
  readonly quality: Exclude<Quality, "unknown">;
  readonly roundTripMs: number | null;
  readonly lossPercent: number | null;
  readonly uplinkKbps: number | null;
  readonly downlinkKbps: number | null;
}

/** One entry of the browser's statistics (W3C webrtc-stats). */
type Stat = Readonly<Record<string, unknown>>;

/** Adds up the statistics of all tracks. Each report also has the connection that the track travels over. */
export function count(reports: readonly Iterable<Stat>[], at: number): Counted {
  let [sentBytes, receivedBytes, receivedPackets, lostPackets] = [0, 0, 0, 0];
  let lossUp: number | null = null;
  let roundTripMs: number | null = null;
  for (const stat of reports.flatMap((report) => [...report])) {
    const number = (name: string): number | null => (typeof stat[name] === "number" && Number.isFinite(stat[name]) ? stat[name] : null);
    switch (stat.type) {
      case "outbound-rtp":
        sentBytes += number("bytesSent") ?? 0;
        break;
      case "inbound-rtp":
        receivedBytes += number("bytesReceived") ?? 0;
        receivedPackets += number("packetsReceived") ?? 0;
        lostPackets += Math.max(0, number("packetsLost") ?? 0);
        break;
      case "remote-inbound-rtp":
        lossUp = larger(lossUp, number("fractionLost"));
        break;
      case "candidate-pair":
        if (stat.nominated === true && stat.state === "succeeded") {
          const seconds = number("currentRoundTripTime");
          roundTripMs = larger(roundTripMs, seconds === null ? null : seconds * 1000);
        }
        break;
      default:
    }
  }
  return { at, sentBytes, receivedBytes, receivedPackets, lostPackets, lossUp, roundTripMs };
}

/** What the connection was like between two counts. `before` is null the first time. `judged` is what the engine thinks of it. */
export function figures(before: Counted | null, after: Counted, judged: Quality): Figures {
  const seconds = before === null ? 0 : (after.at - before.at) / 1000;
  // Tracks that have gone take their sums with them.
  const kbps = (from: number, to: number): number | null => (seconds > 0 && to >= from ? Math.round(((to - from) * 8) / 1000 / seconds) : null);
  const lost = before === null ? 0 : after.lostPackets - before.lostPackets;
  const came = before === null ? 0 : after.receivedPackets - before.receivedPackets;
  const lossDown = lost >= 0 && came >= 0 && lost + came > 0 ? lost / (lost + came) : null;
  const loss = larger(lossDown, after.lossUp);
  const lossPercent = loss === null ? null : Math.round(Math.min(1, Math.max(0, loss)) * 1000) / 10;
  const roundTripMs = after.roundTripMs === null ? null : Math.round(after.roundTripMs);
  const weak = (lossPercent ?? 0) >= LOSS_WEAK_PERCENT || (roundTripMs ?? 0) >= ROUND_TRIP_WEAK_MS;
  return {
    quality: judged === "lost" ? "lost" : judged === "weak" || weak ? "weak" : "good",
    roundTripMs,
    lossPercent,
    uplinkKbps: before === null ? null : kbps(before.sentBytes, after.sentBytes),
    downlinkKbps: before === null ? null : kbps(before.receivedBytes, after.receivedBytes),
  };
}

function larger(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
