import type { TextKey } from "./en";

export type { TextKey } from "./en";

/** Returns the text of a key with its names filled in. */
export type TranslateOf<Key extends string> = (key: Key, values?: Readonly<Record<string, string | number>>) => string;

export type Translate = TranslateOf<TextKey>;

/** Scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Keeps a name that is written from right to left from reordering the words around it (Unicode TR 9, isolates). */
function isolated(value: string): string {
  return RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
}

/** Speaks with these texts. */
export function translator<Key extends string>(texts: Readonly<Record<Key, string>>): TranslateOf<Key> {
  return (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (whole, name: string) => isolated(String(values[name] ?? whole)));
}
