import type { afterEn } from "./after.en";

/** Part of `es`. */
export const afterEs: Readonly<Record<keyof typeof afterEn, string>> = {
  "after.onward": "Qué viene después",
  "after.goes_on": "Esta página continúa sola hacia {host}. Puede detenerla.",
  "after.seconds": "En {count} s",
  "after.stays": "Se queda en esta página.",
  "after.go": "Ir a {host}",
  "after.stay": "Quedarse aquí",

  "rate.over": "Ha pasado demasiado tiempo para valorar la consulta.",
};
