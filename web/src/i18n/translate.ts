import type { TextKey } from "./en";

export type { TextKey } from "./en";

/** Returns the text of a key with its names filled in. */
export type TranslateOf<Key extends string> = (key: Key, values?: Readonly<Record<string, string | number>>) => string;

export type Translate = TranslateOf<TextKey>;

/** Scripts that are written from right to left. */
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Embeddings and overrides: left open in a name, they turn around the words after it. */
const TURNING = /[\u202a-\u202e]/g;

/** Keeps a name from reordering the words around it, as one that is written from right to left would (Unicode TR 9, isolates). */
function isolated(value: string): string {
  const plain = value.replace(TURNING, "");
  return RIGHT_TO_LEFT.test(plain) ? `\u2068${plain}\u2069` : plain;
}

/** Speaks with these texts. */
export function translator<Key extends string>(texts: Readonly<Record<Key, string>>): TranslateOf<Key> {
  return (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (whole, name: string) => isolated(String(values[name] ?? whole)));
}
