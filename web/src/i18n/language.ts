/** Every language that the pages speak, English first: it is always at hand, the others are loaded when they are wanted. */
export const LANGUAGES = ["en", "it", "es", "de", "fr"] as const;

export type Language = (typeof LANGUAGES)[number];

/** Returns the first of the wished languages that we speak, else English. Regions count for nothing: `it-CH` is `it`. */
export function pickLanguage(wished: readonly (string | null)[]): Language {
  for (const wish of wished) {
    const found = LANGUAGES.find((language) => language === primary(wish ?? ""));
    if (found !== undefined) return found;
  }
  return "en";
}

/** Returns `it` for `it-CH`. */
export function primary(tag: string): string {
  return (tag.split(/[-_]/)[0] ?? "").toLowerCase();
}

/** Languages that are written from right to left, ours or not: whoever adds one has to do no more than add it. */
const RIGHT_TO_LEFT: readonly string[] = ["ar", "fa", "he", "ur"];

/** Which way a language is written, as the `dir` of a page. */
export function directionOf(language: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.includes(primary(language)) ? "rtl" : "ltr";
}
