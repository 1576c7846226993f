import type { afterEn } from "./after.en";

/** Part of `de`. */
export const afterDe: Readonly<Record<keyof typeof afterEn, string>> = {
  "after.onward": "Wie es weitergeht",
  "after.goes_on": "Diese Seite geht von selbst weiter zu {host}. Sie können das anhalten.",
  "after.seconds": "In {count} s",
  "after.stays": "Sie bleiben auf dieser Seite.",
  "after.go": "Weiter zu {host}",
  "after.stay": "Hier bleiben",

  "rate.over": "Die Sprechstunde ist zu lange her, um sie noch zu bewerten.",
};
