/** First pause between two attempts, and the longest. Short at first, because a restart takes a second or two. */
const FIRST_MS = 500;
const LONGEST_MS = 8_000;

/** Returns the pause before the attempt after `attempts` failed ones, in milliseconds, without jitter. */
export function backoffMs(attempts: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, 10));
}

/** Spreads `ms` by a fifth to both sides, so that many pages do not come back at once. `chance` is in [0, 1). */
export function jittered(ms: number, chance: number): number {
  return Math.round(ms * (0.8 + 0.4 * chance));
}
