import { expect, test } from "vitest";
import { FAREWELL_MS_MIN, leavingAfter, leavingRated, leavingWhileRating, secondsLeft, type Leaving } from "./leaving";
import type { Farewell } from "./model";

const NOW = Date.UTC(2026, 0, 1);
const soon: Farewell = { url: "https://clinic.example/bye", host: "clinic.example", waitMs: 0 };
const later: Farewell = { ...soon, waitMs: 45_000 };
const offered: Leaving = { kind: "offered" };

test("where the company has set no address, nothing happens, whatever the reason", () => {
  for (const reason of ["left", "time_up", "other_left", "closed", "removed"] as const) expect(leavingAfter(reason, null, NOW)).toEqual({ kind: "none" });
  expect(leavingRated({ kind: "none" }, null, NOW)).toEqual({ kind: "none" });
});

test("when it is over for everybody the page goes on by itself, after the company's time, and never before people could stop it", () => {
  for (const reason of ["time_up", "closed"] as const) {
    expect(leavingAfter(reason, soon, NOW)).toEqual({ kind: "counting", due: NOW + FAREWELL_MS_MIN });
    expect(leavingAfter(reason, later, NOW)).toEqual({ kind: "counting", due: NOW + 45_000 });
  }
});

test("who could go back in is taken nowhere before they have rated", () => {
  for (const reason of ["left", "other_left", "removed"] as const) expect(leavingAfter(reason, soon, NOW)).toEqual(offered);
  expect(leavingRated(offered, soon, NOW)).toEqual({ kind: "counting", due: NOW + FAREWELL_MS_MIN });
});

test("who is rating is not taken away, and who wants to stay is not either, also not for a rating", () => {
  expect(leavingWhileRating(leavingAfter("time_up", soon, NOW))).toEqual(offered);
  for (const kind of ["stopped", "none", "gone"] as const) {
    expect(leavingWhileRating({ kind })).toEqual({ kind });
    expect(leavingRated({ kind }, soon, NOW)).toEqual({ kind });
  }
});

test("seconds are whole and never below none", () => {
  expect([secondsLeft(NOW + 20_000, NOW), secondsLeft(NOW + 1, NOW), secondsLeft(NOW, NOW), secondsLeft(NOW, NOW + 5_000)]).toEqual([20, 1, 0, 0]);
});
