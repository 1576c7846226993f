import { en, type Texts } from "./en";
import type { Loaders } from "./spoken";

/** The texts of the call page and of the waiting page, in English. */
export const ENGLISH: Texts = en;

/** The same in the other languages, each a file of its own that is loaded when it is wanted. */
export const LOADERS: Loaders<Texts> = {
  it: async () => (await import("./it")).it,
  es: async () => (await import("./es")).es,
  de: async () => (await import("./de")).de,
  fr: async () => (await import("./fr")).fr,
};
