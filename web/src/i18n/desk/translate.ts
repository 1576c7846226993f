import { filled, type Language } from "../translate";
import { deskEn, type DeskTextKey, type DeskTexts } from "./en";
import { deskIt } from "./it";

export type { DeskTextKey } from "./en";

/** The desk's texts by language; one that a language does not have yet is in English. */
export const DESK_TEXTS: Readonly<Partial<Record<Language, DeskTexts>>> & { readonly en: DeskTexts } = { en: deskEn, it: deskIt };

export type DeskTranslate = (key: DeskTextKey, values?: Readonly<Record<string, string | number>>) => string;

export function deskTranslator(language: Language): DeskTranslate {
  const texts = DESK_TEXTS[language] ?? DESK_TEXTS.en;
  return (key, values = {}) => filled(texts[key], values);
}
