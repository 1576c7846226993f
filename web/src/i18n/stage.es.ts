import type { stageEn } from "./stage.en";

/** Part of `es`. */
export const stageEs: Readonly<Record<keyof typeof stageEn, string>> = {
  "action.restart_microphone": "Reiniciar el micrófono",
  "action.restart_camera": "Reiniciar la cámara",

  "stopped.microphone": "No llega nada de su micrófono: los demás no le oyen.",
  "stopped.camera": "No llega ninguna imagen de su cámara.",

  "toast.microphone_mended": "Su micrófono vuelve a funcionar",
  "toast.camera_mended": "Su cámara vuelve a funcionar",
  "toast.microphone_gone": "Su micrófono se ha desconectado. Usamos otro.",
  "toast.camera_gone": "Su cámara se ha desconectado. Usamos otra.",
  "toast.speaker_gone": "Su altavoz se ha desconectado. El sonido sale por otro.",
  "toast.voice_first": "Su conexión es débil. Su voz tiene prioridad, su imagen es menos nítida. Quédese cerca del wifi.",
  "toast.picture_back": "Su conexión ha mejorado: su imagen vuelve a ser nítida.",

  "media.processing": "Reducir el ruido y el eco",
  "media.processing_hint": "Desactívelo para que los demás oigan música o un instrumento.",
  "media.profile": "Cuando la conexión es débil",
  "profile.balanced": "Decidir automáticamente",
  "profile.voice": "Proteger la voz: imagen pequeña",
  "profile.sign": "Lengua de signos: imagen fluida",

  "captions.heading": "Subtítulos",
  "captions.writing": "Escribir lo que digo, en este dispositivo, para todos en la llamada",
  "captions.shown": "Mostrar subtítulos",
  "captions.spoken": "Que mi lector de pantalla lea los subtítulos",

  "layout.pin": "Mostrar en grande a {name}",
  "layout.unpin": "No mostrar en grande a {name}",
  "layout.move_own": "Mover su imagen a otra esquina",
  "layout.pip": "Mostrar la imagen en una ventana pequeña",

  "control.small": "Mostrar la llamada en una ventana pequeña",
  "control.small_close": "Cerrar la ventana pequeña",
  "short.small": "Ventana",
  "small.heading": "La consulta está en la ventana pequeña",
  "small.body": "Se mantiene visible por encima de las demás ventanas. El sonido sigue como antes.",
  "small.back": "Mostrarla aquí de nuevo",
  "toast.small_failed": "No se pudo abrir la ventana pequeña.",
};
