import type { Language } from "../i18n/language";

const DARK = "(prefers-color-scheme: dark)";

/** Returns the theme that the page wears: the one wished for, else the system's. */
export function themeNow(wished: "light" | "dark" | null): "light" | "dark" {
  return wished ?? (matchMedia(DARK).matches ? "dark" : "light");
}

/** Tells when the system changes its theme. */
export function onTheme(changed: () => void): void {
  matchMedia(DARK).addEventListener("change", changed);
}

/** Makes the page speak a language and wear a theme; without a theme the system's choice holds. */
export function dressPage(language: Language, title: string, theme: "light" | "dark" | null): void {
  const root = document.documentElement;
  root.lang = language;
  if (theme !== null) root.dataset.theme = theme;
  if (document.title !== title) document.title = title;
}
