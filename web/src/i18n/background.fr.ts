import type { backgroundEn } from "./background.en";

/** Part of `fr`. */
export const backgroundFr: Readonly<Record<keyof typeof backgroundEn, string>> = {
  "background.label": "Derrière vous",
  "background.none": "Votre pièce, telle quelle",
  "background.blur": "Votre pièce, floue",
  "background.image": "L’image du cabinet",
  "background.on": "Les autres ne voient pas votre pièce.",
  "background.loading": "Votre arrière-plan est en préparation. D’ici là, les autres voient toute votre image floue.",
  "background.slow": "Cet appareil est trop lent pour cacher seulement votre pièce. Pour que personne ne la voie, les autres voient maintenant toute votre image floue.",
  "background.failed": "Il n’est pas possible en ce moment de cacher seulement votre pièce. Pour que personne ne la voie, les autres voient toute votre image floue.",
  "action.show_room": "Montrer mon image avec ma pièce",
};
