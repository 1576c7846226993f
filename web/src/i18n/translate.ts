import { en, type TextKey, type Texts } from "./en";
import { it } from "./it";

export type { TextKey } from "./en";

const TEXTS = { en, it } satisfies Record<string, Texts>;

export type Language = keyof typeof TEXTS;

/** Every language that the pages speak. */
export const LANGUAGES: readonly Language[] = ["en", "it"];

export type Translate = (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;

/** Returns the first of the wished languages that we speak, else English. Regions count for nothing: `it-CH` is `it`. */
export function pickLanguage(wished: readonly (string | null)[]): Language {
  for (const wish of wished) {
    const found = LANGUAGES.find((language) => language === primary(wish ?? ""));
    if (found !== undefined) return found;
  }
  return "en";
}

/** Scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Keeps a name that is written from right to left from reordering the words around it (Unicode TR 9, isolates). */
function isolated(value: string): string {
  return RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
}

/** Returns `it` for `it-CH`. */
export function primary(tag: string): string {
  return (tag.split(/[-_]/)[0] ?? "").toLowerCase();
}

export function translator(language: Language): Translate {
  return (key, values = {}) => filled(TEXTS[language][key], values);
}

/** The text with its names filled in. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => isolated(String(values[name] ?? whole)));
}
