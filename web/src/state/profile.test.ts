import { expect, test } from "vitest";
import { NO_GUARD, pictureWish, stepGuard, type LineSigns, type Profile, type VoiceGuard } from "./profile";

const WELL: LineSigns = { weak: false, uplinkKbps: 2000 };
const WEAK: LineSigns = { weak: true, uplinkKbps: null };

function watch(looks: readonly LineSigns[], profile: Profile = "balanced"): { guard: VoiceGuard; changed: number[] } {
  let guard = NO_GUARD;
  const changed: number[] = [];
  looks.forEach((signs, second) => {
    const next = stepGuard(guard, profile, signs, second * 1000);
    if (next.guarding !== guard.guarding) changed.push(second);
    guard = next;
  });
  return { guard, changed };
}

const times = (count: number, signs: LineSigns): LineSigns[] => Array.from({ length: count }, () => signs);

test("the picture gives way to the voice after six weak seconds, and comes back after thirty good ones", () => {
  expect(watch([...times(5, WELL), ...times(20, WEAK), ...times(60, WELL)]).changed).toEqual([11, 55]);
  expect(watch([...times(5, WEAK), WELL, ...times(5, WEAK), WELL]).changed, "short weaknesses pass").toEqual([]);
  expect(watch([...times(20, WEAK), ...times(29, WELL), WEAK, ...times(29, WELL)]).changed, "no coming and going").toEqual([6]);
});

test("a way out that is too narrow is weak, whatever the engine calls it, and one that nobody measured is not", () => {
  expect(watch(times(10, { weak: false, uplinkKbps: 120 })).guard.guarding).toBe(true);
  expect(watch(times(10, { weak: false, uplinkKbps: null })).guard.guarding).toBe(false);
});

test("by choice the voice goes first always, and for sign language never", () => {
  expect(watch(times(60, WEAK), "sign").guard.guarding).toBe(false);
  expect(pictureWish("sign", true)).toEqual({ size: "full", prefer: "maintain-framerate" });
  expect(pictureWish("voice", false)).toEqual({ size: "small", prefer: "balanced" });
  expect(pictureWish("balanced", false)).toEqual({ size: "full", prefer: "balanced" });
  expect(pictureWish("balanced", true)).toEqual({ size: "small", prefer: "balanced" });
});
