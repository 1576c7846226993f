/** So much of a name fits beside a pointer. */
const NAME_MAX = 32;

/**
 * Makes a name fit to be drawn on a canvas, where no markup keeps it apart from what is around it: without control characters and without
 * those that turn the direction of text around (Unicode TR 9).
 */
export function spokenName(name: string): string {
  const plain = name.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ").replace(/\s+/g, " ").trim();
  const letters = Array.from(plain);
  return letters.length > NAME_MAX ? `${letters.slice(0, NAME_MAX - 1).join("")}…` : plain;
}
