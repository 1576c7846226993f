import { expect, test } from "vitest";
import { arranged, cornerAt, cornerTowards, nextCorner, USUAL_LAYOUT, type Corner } from "./layout";
import type { People, Person } from "./model";

function person(id: string, more: Partial<Person> = {}): Person {
  return { id, own: false, name: id, microphone: true, speaking: false, quality: "good", camera: null, cameraHeld: false, mirrored: false, screen: null, sounds: [], ...more };
}

const people = (...list: Person[]): People => new Map(list.map((each) => [each.id, each]));
const ME = person("me", { own: true });
const [ADA, BERT] = [person("ada"), person("bert")];
const WISHES = { layout: USUAL_LAYOUT, presented: null, equal: false };

test("two people are a pair, more are a grid, and for sign language two are one too", () => {
  expect(arranged(people(ME), WISHES)).toEqual({ kind: "pair", other: null, own: ME });
  expect(arranged(people(ADA, ME), WISHES)).toEqual({ kind: "pair", other: ADA, own: ME });
  expect(arranged(people(ADA, BERT, ME), WISHES)).toEqual({ kind: "grid", people: [ADA, BERT, ME] });
  expect(arranged(people(ADA, ME), { ...WISHES, equal: true })).toEqual({ kind: "grid", people: [ADA, ME] });
  expect(arranged(people(ME), { ...WISHES, equal: true }).kind, "alone there is nobody to be equal to").toBe("pair");
});

test("what is presented goes before who is pinned, and that before a shared screen", () => {
  const sharing = person("bert", { screen: "s" });
  const all = people(ADA, sharing, ME);
  const pinned = { ...USUAL_LAYOUT, pinned: { id: "ada", source: "camera" } } as const;
  expect(arranged(all, WISHES)).toEqual({ kind: "focus", person: sharing, source: "screen", why: "shared", strip: [ADA, sharing, ME] });
  expect(arranged(all, { ...WISHES, layout: pinned })).toEqual({ kind: "focus", person: ADA, source: "camera", why: "pinned", strip: [sharing, ME] });
  const presented = { userId: "me", source: "camera" } as const;
  const seen = person("me", { own: true, camera: "c" });
  expect(arranged(people(ADA, sharing, seen), { layout: pinned, presented, equal: false })).toEqual({
    kind: "focus",
    person: seen,
    source: "camera",
    why: "presented",
    strip: [ADA, sharing],
  });
});

test("who is gone, or shares no screen any more, is shown nowhere", () => {
  const gone = { ...USUAL_LAYOUT, pinned: { id: "carla", source: "camera" } } as const;
  expect(arranged(people(ADA, ME), { ...WISHES, layout: gone }).kind).toBe("pair");
  for (const source of ["screen_share", "camera"] as const) {
    expect(arranged(people(ADA, ME), { ...WISHES, presented: { userId: "ada", source } }).kind).toBe("pair");
  }
});

test("the own screen is not shown within itself", () => {
  const presented = { userId: "me", source: "screen_share" } as const;
  const sharing = person("me", { own: true, screen: "s" });
  expect(arranged(people(ADA, sharing), { ...WISHES, presented })).toEqual({ kind: "pair", other: ADA, own: sharing });
});

test("somebody whose link was replaced is still who is presented, and nobody else is", () => {
  const presented = { userId: "ada", source: "camera" } as const;
  const again = person("ada:2", { camera: "c" });
  expect(arranged(people(again, BERT, ME), { ...WISHES, presented })).toMatchObject({ kind: "focus", person: again });
  expect(arranged(people(person("adam", { camera: "c" }), BERT, ME), { ...WISHES, presented }).kind).toBe("grid");
});

test("the own picture goes round all four corners, and where an arrow or a finger takes it", () => {
  const round: Corner[] = ["bottom_end"];
  for (let step = 0; step < 4; step += 1) round.push(nextCorner(round.at(-1) ?? "bottom_end"));
  expect(new Set(round).size).toBe(4);
  expect(round.at(-1)).toBe("bottom_end");
  expect(cornerTowards("bottom_end", "top")).toBe("top_end");
  expect(cornerTowards("top_end", "start")).toBe("top_start");
  expect(cornerTowards("top_start", "start")).toBe("top_start");
  expect(cornerTowards("bottom_start", "end")).toBe("bottom_end");
  expect(cornerAt(0.2, 0.9)).toBe("bottom_start");
  expect(cornerAt(0.8, 0.1)).toBe("top_end");
});
