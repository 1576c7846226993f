import type { afterEn } from "./after.en";

/** Part of `fr`. */
export const afterFr: Readonly<Record<keyof typeof afterEn, string>> = {
  "after.onward": "La suite",
  "after.goes_on": "Cette page continue d’elle-même vers {host}. Vous pouvez l’arrêter.",
  "after.seconds": "Dans {count} s",
  "after.stays": "Vous restez sur cette page.",
  "after.go": "Aller à {host}",
  "after.stay": "Rester ici",

  "rate.over": "La consultation est trop ancienne pour être évaluée.",
};
