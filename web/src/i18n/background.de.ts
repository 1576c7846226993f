import type { backgroundEn } from "./background.en";

/** Part of `de`. */
export const backgroundDe: Readonly<Record<keyof typeof backgroundEn, string>> = {
  "background.label": "Hinter Ihnen",
  "background.none": "Ihr Zimmer, wie es ist",
  "background.blur": "Ihr Zimmer, unscharf",
  "background.image": "Das Bild der Praxis",
  "background.on": "Die anderen sehen Ihr Zimmer nicht.",
  "background.loading": "Ihr Hintergrund wird vorbereitet. Bis dahin sehen die anderen Ihr ganzes Bild unscharf.",
  "background.slow": "Dieses Gerät ist zu langsam, um nur Ihr Zimmer zu verbergen. Damit niemand es sieht, sehen die anderen jetzt Ihr ganzes Bild unscharf.",
  "background.failed": "Gerade lässt sich nicht nur Ihr Zimmer verbergen. Damit niemand es sieht, sehen die anderen Ihr ganzes Bild unscharf.",
  "action.show_room": "Mein Bild mit meinem Zimmer zeigen",
};
