import { directionOf, type Language } from "../i18n/language";

const DARK = "(prefers-color-scheme: dark)";

/** Returns the theme that the page wears: the one wished for, else the system's. */
export function themeNow(wished: "light" | "dark" | null): "light" | "dark" {
  return wished ?? (matchMedia(DARK).matches ? "dark" : "light");
}

/** Tells when the system changes its theme. */
export function onTheme(changed: () => void): void {
  matchMedia(DARK).addEventListener("change", changed);
}

/** Makes a page, or the small window of one, speak a language and wear a theme; without a theme the system's choice holds. */
export function dressPage(page: Document, language: Language, title: string, theme: "light" | "dark" | null): void {
  const root = page.documentElement;
  root.lang = language;
  root.dir = directionOf(language);
  if (theme !== null) root.dataset.theme = theme;
  if (page.title !== title) page.title = title;
}
