import type { stageEn } from "./stage.en";

/** Part of `de`. */
export const stageDe: Readonly<Record<keyof typeof stageEn, string>> = {
  "action.restart_microphone": "Mikrofon neu starten",
  "action.restart_camera": "Kamera neu starten",

  "stopped.microphone": "Von Ihrem Mikrofon kommt nichts: Die anderen hören Sie nicht.",
  "stopped.camera": "Von Ihrer Kamera kommt kein Bild.",

  "toast.microphone_mended": "Ihr Mikrofon funktioniert wieder",
  "toast.camera_mended": "Ihre Kamera funktioniert wieder",
  "toast.microphone_gone": "Ihr Mikrofon wurde getrennt. Wir nutzen ein anderes.",
  "toast.camera_gone": "Ihre Kamera wurde getrennt. Wir nutzen eine andere.",
  "toast.speaker_gone": "Ihr Lautsprecher wurde getrennt. Der Ton kommt aus einem anderen.",
  "toast.voice_first": "Ihre Verbindung ist schwach. Ihre Stimme hat Vorrang, Ihr Bild ist weniger scharf. Bleiben Sie nah am WLAN.",
  "toast.picture_back": "Ihre Verbindung ist besser: Ihr Bild ist wieder scharf.",

  "media.processing": "Geräusche und Echo verringern",
  "media.processing_hint": "Schalten Sie es aus, damit die anderen Musik oder ein Instrument hören.",
  "media.profile": "Bei schwacher Verbindung",
  "profile.balanced": "Von selbst entscheiden",
  "profile.voice": "Stimme schützen: kleines Bild",
  "profile.sign": "Gebärdensprache: flüssiges Bild",

  "captions.heading": "Untertitel",
  "captions.writing": "Mitschreiben, was ich sage, auf diesem Gerät, für alle im Gespräch",
  "captions.shown": "Untertitel zeigen",
  "captions.spoken": "Untertitel von meinem Screenreader vorlesen lassen",

  "layout.pin": "{name} groß zeigen",
  "layout.unpin": "{name} nicht groß zeigen",
  "layout.move_own": "Ihr Bild in eine andere Ecke schieben",
  "layout.pip": "Das Bild in einem kleinen Fenster zeigen",

  "control.small": "Das Gespräch in ein kleines Fenster legen",
  "control.small_close": "Kleines Fenster schließen",
  "short.small": "Fenster",
  "small.heading": "Die Sprechstunde ist im kleinen Fenster",
  "small.body": "Es bleibt über Ihren anderen Fenstern sichtbar. Der Ton läuft weiter wie bisher.",
  "small.back": "Wieder hier zeigen",
  "toast.small_failed": "Das kleine Fenster ließ sich nicht öffnen.",
};
