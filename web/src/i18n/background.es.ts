import type { backgroundEn } from "./background.en";

/** Part of `es`. */
export const backgroundEs: Readonly<Record<keyof typeof backgroundEn, string>> = {
  "background.label": "Detrás de usted",
  "background.none": "Su habitación, tal como es",
  "background.blur": "Su habitación, desenfocada",
  "background.image": "La imagen del centro",
  "background.on": "Los demás no ven su habitación.",
  "background.loading": "Estamos preparando su fondo. Hasta entonces los demás ven desenfocada toda su imagen.",
  "background.slow": "Este dispositivo es demasiado lento para ocultar solo su habitación. Para que nadie la vea, los demás ven ahora desenfocada toda su imagen.",
  "background.failed": "En este momento no se puede ocultar solo su habitación. Para que nadie la vea, los demás ven desenfocada toda su imagen.",
  "action.show_room": "Mostrar mi imagen con mi habitación",
};
