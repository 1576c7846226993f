// What is done to the pixels of one small picture. Plain sums over arrays: they run in a worker, and in Node.

/** Pixels with four bytes each, row by row, as a canvas gives them. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Writes a picture's red, green and blue, from 0 to 1, as the model reads them. */
export function toInput({ data }: Pixels, input: Float32Array): void {
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    input[to] = (data[from] ?? 0) / 255;
    input[to + 1] = (data[from + 1] ?? 0) / 255;
    input[to + 2] = (data[from + 2] ?? 0) / 255;
  }
}

/** What is surely the room, and what surely the person; in between the edge is soft. */
const ROOM = 0.35;
const PERSON = 0.75;
/** How much of the mask before remains where more of the person is seen than then, so that the edge does not flicker. */
const KEPT = 0.3;

/**
 * Takes what the model says of each pixel (0 the room, 1 the person) into the mask of the picture before. What it takes for the room now is
 * hidden at once; so is what it says nothing of.
 */
export function blendMask(mask: Float32Array, said: ArrayLike<number>): void {
  for (let at = 0; at < mask.length; at += 1) {
    const surely = Number.isFinite(said[at]) ? (said[at] ?? 0) : 0;
    const part = Math.min(1, Math.max(0, (surely - ROOM) / (PERSON - ROOM)));
    const soft = part * part * (3 - 2 * part);
    const before = mask[at] ?? 0;
    mask[at] = soft < before ? soft : before * KEPT + soft * (1 - KEPT);
  }
}

/** The mask as the transparency of a picture. */
export function maskPixels(mask: Float32Array, width: number, height: number): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < mask.length; at += 1) data[at * 4 + 3] = (mask[at] ?? 0) * 255;
  return { width, height, data };
}

/** The room is blurred at half the size of the small picture: nobody sees the difference. */
const SHRUNK = 2;
/** Three rounds of a box this far to each side come near to a Gaussian with a deviation of 3.5 pixels: 1/37 of the picture's width. */
const RADIUS = 3;
const ROUNDS = 3;
/** Below this weight only the person is near, who covers the place anyway. */
const WEIGHT_LEAST = 0.02;

/** Blurs the room alone, so that the person's colours do not shine into it. Half as wide and high as the picture. */
export function blurRoom(picture: Pixels, mask: Float32Array): Pixels {
  const width = Math.floor(picture.width / SHRUNK);
  const height = Math.floor(picture.height / SHRUNK);
  const sums = shrunk(picture, mask, width, height);
  const between = new Float32Array(sums.length);
  for (let round = 0; round < ROUNDS; round += 1) {
    boxes(sums, between, width, height, 4, width * 4);
    boxes(between, sums, height, width, width * 4, 4);
  }
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < data.length; at += 4) {
    const weight = Math.max(sums[at + 3] ?? 0, WEIGHT_LEAST);
    for (let part = 0; part < 3; part += 1) data[at + part] = (sums[at + part] ?? 0) / weight;
    data[at + 3] = 255;
  }
  return { width, height, data };
}

/** The picture made smaller: colours times how much of the room is in them, and that weight. */
function shrunk({ width: fullWidth, data }: Pixels, mask: Float32Array, width: number, height: number): Float32Array {
  const sums = new Float32Array(width * height * 4);
  const share = 1 / (SHRUNK * SHRUNK);
  for (let y = 0; y < height * SHRUNK; y += 1) {
    for (let x = 0; x < width * SHRUNK; x += 1) {
      const from = y * fullWidth + x;
      const to = (Math.floor(y / SHRUNK) * width + Math.floor(x / SHRUNK)) * 4;
      const weight = (1 - (mask[from] ?? 0)) * share;
      for (let part = 0; part < 3; part += 1) sums[to + part] = (sums[to + part] ?? 0) + (data[from * 4 + part] ?? 0) * weight;
      sums[to + 3] = (sums[to + 3] ?? 0) + weight;
    }
  }
  return sums;
}

/** Averages along one direction: `length` pixels that are `step` apart, in each of `lines` that are `between` apart. The edge repeats. */
function boxes(from: Float32Array, to: Float32Array, length: number, lines: number, step: number, between: number): void {
  const share = 1 / (2 * RADIUS + 1);
  for (let line = 0; line < lines; line += 1) {
    for (let part = 0; part < 4; part += 1) {
      const start = line * between + part;
      const read = (at: number): number => from[start + Math.min(length - 1, Math.max(0, at)) * step] ?? 0;
      let sum = 0;
      for (let at = -RADIUS; at <= RADIUS; at += 1) sum += read(at);
      for (let at = 0; at < length; at += 1) {
        to[start + at * step] = sum * share;
        sum += read(at + RADIUS + 1) - read(at - RADIUS);
      }
    }
  }
}
