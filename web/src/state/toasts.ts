import type { People } from "./model";

/** How long a message stays in view. Long enough to be read twice. */
const TOAST_MS = 6_000;
/** More than this many at once would hide the picture; the oldest goes first. */
const TOASTS_MAX = 4;

/** What is shown for a moment and spoken by a screen reader. */
export type ToastText =
  | {
      readonly key:
        | "toast.joined"
        | "toast.left"
        | "toast.sharing"
        | "toast.muted_by_microphone"
        | "toast.muted_by_camera"
        | "toast.muted_by_screen_share"
        | "toast.knocked"
        | "toast.hand_raised"
        | "toast.written"
        | "toast.file_sent"
        | "toast.presenting"
        | "toast.picture_asked"
        | "toast.picture_from"
        | "toast.picture_failed";
      readonly name: string | null;
    }
  | {
      readonly key:
        | "toast.in_call"
        | "toast.microphone_on"
        | "toast.microphone_off"
        | "toast.microphone_off_by_other"
        | "toast.camera_on"
        | "toast.camera_off"
        | "toast.camera_off_by_other"
        | "toast.screen_off"
        | "toast.reconnecting"
        | "toast.reconnected"
        | "toast.returned"
        | "toast.not_allowed"
        | "toast.gone"
        | "toast.too_many"
        | "toast.not_done"
        | "toast.presenting_own"
        | "toast.picture_taken"
        | "toast.microphone_mended"
        | "toast.camera_mended"
        | "toast.microphone_gone"
        | "toast.camera_gone"
        | "toast.speaker_gone"
        | "toast.voice_first"
        | "toast.picture_back"
        | "toast.small_failed";
    };

export interface Toast {
  readonly id: number;
  readonly text: ToastText;
  readonly until: number;
  /** Spoken only: the page already shows it in another way. */
  readonly spokenOnly: boolean;
}

export function withToast(toasts: readonly Toast[], text: ToastText, now: number, spokenOnly = false): readonly Toast[] {
  const id = (toasts.at(-1)?.id ?? now) + 1;
  return [...toasts, { id, text, until: now + TOAST_MS, spokenOnly }].slice(-TOASTS_MAX);
}

export function freshToasts(toasts: readonly Toast[], now: number): readonly Toast[] {
  return toasts.every((toast) => toast.until > now) ? toasts : toasts.filter((toast) => toast.until > now);
}

/** Returns what to say about the difference between who was there and who is. */
export function arrivals(before: People, after: People): readonly ToastText[] {
  const texts: ToastText[] = [];
  for (const person of after.values()) {
    if (person.own) continue;
    const known = before.get(person.id);
    if (known === undefined) texts.push({ key: "toast.joined", name: person.name });
    if (person.screen !== null && known?.screen == null) texts.push({ key: "toast.sharing", name: person.name });
  }
  for (const person of before.values()) {
    if (!person.own && !after.has(person.id)) texts.push({ key: "toast.left", name: person.name });
  }
  return texts;
}
