import { expect, test } from "vitest";
import { backoffMs, jittered } from "./backoff";
import { endIsNear, remainingMs } from "./time";

test("the time runs only while the room does", () => {
  const still = { status: "NOT_RUNNING", durationSeconds: 3600, usedSeconds: 600, runningSince: null } as const;
  expect(remainingMs(still, 1_000_000)).toBe(3_000_000);
  expect(remainingMs({ ...still, status: "RUNNING", runningSince: 940_000 }, 1_000_000)).toBe(2_940_000);
  expect(remainingMs({ ...still, status: "RUNNING", runningSince: 0 }, 10_000_000)).toBe(0);
});

test("without a length, or without metadata, there is no end", () => {
  expect(remainingMs(null, 0)).toBeNull();
  const endless = { status: "RUNNING", durationSeconds: null, usedSeconds: 0, runningSince: 0 } as const;
  expect(remainingMs(endless, 0)).toBeNull();
  expect(endIsNear(endless, 0)).toBe(false);
});

test("a clock that is behind the server's does not lengthen the call", () => {
  expect(remainingMs({ status: "RUNNING", durationSeconds: 60, usedSeconds: 0, runningSince: 5000 }, 0)).toBe(60_000);
});

test("pauses grow and stay bounded, and spread to both sides", () => {
  expect([0, 1, 2, 3, 4, 50].map(backoffMs)).toEqual([500, 1000, 2000, 4000, 8000, 8000]);
  expect(jittered(5000, 0)).toBe(4000);
  expect(jittered(5000, 0.999)).toBeLessThanOrEqual(6000);
});
