import { generateNKeysBetween } from "fractional-indexing";
import { expect, test } from "vitest";
import { parseElement } from "./element";
import { isOrderKey } from "./order-key";

const rectangle = {
  id: "r1",
  type: "rectangle",
  version: 3,
  versionNonce: 9,
  isDeleted: false,
  index: "a0",
  x: 1,
  y: 2,
  width: 30,
  height: 40,
  angle: 0,
  strokeColor: "#1e1e1e",
  backgroundColor: "transparent",
  fillStyle: "solid",
  strokeWidth: 2,
  strokeStyle: "solid",
  roughness: 1,
  opacity: 100,
  seed: 7,
  groupIds: [],
  frameId: null,
  roundness: { type: 3 },
  boundElements: [{ id: "arrow1", type: "arrow" }],
  updated: 1,
  link: null,
  locked: false,
};
const text = {
  ...rectangle,
  id: "t1",
  type: "text",
  text: "Hello",
  originalText: "Hello",
  fontSize: 20,
  fontFamily: 5,
  textAlign: "left",
  verticalAlign: "top",
  containerId: null,
  autoResize: true,
  lineHeight: 1.25,
};
const stroke = { ...rectangle, id: "s1", type: "freedraw", points: [[0, 0], [1.23456, 2]], pressures: [], simulatePressure: true, lastCommittedPoint: null };
const arrow = { ...rectangle, id: "a1", type: "arrow", points: [[0, 0], [5, 5]], startArrowhead: null, endArrowhead: "arrow", elbowed: false };
const image = { ...rectangle, id: "i1", type: "image", fileId: "file_01J0", status: "saved", scale: [1, 1], crop: null };

test("what Excalidraw makes is taken over whole", () => {
  expect(parseElement(rectangle)).toEqual(rectangle);
  expect(parseElement(text)).toEqual(text);
  expect(parseElement(image)).toEqual(image);
  expect(parseElement(stroke)).toEqual({ ...stroke, points: [[0, 0], [1.23, 2]] });
  expect(parseElement(arrow)).toMatchObject(arrow);
});

test("links, embedded pages, other people's data and members that nobody knows do not get through", () => {
  const dressed = { ...rectangle, link: "javascript:alert(1)", customData: { generationData: { html: "<script>" } }, onclick: "alert(1)" };
  expect(parseElement(dressed)).toEqual(rectangle);
  for (const type of ["embeddable", "iframe", "magicframe", "selection", "script", "__proto__"]) {
    expect(parseElement({ ...rectangle, type, link: "https://example.org" }), type).toBeNull();
  }
});

test("what the drawing would choke on is no element", () => {
  const broken: Record<string, unknown>[] = [
    { ...rectangle, id: "" },
    { ...rectangle, id: "x".repeat(65) },
    { ...rectangle, id: 5 },
    { ...rectangle, version: 0 },
    { ...rectangle, version: 1.5 },
    { ...rectangle, versionNonce: "1" },
    { ...rectangle, x: Number.NaN },
    { ...rectangle, x: null },
    { ...rectangle, width: 1e300 },
    { ...text, text: 5 },
    { ...text, text: "x".repeat(300_000) },
    { ...text, fontSize: 0 },
    { ...stroke, points: [] },
    { ...stroke, points: [[0, 0], [1]] },
    { ...stroke, points: [[0, "1"]] },
    { ...stroke, points: "many" },
    { ...stroke, simulatePressure: false, pressures: [0.5] },
    { ...arrow, points: [[0, 0]] },
    { ...image, fileId: "https://example.org/x.png" },
    { ...image, fileId: null },
  ];
  for (const element of broken) expect(parseElement(element), JSON.stringify(element).slice(0, 200)).toBeNull();
  for (const value of [null, 1, "x", [], [rectangle]]) expect(parseElement(value)).toBeNull();
});

test("a colour, a number or a place in the pile that is wrong is put right", () => {
  const odd = { ...rectangle, strokeColor: "url(https://example.org)", opacity: 900, seed: "7", roundness: { type: 9 }, boundElements: [{ id: 1 }], index: "a00" };
  expect(parseElement(odd)).toMatchObject({ strokeColor: "#1e1e1e", opacity: 100, seed: 1, roundness: null, boundElements: null, index: null });
});

test("a line that was removed may be short", () => {
  expect(parseElement({ ...arrow, points: [[0, 0]], isDeleted: true })).not.toBeNull();
});

test("places in the pile are the keys that Excalidraw makes, and no others, on which it throws", () => {
  const keys = [...generateNKeysBetween(null, null, 2_000), ...generateNKeysBetween("a0", "a1", 300), ...generateNKeysBetween(null, "a0", 2_000)];
  expect(keys.filter((key) => !isOrderKey(key))).toEqual([]);
  for (const key of ["", "a", "a00", "0a", "!", "a0\n", "A", `A${"0".repeat(26)}`, "b1", `a0${"V".repeat(300)}`]) expect(isOrderKey(key), key).toBe(false);
});
