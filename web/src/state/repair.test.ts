import { expect, test } from "vitest";
import { SOUND_AND_WELL, stepRepair, type Repair, type Signs } from "./repair";

const FINE: Signs = { wanted: true, ended: false, muted: false, advancing: true, hidden: false };

/** Looks once a second and returns what was decided when, and what is known in the end. */
function watch(looks: readonly Partial<Signs>[], from: Repair = SOUND_AND_WELL): { decided: [number, string][]; repair: Repair } {
  let repair = from;
  const decided: [number, string][] = [];
  looks.forEach((signs, second) => {
    const next = stepRepair(repair, { ...FINE, ...signs }, second * 1000);
    repair = next.repair;
    if (next.action.kind !== "none") decided.push([second, next.action.kind]);
  });
  return { decided, repair };
}

const times = (count: number, signs: Partial<Signs>): Partial<Signs>[] => Array.from({ length: count }, () => signs);

test("what works, or is off, is left alone", () => {
  expect(watch(times(60, {})).decided).toEqual([]);
  expect(watch(times(60, { wanted: false, ended: true, muted: true, advancing: false })).decided).toEqual([]);
  expect(watch(times(60, { advancing: null })).decided, "a browser that does not tell").toEqual([]);
});

test("an interruption that passes by itself is not noticed by anybody", () => {
  expect(watch([{}, ...times(3, { muted: true }), ...times(10, {})]).decided).toEqual([]);
});

test("a capture that has ended is restarted at once", () => {
  expect(watch([{}, { ended: true }, ...times(5, {})]).decided).toEqual([
    [1, "restart"],
    [2, "well"],
  ]);
});

test("a dark or silent one is restarted after three seconds, twice, then the person is told once", () => {
  for (const signs of [{ muted: true }, { advancing: false }] as const) {
    expect(watch(times(60, signs)).decided).toEqual([
      [3, "restart"],
      [8, "restart"],
      [13, "tell"],
    ]);
  }
});

test("when it works again after the person was told, they are told that too", () => {
  const told = watch(times(20, { ended: true })).repair;
  expect(stepRepair(told, FINE, 30_000)).toEqual({ repair: SOUND_AND_WELL, action: { kind: "well", told: true } });
  expect(stepRepair(told, { ...FINE, wanted: false, ended: true }, 30_000), "turned off meanwhile").toEqual({
    repair: SOUND_AND_WELL,
    action: { kind: "well", told: true },
  });
});

test("while the page is hidden nothing is restarted, and it is as soon as it is seen", () => {
  expect(watch(times(60, { muted: true, hidden: true })).decided).toEqual([]);
  expect(watch([...times(10, { ended: true, hidden: true }), { ended: true }]).decided).toEqual([[10, "restart"]]);
});
