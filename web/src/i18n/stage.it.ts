import type { stageEn } from "./stage.en";

/** Part of `it`. */
export const stageIt: Readonly<Record<keyof typeof stageEn, string>> = {
  "action.restart_microphone": "Riavvia il microfono",
  "action.restart_camera": "Riavvia la videocamera",

  "stopped.microphone": "Dal suo microfono non arriva nulla: gli altri non la sentono.",
  "stopped.camera": "Dalla sua videocamera non arriva nessuna immagine.",

  "toast.microphone_mended": "Il suo microfono funziona di nuovo",
  "toast.camera_mended": "La sua videocamera funziona di nuovo",
  "toast.microphone_gone": "Il suo microfono è stato scollegato. Ne usiamo un altro.",
  "toast.camera_gone": "La sua videocamera è stata scollegata. Ne usiamo un'altra.",
  "toast.speaker_gone": "Il suo altoparlante è stato scollegato. Il suono esce da un altro.",
  "toast.voice_first": "La sua connessione è debole. La voce ha la precedenza, la sua immagine è meno nitida. Resti vicino al Wi-Fi.",
  "toast.picture_back": "La sua connessione è migliore: la sua immagine è di nuovo nitida.",

  "media.processing": "Riduci rumore ed eco",
  "media.processing_hint": "Lo disattivi per far sentire agli altri musica o uno strumento.",
  "media.profile": "Quando la connessione è debole",
  "profile.balanced": "Decidi da solo",
  "profile.voice": "Proteggi la voce: immagine piccola",
  "profile.sign": "Lingua dei segni: immagine fluida",

  "captions.heading": "Sottotitoli",
  "captions.writing": "Scrivi ciò che dico, su questo dispositivo, per tutti nella chiamata",
  "captions.shown": "Mostra i sottotitoli",
  "captions.spoken": "Fai leggere i sottotitoli al mio lettore di schermo",

  "layout.pin": "Mostra {name} in grande",
  "layout.unpin": "Non mostrare {name} in grande",
  "layout.move_own": "Sposta la sua immagine in un altro angolo",
  "layout.pip": "Mostra l'immagine in una piccola finestra",

  "control.small": "Mostra la chiamata in una piccola finestra",
  "control.small_close": "Chiudi la piccola finestra",
  "short.small": "Finestra",
  "small.heading": "Il consulto è nella piccola finestra",
  "small.body": "Resta visibile sopra le altre finestre. L'audio continua come prima.",
  "small.back": "Mostralo di nuovo qui",
  "toast.small_failed": "Non è stato possibile aprire la piccola finestra.",
};
