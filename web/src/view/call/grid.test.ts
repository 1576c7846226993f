import { expect, test } from "vitest";
import { fitGrid } from "./grid";
import { initialsOf } from "./ports";

const GAP = 8;

test.each([
  [1280, 640],
  [1920, 950],
  [390, 620],
  [320, 460],
  [844, 260],
])("in %i × %i every tile has room and none is wider than the box", (width, height) => {
  for (let count = 1; count <= 25; count += 1) {
    const { columns, width: w, height: h } = fitGrid(width, height, count, GAP);
    expect(columns * w + (columns - 1) * GAP).toBeLessThanOrEqual(width + 0.001);
    expect(w).toBeGreaterThanOrEqual(Math.min(112, width));
    expect(h).toBeGreaterThan(0);
  }
});

test("nine on a desktop and nine on a phone fit without scrolling", () => {
  for (const [width, height] of [[1280, 640], [390, 620]] as const) {
    const { columns, height: h } = fitGrid(width, height, 9, GAP);
    expect(columns).toBe(width > height ? 3 : 2);
    expect(Math.ceil(9 / columns) * (h + GAP) - GAP).toBeLessThanOrEqual(height);
  }
});

test("initials stand for a name", () => {
  expect(["Ada Lovelace", "maria", "Dr. Anna De Rossi", "", null].map(initialsOf)).toEqual(["AL", "M", "DR", "", ""]);
});
