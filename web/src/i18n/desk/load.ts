import type { Loaders } from "../spoken";
import { deskEn, type DeskTexts } from "./en";

/** The desk's texts, in English. */
export const DESK_ENGLISH: DeskTexts = deskEn;

/** The same in the other languages, each a file of its own that is loaded when it is wanted. */
export const DESK_LOADERS: Loaders<DeskTexts> = {
  it: async () => (await import("./it")).deskIt,
  es: async () => (await import("./es")).deskEs,
  de: async () => (await import("./de")).deskDe,
  fr: async () => (await import("./fr")).deskFr,
};
