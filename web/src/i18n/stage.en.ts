/** The texts of the layouts, of what is done for a weak line, and of devices that stop during the call. Part of `en`. */
export const stageEn = {
  "action.restart_microphone": "Restart the microphone",
  "action.restart_camera": "Restart the camera",

  "stopped.microphone": "Nothing comes from your microphone: the others cannot hear you.",
  "stopped.camera": "No picture comes from your camera.",

  "toast.microphone_mended": "Your microphone works again",
  "toast.camera_mended": "Your camera works again",
  "toast.microphone_gone": "Your microphone was unplugged. We use another one.",
  "toast.camera_gone": "Your camera was unplugged. We use another one.",
  "toast.speaker_gone": "Your speaker was unplugged. The sound comes from another one.",
  "toast.voice_first": "Your connection is weak. Your voice goes first, your picture is less sharp. Stay close to the Wi-Fi.",
  "toast.picture_back": "Your connection is better: your picture is sharp again.",

  "media.processing": "Reduce noise and echo",
  "media.processing_hint": "Turn it off to let the others hear music or an instrument.",
  "media.profile": "When the connection is weak",
  "profile.balanced": "Decide by itself",
  "profile.voice": "Protect the voice: small picture",
  "profile.sign": "Sign language: fluent picture",

  "captions.heading": "Captions",
  "captions.writing": "Write down what I say, on this device, for everybody in the call",
  "captions.shown": "Show captions",
  "captions.spoken": "Let my screen reader read captions",

  "layout.pin": "Show {name} large",
  "layout.unpin": "Do not show {name} large",
  "layout.move_own": "Move your picture to another corner",
  "layout.pip": "Show the picture in a small window",

  "control.small": "Show the call in a small window",
  "control.small_close": "Close the small window",
  "short.small": "Window",
  "small.heading": "The consultation is in the small window",
  "small.body": "It stays in view above your other windows. The sound goes on as before.",
  "small.back": "Show it here again",
  "toast.small_failed": "The small window could not be opened.",
} as const;
