import { isWanted, leftFor, returning, type CallEffect, type CallEvent, type CallState, type CallStep, type Live, type Own } from "./call";
import { freshCaptions } from "./captions";
import type { MediaSource } from "./channel";
import { stepMedia } from "./step-media";
import type { Capture, DeviceKind, DisconnectCause, EndReason } from "./model";
import { speakerAfter } from "./small-window";
import { endIsNear, remainingMs } from "./time";
import { arrivals, freshToasts, withToast, type ToastText } from "./toasts";

/** A room that closes with no more than this left closed because its time was up. */
const TIME_UP_MS = 3_000;

/** The step of a page that is in the call. */
export function stepLive(state: Live, event: CallEvent, now: number): CallStep {
  switch (event.kind) {
    case "microphoneWished": {
      const own: Own = { ...state.own, microphone: { kind: event.on ? "starting" : "off" } };
      const toasted = toast({ ...state, own }, { key: event.on ? "toast.microphone_on" : "toast.microphone_off" }, now, true);
      return { state: toasted, effects: [{ kind: "microphone", on: event.on }] };
    }
    case "cameraWished": {
      const own: Own = { ...state.own, camera: { kind: event.on ? "starting" : "off" } };
      const toasted = toast({ ...state, own }, { key: event.on ? "toast.camera_on" : "toast.camera_off" }, now, true);
      return { state: toasted, effects: [{ kind: "camera", on: event.on }] };
    }
    case "screenWished": {
      const own: Own = { ...state.own, screen: event.on ? "starting" : "off" };
      return { state: { ...state, own }, effects: [{ kind: "screen", on: event.on }] };
    }
    case "deviceWished":
      return deviceWished(state, event.device, event.id);
    case "choosingWished":
      return same({ ...state, own: { ...state.own, choosing: event.on } });
    case "problemSeen":
      return same({ ...state, own: { ...state.own, [event.device]: { kind: "off" } } });
    case "devicesListed":
    case "processingWished":
    case "profileWished":
    case "restartWished":
    case "pinWished":
    case "cornerWished":
    case "captionsPossible":
    case "captionsWished":
    case "captionsFailed":
    case "captionSaid":
    case "ownMediaStopped":
    case "ownMediaMended":
    case "lineSeen":
      return stepMedia(state, event, now);
    case "playbackWished":
      return { state, effects: [{ kind: "startPlayback" }] };
    case "playbackChanged":
      return same({ ...state, playbackBlocked: event.blocked });
    case "peopleChanged":
      return same(peopleChanged(state, event.people, now));
    case "metadataChanged":
      return same(timed({ ...state, metadata: event.metadata }, now));
    case "tick":
      return same(timed({ ...state, toasts: freshToasts(state.toasts, now), own: withFreshCaptions(state.own, now) }, now));
    case "reconnecting":
      if (state.brokenWith !== null) return same(state);
      return same(toast({ ...state, brokenWith: state.people }, { key: "toast.reconnecting" }, now, true));
    case "reconnected":
      return same(reconnected(state, now));
    case "ownMediaChanged":
      return same(ownMediaChanged(state, event, now));
    case "ownMediaFailed":
      return same(ownMediaFailed(state, event, now));
    case "toolsWished":
      return { state, effects: [{ kind: "openChannel" }] };
    case "mutedBy":
      return mutedBy(state, event, now);
    case "staged":
      return event.removed ? out(state, "removed", [{ kind: "disconnect" }], now) : same(state);
    case "leaveWished":
      return out(state, "left", [{ kind: "disconnect" }], now);
    case "disconnected":
      return disconnected(state, event.cause, now);
    default:
      return same(state);
  }
}

function same(state: CallState): CallStep {
  return { state, effects: [] };
}

function toast(state: Live, text: ToastText, now: number, spokenOnly = false): Live {
  return { ...state, toasts: withToast(state.toasts, text, now, spokenOnly) };
}

function peopleChanged(state: Live, people: Live["people"], now: number): Live {
  const next: Live = { ...state, people, speaker: speakerAfter(state.speaker, people), met: state.met || people.size > 1 };
  // A connection that is made anew forgets everybody and learns of them again: that is no leaving and no joining.
  return state.brokenWith === null ? announced(next, state.people, now) : next;
}

function reconnected(state: Live, now: number): Live {
  const next = toast({ ...state, brokenWith: null }, { key: "toast.reconnected" }, now);
  return state.brokenWith === null ? next : announced(next, state.brokenWith, now);
}

/** Says who has come and gone since `before`. */
function announced(state: Live, before: Live["people"], now: number): Live {
  return arrivals(before, state.people).reduce((next: Live, text) => toast(next, text, now), state);
}

function withFreshCaptions(own: Own, now: number): Own {
  const lines = freshCaptions(own.captions.lines, now);
  return lines === own.captions.lines ? own : { ...own, captions: { ...own.captions, lines } };
}

