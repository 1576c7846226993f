import { expect, test } from "vitest";
import type { LinkAnswer } from "./model";
import { POLL_MS, stepWaiting, waitingStart, type WaitingEvent, type WaitingState } from "./waiting";

const answered = (answer: LinkAnswer): WaitingEvent => ({ kind: "answered", answer });
const waiting: WaitingState = { kind: "waiting", failures: 0 };
const inCall: WaitingState = { kind: "call", url: "https://call.example/x", refused: false };

test("it asks at once, waits while the link is null, and asks again", () => {
  expect(waitingStart.effects).toEqual([{ kind: "ask" }]);
  const step = stepWaiting(waitingStart.state, answered({ kind: "pending" }));
  expect(step.state).toEqual(waiting);
  expect(step.effects).toEqual([{ kind: "askAfter", ms: POLL_MS }]);
});

test("a link opens the call and ends the asking", () => {
  const step = stepWaiting(waiting, answered({ kind: "link", url: "https://call.example/x" }));
  expect(step).toEqual({ state: inCall, effects: [] });
});

test("a stranger is told so and nothing is asked any more", () => {
  expect(stepWaiting(waiting, answered({ kind: "stranger" }))).toEqual({ state: { kind: "stranger" }, effects: [] });
});

test("trouble keeps the page as it is, is counted, and is asked again ever more rarely", () => {
  let state: WaitingState = waiting;
  let longest = 0;
  for (let failures = 1; failures <= 12; failures += 1) {
    const step = stepWaiting(state, answered({ kind: "trouble" }));
    state = step.state;
    expect(state).toEqual({ kind: "waiting", failures });
    const effect = step.effects[0];
    expect(effect?.kind).toBe("askAfter");
    if (effect?.kind !== "askAfter") continue;
    expect(effect.ms).toBeGreaterThanOrEqual(longest);
    longest = effect.ms;
  }
  expect(longest).toBeLessThanOrEqual(30_000);
  expect(stepWaiting(state, answered({ kind: "pending" })).state).toEqual(waiting);
});

test("the end of a call deletes the uploads and leaves the call page, which asks for a rating and offers to come back", () => {
  expect(stepWaiting(inCall, { kind: "callEnded" })).toEqual({ state: inCall, effects: [{ kind: "deleteUploads" }] });
  expect(stepWaiting(waiting, { kind: "callEnded" })).toEqual({ state: waiting, effects: [] });
});

test("a link that was replaced is asked for anew, once, and the newer one opens the call", () => {
  const asking = stepWaiting(inCall, { kind: "linkRefused" });
  expect(asking.effects).toEqual([{ kind: "ask" }]);
  const newer = stepWaiting(asking.state, answered({ kind: "link", url: "https://call.example/y" }));
  expect(newer.state).toEqual({ kind: "call", url: "https://call.example/y", refused: false });
  const troubled = stepWaiting(asking.state, answered({ kind: "trouble" }));
  const same = stepWaiting(troubled.state, answered({ kind: "link", url: "https://call.example/x" }));
  expect(same.state).toEqual({ ...inCall, refused: true });
  expect(stepWaiting(same.state, { kind: "linkRefused" })).toEqual({ state: same.state, effects: [] });
});

test("a stranger can have it tried again", () => {
  expect(stepWaiting({ kind: "stranger" }, { kind: "againWished" })).toEqual(waitingStart);
  expect(stepWaiting(inCall, { kind: "againWished" })).toEqual({ state: inCall, effects: [] });
});

test("a late answer does not disturb a call", () => {
  expect(stepWaiting(inCall, answered({ kind: "stranger" })).state).toBe(inCall);
});
