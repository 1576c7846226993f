/** Longer ones come up only where somebody tries. */
const LENGTH_MAX = 200;
const SHAPE = /^[A-Za-z][0-9A-Za-z]*$/;
const SMALLEST = `A${"0".repeat(26)}`;

/**
 * Whether a text is an order key as the `fractional-indexing` package makes them (https://observablehq.com/@dgreensp/implementing-fractional-indexing):
 * a letter that says how long the whole part is, the whole part, and a fraction without zeros at its end. Others make Excalidraw throw.
 */
export function isOrderKey(key: string): boolean {
  if (key.length > LENGTH_MAX || !SHAPE.test(key)) return false;
  const head = key.charCodeAt(0);
  const whole = head >= 97 ? head - 97 + 2 : 90 - head + 2;
  return key.length >= whole && key !== SMALLEST && !key.slice(whole).endsWith("0");
}
