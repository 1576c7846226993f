import { expect, test } from "vitest";
import { pictureBox, placeIn, placeOn } from "./picture-box";

test("a whole picture has bars, a filling one loses its edges", () => {
  expect(pictureBox({ width: 1280, height: 480 }, { width: 640, height: 480 }, "contain")).toEqual({ left: 320, top: 0, width: 640, height: 480 });
  expect(pictureBox({ width: 1280, height: 480 }, { width: 640, height: 480 }, "cover")).toEqual({ left: 0, top: -240, width: 1280, height: 960 });
  expect(pictureBox({ width: 0, height: 0 }, { width: 640, height: 480 }, "cover")).toBeNull();
});

test("the same spot of the picture is found however each page shows it", () => {
  const picture = { width: 1280, height: 720 };
  const hers = pictureBox({ width: 900, height: 900 }, picture, "contain");
  const his = pictureBox({ width: 390, height: 600 }, picture, "cover");
  if (hers === null || his === null) throw new Error("both have a size");
  const spot = placeOn(hers, 450, 450, false);
  expect(spot).toEqual({ x: 0.5, y: 0.5 });
  for (const [x, y] of [[0.4, 0.25], [0.6, 1]] as const) {
    for (const mirrored of [false, true]) {
      const { left, top } = placeIn(his, x, y, mirrored);
      const back = placeOn(his, left, top, mirrored);
      expect(back?.x).toBeCloseTo(x);
      expect(back?.y).toBeCloseTo(y);
    }
  }
});

test("beside the picture is no place, and a mirrored picture has its left at the right", () => {
  const box = pictureBox({ width: 1000, height: 500 }, { width: 500, height: 500 }, "contain");
  if (box === null) throw new Error("it has a size");
  expect(placeOn(box, 100, 250, false)).toBeNull();
  expect(placeOn(box, 250, 0, true)).toEqual({ x: 1, y: 0 });
});
