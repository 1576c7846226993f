import { expect, test } from "vitest";
import { checkText, parseCheck } from "./kept-check";
import { linkOf, tokenIn } from "./link";
import { read } from "./network-check";

const NOW = Date.UTC(2026, 0, 1);
const nothing = (): Parameters<typeof read>[1] => ({ protocol: null, uplinkKbps: null, roundTripMs: null, lossPercent: null });

const CHROME = new Map<string, unknown>([
  ["T", { type: "transport", selectedCandidatePairId: "P2" }],
  ["P1", { type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "L1", availableOutgoingBitrate: 1 }],
  ["P2", { type: "candidate-pair", localCandidateId: "L2", availableOutgoingBitrate: 1_234_000, currentRoundTripTime: 0.042 }],
  ["L1", { type: "local-candidate", protocol: "udp" }],
  ["L2", { type: "local-candidate", protocol: "tcp" }],
  ["R", { type: "remote-inbound-rtp", fractionLost: 0.0123 }],
]);

test("the pair that carries the media is read, not another one that would have worked", () => {
  const sent = nothing();
  read(CHROME, sent);
  expect(sent).toEqual({ protocol: "tcp", uplinkKbps: 1234, roundTripMs: 42, lossPercent: 1.2 });
});

test("without a transport the pair says itself that it is the one", () => {
  const sent = nothing();
  read(
    new Map<string, unknown>([
      ["P1", { type: "candidate-pair", nominated: false, state: "succeeded", localCandidateId: "L1" }],
      ["P2", { type: "candidate-pair", selected: true, localCandidateId: "L2" }],
      ["L1", { type: "local-candidate", protocol: "tcp" }],
      ["L2", { type: "local-candidate", protocol: "UDP" }],
    ]),
    sent,
  );
  expect(sent).toEqual({ ...nothing(), protocol: "udp" });
});

test("the best uplink of several looks counts, and nonsense counts as nothing", () => {
  const sent = nothing();
  read(CHROME, sent);
  read(new Map<string, unknown>([["P", { type: "candidate-pair", selected: true, availableOutgoingBitrate: 300_000, currentRoundTripTime: -1 }]]), sent);
  read(new Map<string, unknown>([["P", "no report"], ["R", { type: "remote-inbound-rtp", fractionLost: Number.NaN }]]), sent);
  expect(sent).toEqual({ protocol: "tcp", uplinkKbps: 1234, roundTripMs: 42, lossPercent: 1.2 });
});

test("a check is kept for some minutes and no longer, and what is no check is none", () => {
  const network = { verdict: "weak", uplinkKbps: 200, downlinkKbps: null, roundTripMs: 90, lossPercent: 0, at: NOW } as const;
  const text = checkText({ speaker: "heard", network }, NOW);
  expect(parseCheck(text, NOW + 9 * 60_000)).toEqual({ speaker: "heard", network });
  expect(parseCheck(text, NOW + 11 * 60_000)).toBeNull();
  expect(parseCheck(text, NOW - 1)).toBeNull();
  expect(parseCheck(checkText({ speaker: "asked", network: null }, NOW), NOW)).toEqual({ speaker: "untried", network: null });
  expect(parseCheck(`{"at":${NOW},"speaker":"heard","network":{"verdict":"fine","at":1}}`, NOW)).toEqual({ speaker: "heard", network: null });
  for (const no of [null, "", "[]", "{"]) expect(parseCheck(no, NOW)).toBeNull();
});

test("the link for another browser leads to the same token", () => {
  const link = linkOf("https://call.example", "a/b?c", "?language=it");
  expect(link).toBe("https://call.example/connect/direct-rest-call-handler/a%2Fb%3Fc?language=it");
  expect(tokenIn(new URL(link).pathname)).toBe("a/b?c");
});
