import type { stageEn } from "./stage.en";

/** Part of `fr`. */
export const stageFr: Readonly<Record<keyof typeof stageEn, string>> = {
  "action.restart_microphone": "Redémarrer le micro",
  "action.restart_camera": "Redémarrer la caméra",

  "stopped.microphone": "Rien n’arrive de votre micro : les autres ne vous entendent pas.",
  "stopped.camera": "Aucune image n’arrive de votre caméra.",

  "toast.microphone_mended": "Votre micro fonctionne à nouveau",
  "toast.camera_mended": "Votre caméra fonctionne à nouveau",
  "toast.microphone_gone": "Votre micro a été débranché. Nous en utilisons un autre.",
  "toast.camera_gone": "Votre caméra a été débranchée. Nous en utilisons une autre.",
  "toast.speaker_gone": "Votre haut-parleur a été débranché. Le son sort d’un autre.",
  "toast.voice_first": "Votre connexion est faible. Votre voix passe en premier, votre image est moins nette. Restez près du Wi-Fi.",
  "toast.picture_back": "Votre connexion est meilleure : votre image est de nouveau nette.",

  "media.processing": "Réduire le bruit et l’écho",
  "media.processing_hint": "Désactivez cette option pour que les autres entendent de la musique ou un instrument.",
  "media.profile": "Quand la connexion est faible",
  "profile.balanced": "Décider automatiquement",
  "profile.voice": "Protéger la voix : petite image",
  "profile.sign": "Langue des signes : image fluide",

  "captions.heading": "Sous-titres",
  "captions.writing": "Écrire ce que je dis, sur cet appareil, pour toutes les personnes de l’appel",
  "captions.shown": "Afficher les sous-titres",
  "captions.spoken": "Laisser mon lecteur d’écran lire les sous-titres",

  "layout.pin": "Afficher {name} en grand",
  "layout.unpin": "Ne pas afficher {name} en grand",
  "layout.move_own": "Déplacer votre image dans un autre coin",
  "layout.pip": "Afficher l’image dans une petite fenêtre",

  "control.small": "Afficher l’appel dans une petite fenêtre",
  "control.small_close": "Fermer la petite fenêtre",
  "short.small": "Fenêtre",
  "small.heading": "La consultation est dans la petite fenêtre",
  "small.body": "Elle reste visible au-dessus de vos autres fenêtres. Le son continue comme avant.",
  "small.back": "L’afficher de nouveau ici",
  "toast.small_failed": "La petite fenêtre n’a pas pu s’ouvrir.",
};
