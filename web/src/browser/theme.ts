import type { Language } from "../i18n/translate";

/** Makes the page speak a language and wear a theme; without a theme the system's choice holds. */
export function dressPage(language: Language, title: string, theme: "light" | "dark" | null): void {
  const root = document.documentElement;
  root.lang = language;
  if (theme !== null) root.dataset.theme = theme;
  if (document.title !== title) document.title = title;
}
