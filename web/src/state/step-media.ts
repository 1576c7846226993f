import type { CallEffect, CallEvent, CallStep, Live, Own } from "./call";
import { withCaption } from "./captions";
import type { Corner, Focus } from "./layout";
import type { DeviceKind, DeviceList } from "./model";
import { NO_GUARD, pictureWish, stepGuard, type Profile } from "./profile";
import { withToast, type ToastText } from "./toasts";

/** What the person wishes of their own sound and picture, and of the layout. */
export type MediaEvent =
  | { readonly kind: "processingWished"; readonly on: boolean }
  | { readonly kind: "profileWished"; readonly profile: Profile }
  | { readonly kind: "restartWished"; readonly device: "microphone" | "camera" }
  | { readonly kind: "pinWished"; readonly focus: Focus | null }
  | { readonly kind: "cornerWished"; readonly corner: Corner }
  | { readonly kind: "captionsPossible" }
  | { readonly kind: "captionsWished"; readonly writing?: boolean; readonly shown?: boolean; readonly spoken?: boolean }
  | { readonly kind: "captionsFailed" }
  | { readonly kind: "captionSaid"; readonly from: string; readonly text: string; readonly final: boolean };

export type MediaEffect =
  | { readonly kind: "processing"; readonly on: boolean }
  | { readonly kind: "picture"; readonly picture: ReturnType<typeof pictureWish> }
  | { readonly kind: "restart"; readonly device: "microphone" | "camera" }
  | { readonly kind: "writeCaptions"; readonly on: boolean };

type Event = MediaEvent | Extract<CallEvent, { kind: "ownMediaStopped" | "ownMediaMended" | "lineSeen" | "devicesListed" }>;

/** The part of a call's step that is about the own media and the layout. */
export function stepMedia(state: Live, event: Event, now: number): CallStep {
  const own = (change: Partial<Own>, ...effects: CallEffect[]): CallStep => ({ state: { ...state, own: { ...state.own, ...change } }, effects });
  switch (event.kind) {
    case "processingWished":
      return own({ processing: event.on }, { kind: "processing", on: event.on });
    case "profileWished":
      return own({ profile: event.profile, guard: NO_GUARD }, { kind: "picture", picture: pictureWish(event.profile, false) });
    case "restartWished":
      return { state, effects: [{ kind: "restart", device: event.device }] };
    case "pinWished":
      return own({ layout: { ...state.own.layout, pinned: event.focus } });
    case "cornerWished":
      return own({ layout: { ...state.own.layout, corner: event.corner } });
    case "captionsPossible":
      return own({ captions: { ...state.own.captions, possible: true } });
    case "captionsWished": {
      const { captions } = state.own;
      const { writing = captions.writing, shown = captions.shown, spoken = captions.spoken } = event;
      const effects: CallEffect[] = writing === captions.writing ? [] : [{ kind: "writeCaptions", on: writing }];
      return own({ captions: { ...captions, writing, shown, spoken } }, ...effects);
    }
    case "captionsFailed":
      return own({ captions: { ...state.own.captions, possible: false, writing: false } }, { kind: "writeCaptions", on: false });
    case "captionSaid":
      return own({ captions: { ...state.own.captions, lines: withCaption(state.own.captions.lines, event, now) } });
    case "ownMediaStopped":
      return own({ stopped: { ...state.own.stopped, [event.device]: true } });
    case "ownMediaMended": {
      const next = own({ stopped: { ...state.own.stopped, [event.device]: false } });
      if (!event.told) return next;
      return said(next, { key: event.device === "microphone" ? "toast.microphone_mended" : "toast.camera_mended" }, now);
    }
    case "lineSeen": {
      const guard = stepGuard(state.own.guard, state.own.profile, event, now);
      if (guard.guarding === state.own.guard.guarding) return own({ guard });
      const next = own({ guard }, { kind: "picture", picture: pictureWish(state.own.profile, guard.guarding) });
      return said(next, { key: guard.guarding ? "toast.voice_first" : "toast.picture_back" }, now);
    }
    case "devicesListed":
      return listed(state, event.devices, now);
  }
}

const GONE = { microphone: "toast.microphone_gone", camera: "toast.camera_gone", speaker: "toast.speaker_gone" } as const;

/** Puts another device in the place of a chosen one that is gone, such as a headset that was unplugged, and says so. */
function listed(state: Live, devices: DeviceList, now: number): CallStep {
  let next: Live = { ...state, own: { ...state.own, devices } };
  const effects: CallEffect[] = [];
  for (const device of ["microphone", "camera", "speaker"] as const) {
    const fallback = replacement(state.own, devices, device);
    if (fallback === null) continue;
    effects.push({ kind: "device", device, id: fallback });
    const own = { ...next.own, chosen: { ...next.own.chosen, [device]: null } };
    next = { ...next, own, toasts: withToast(next.toasts, { key: GONE[device] }, now) };
  }
  return { state: next, effects };
}

/** The first of the list is the browser's own choice. Null: what is used is still there, or there is nothing to take in its place. */
function replacement(own: Own, devices: DeviceList, device: DeviceKind): string | null {
  const { [device]: chosen } = own.chosen;
  const was = own.devices[device].some(({ id }) => id === chosen);
  const is = devices[device].some(({ id }) => id === chosen);
  return chosen === null || !was || is ? null : (devices[device][0]?.id ?? null);
}

function said({ state, effects }: CallStep, text: ToastText, now: number): CallStep {
  return state.kind === "live" ? { state: { ...state, toasts: withToast(state.toasts, text, now) }, effects } : { state, effects };
}