function timed(state: Live, now: number): Live {
  const warned = endIsNear(state.metadata, now + state.entry.clockOffsetMs);
  return { ...state, now, warned };
}

function ownMediaChanged(state: Live, event: Extract<CallEvent, { kind: "ownMediaChanged" }>, now: number): Live {
  let next: Live = {
    ...state,
    own: {
      ...state.own,
      microphone: settled(state.own.microphone, event.microphone),
      camera: settled(state.own.camera, event.camera),
      screen: event.screen ? "on" : "off",
    },
  };
  if (state.own.microphone.kind === "on" && !event.microphone) next = toast(next, { key: "toast.microphone_off_by_other" }, now);
  if (state.own.camera.kind === "on" && !event.camera) next = toast(next, { key: "toast.camera_off_by_other" }, now);
  if (state.own.screen === "on" && !event.screen) next = toast(next, { key: "toast.screen_off" }, now);
  return next;
}

/** The page does what was done to it, so that it does not say later that something changed, and says who did it. */
function mutedBy(state: Live, { name, source }: Extract<CallEvent, { kind: "mutedBy" }>, now: number): CallStep {
  const said: Live = { ...state, toasts: state.toasts.filter(({ text }) => text.key !== OFF_BY_OTHER[source]) };
  const next = toast(said, { key: `toast.muted_by_${source}`, name }, now);
  if (source === "screen_share") return { state: { ...next, own: { ...state.own, screen: "off" } }, effects: [{ kind: "screen", on: false }] };
  return { state: { ...next, own: { ...state.own, [source]: { kind: "off" } } }, effects: [{ kind: source, on: false }] };
}

const OFF_BY_OTHER = {
  microphone: "toast.microphone_off_by_other",
  camera: "toast.camera_off_by_other",
  screen_share: "toast.screen_off",
} as const satisfies Record<MediaSource, ToastText["key"]>;

/** What is really sent counts, but a reason why it is not stays in view. */
function settled(capture: Capture, sent: boolean): Capture {
  if (sent) return { kind: "on" };
  return isWanted(capture) ? { kind: "off" } : capture;
}

function deviceWished(state: Live, device: DeviceKind, id: string): CallStep {
  const own: Own = { ...state.own, chosen: { ...state.own.chosen, [device]: id } };
  const effect: CallEffect = { kind: "device", device, id };
  if (device === "speaker") return { state: { ...state, own: { ...own, speakerFailed: false } }, effects: [effect] };
  // Choosing another device after one that did not start is wishing to use it.
  if (own[device].kind !== "failed") return { state: { ...state, own }, effects: [effect] };
  return { state: { ...state, own: { ...own, [device]: { kind: "starting" } } }, effects: [effect, { kind: device, on: true }] };
}

function ownMediaFailed(state: Live, event: Extract<CallEvent, { kind: "ownMediaFailed" }>, now: number): Live {
  // Closing the picker of screens counts as a refusal for the browser; it is no problem to report.
  if (event.device === "screen") return toast({ ...state, own: { ...state.own, screen: "off" } }, { key: "toast.screen_off" }, now);
  if (event.device === "speaker") {
    return { ...state, own: { ...state.own, speakerFailed: true, chosen: { ...state.own.chosen, speaker: null } } };
  }
  return { ...state, own: { ...state.own, [event.device]: { kind: "failed", problem: event.problem } } };
}

function disconnected(state: Live, cause: DisconnectCause, now: number): CallStep {
  switch (cause) {
    case "removed":
      return out(state, "removed", [], now);
    case "closed":
      return out(state, closedReason(state, now), [], now);
    case "elsewhere":
      // The call goes on in another window: nothing has ended.
      return same(leftFor(state, state.entry, "elsewhere", now));
    case "lost":
      return {
        state: { ...returning(state, state.entry, state.met, now), own: withoutScreen(state.own) },
        effects: [{ kind: "enter" }],
      };
  }
}

function closedReason(state: Live, now: number): "time_up" | "other_left" | "closed" {
  const remaining = remainingMs(state.metadata, now + state.entry.clockOffsetMs);
  if (remaining !== null && remaining <= TIME_UP_MS) return "time_up";
  // Who was left alone was told of that before. If the others are still there, the company has ended it for everybody.
  return state.entry.live && state.met && state.people.size <= 1 ? "other_left" : "closed";
}

function out(state: Live, reason: EndReason, effects: CallStep["effects"], now: number): CallStep {
  const left = leftFor({ wishes: state.wishes, own: withoutScreen(state.own) }, state.entry, reason, now);
  return { state: left, effects: [...effects, { kind: "tellEnded", reason }] };
}

/** Sharing a screen needs a fresh click each time, so it does not survive leaving. */
function withoutScreen(own: Own): Own {
  return { ...own, screen: "off", choosing: false };
}
