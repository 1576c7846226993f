import { expect, test } from "vitest";
import { count, figures } from "./quality";

const pair = { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.08 };
const before = count(
  [
    [{ type: "outbound-rtp", bytesSent: 1_000_000 }, { type: "remote-inbound-rtp", fractionLost: 0.01 }, pair],
    [{ type: "inbound-rtp", bytesReceived: 500_000, packetsReceived: 1_000, packetsLost: 10 }],
  ],
  0,
);
const after = count(
  [
    [{ type: "outbound-rtp", bytesSent: 1_625_000 }, { type: "remote-inbound-rtp", fractionLost: 0.02 }, pair],
    [{ type: "inbound-rtp", bytesReceived: 1_125_000, packetsReceived: 1_960, packetsLost: 50 }],
  ],
  10_000,
);

test("rates, loss and delay come from two counts", () => {
  expect(figures(before, after, "good")).toEqual({ quality: "good", roundTripMs: 80, lossPercent: 4, uplinkKbps: 500, downlinkKbps: 500 });
});

test("the first count has no rates", () => {
  expect(figures(null, before, "unknown")).toEqual({ quality: "good", roundTripMs: 80, lossPercent: 1, uplinkKbps: null, downlinkKbps: null });
});

test("much loss or delay is weak, and what the engine says counts", () => {
  expect(figures(before, { ...after, lossUp: 0.05 }, "good").quality).toBe("weak");
  expect(figures(before, { ...after, roundTripMs: 600 }, "good").quality).toBe("weak");
  expect(figures(before, after, "weak").quality).toBe("weak");
  expect(figures(before, after, "lost").quality).toBe("lost");
});

test("tracks that have gone, and statistics that make no sense, give no figures in place of wrong ones", () => {
  expect(figures(after, before, "good")).toMatchObject({ uplinkKbps: null, downlinkKbps: null });
  const odd = count([[{ type: "inbound-rtp", bytesReceived: Number.NaN, packetsLost: -4 }, { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 }]], 0);
  expect(figures(null, odd, "good")).toEqual({ quality: "good", roundTripMs: null, lossPercent: null, uplinkKbps: null, downlinkKbps: null });
});
