import { expect, test } from "vitest";
import { blendMask, blurRoom, maskPixels, toInput, type Pixels } from "./pixels";

const WIDTH = 64;
const HEIGHT = 32;

function picture(colour: (x: number, y: number) => readonly [number, number, number]): Pixels {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4);
  for (let y = 0; y < HEIGHT; y += 1) for (let x = 0; x < WIDTH; x += 1) data.set([...colour(x, y), 255], (y * WIDTH + x) * 4);
  return { width: WIDTH, height: HEIGHT, data };
}

const maskOf = (person: (x: number) => boolean): Float32Array => Float32Array.from({ length: WIDTH * HEIGHT }, (_, at) => (person(at % WIDTH) ? 1 : 0));
const red = ({ data }: Pixels): number[] => [...data].filter((_, at) => at % 4 === 0);
/** The largest step between neighbours in one row: how sharp it is. */
const sharpness = (row: readonly number[]): number => Math.max(...row.slice(1).map((value, at) => Math.abs(value - (row[at] ?? 0))));

test("the model reads red, green and blue from 0 to 1 and no transparency", () => {
  const input = new Float32Array(6);
  toInput({ width: 2, height: 1, data: new Uint8ClampedArray([255, 0, 51, 255, 0, 102, 255, 0]) }, input);
  expect([...input].map((value) => Number(value.toFixed(3)))).toEqual([1, 0, 0.2, 0, 0.4, 1]);
});

test("a room with sharp stripes has none when it is blurred, and keeps its brightness", () => {
  const striped = picture((x) => (Math.floor(x / 4) % 2 === 0 ? [255, 255, 255] : [0, 0, 0]));
  const blurred = blurRoom(striped, maskOf(() => false));
  expect([blurred.width, blurred.height]).toEqual([WIDTH / 2, HEIGHT / 2]);
  const row = red(blurred).slice(0, blurred.width);
  expect(sharpness(red(striped).slice(0, WIDTH))).toBe(255);
  expect(sharpness(row)).toBeLessThan(20);
  const inside = row.slice(6, -6);
  expect(inside.reduce((sum, value) => sum + value, 0) / inside.length).toBeCloseTo(127, -1);
});

test("an even room stays as it is up to its edges, and is opaque", () => {
  const blurred = blurRoom(picture(() => [10, 120, 240]), maskOf(() => false));
  for (let at = 0; at < blurred.data.length; at += 4) expect([...blurred.data.slice(at, at + 4)]).toEqual([10, 120, 240, 255]);
});

test("the person's colours do not shine into the room", () => {
  const blurred = blurRoom(
    picture((x) => (x < 24 ? [255, 0, 0] : [0, 0, 200])),
    maskOf((x) => x < 24),
  );
  const beside = blurred.data.slice(13 * 4, 13 * 4 + 3);
  expect([...beside]).toEqual([0, 0, 200]);
});

test("the edge is soft, doubt is the room, and what is no number is the room", () => {
  const mask = new Float32Array(5);
  for (let turn = 0; turn < 40; turn += 1) blendMask(mask, [0, 0.35, 0.55, 1, Number.NaN]);
  expect(mask[0]).toBe(0);
  expect(mask[1]).toBe(0);
  expect(mask[2]).toBeCloseTo(0.5, 2);
  expect(mask[3]).toBeCloseTo(1, 3);
  expect(mask[4]).toBe(0);
});

test("what a person uncovers is hidden at once, what they cover is shown within three pictures", () => {
  const mask = new Float32Array([1, 0]);
  blendMask(mask, [0, 1]);
  expect(mask[0]).toBe(0);
  expect(mask[1]).toBeCloseTo(0.7);
  blendMask(mask, [0, 1]);
  blendMask(mask, [0, 1]);
  expect(mask[1]).toBeGreaterThan(0.97);
});

test("the mask is the transparency alone", () => {
  expect([...maskPixels(new Float32Array([0, 1]), 2, 1).data]).toEqual([0, 0, 0, 0, 0, 0, 0, 255]);
});
