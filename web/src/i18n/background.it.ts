import type { backgroundEn } from "./background.en";

/** Part of `it`. */
export const backgroundIt: Readonly<Record<keyof typeof backgroundEn, string>> = {
  "background.label": "Dietro di lei",
  "background.none": "La sua stanza, così com'è",
  "background.blur": "La sua stanza, sfocata",
  "background.image": "L'immagine dello studio",
  "background.on": "Gli altri non vedono la sua stanza.",
  "background.loading": "Stiamo preparando lo sfondo. Fino ad allora gli altri vedono sfocata tutta la sua immagine.",
  "background.slow": "Questo dispositivo è troppo lento per nascondere solo la sua stanza. Perché nessuno la veda, ora gli altri vedono sfocata tutta la sua immagine.",
  "background.failed": "In questo momento non è possibile nascondere solo la sua stanza. Perché nessuno la veda, gli altri vedono sfocata tutta la sua immagine.",
  "action.show_room": "Mostra la mia immagine con la stanza",
};
