import type { ChannelEnd, MediaSource, Stage } from "./channel";
import type {
  Capture,
  ConnectionEvent,
  DeviceKind,
  DeviceList,
  EndReason,
  Entry,
  EnterProblem,
  LeaveReason,
  LinkWishes,
  People,
  PreviewReport,
  RoomMetadata,
  ServerAccess,
  Stay,
} from "./model";
import { type BackgroundEffect, type BackgroundEvent, NO_BACKGROUND, type Background, type OwnBackground } from "./background";
import { type Captions, NO_CAPTIONS } from "./captions";
import { type CheckFacts, NOTHING_CHECKED } from "./check";
import { leavingAfter, type Leaving } from "./leaving";
import { type Layout, USUAL_LAYOUT } from "./layout";
import { NO_GUARD, type Profile, type VoiceGuard } from "./profile";
import type { CheckEffect, CheckEvent } from "./step-check";
import type { MediaEffect, MediaEvent } from "./step-media";
import type { SmallWindow, SmallWindowEffect, SmallWindowEvent } from "./small-window";
import type { Toast } from "./toasts";

/** The own devices, before and during the call. */
export interface Own {
  readonly microphone: Capture;
  readonly camera: Capture;
  readonly screen: "off" | "starting" | "on";
  readonly devices: DeviceList;
  readonly chosen: Readonly<Record<DeviceKind, string | null>>;
  /** What the browser took where nothing was chosen. */
  readonly active: Readonly<Record<DeviceKind, string | null>>;
  /** The speaker that was chosen did not work; sound comes from where it came before. */
  readonly speakerFailed: boolean;
  readonly choosing: boolean;
  readonly preview: { readonly picture: string | null; readonly mirrored: boolean };
  /** What the check before the call found. */
  readonly check: CheckFacts;
  /** The browser makes the own voice clear; off for music. */
  readonly processing: boolean;
  /** What is on and gives nothing, although it was started anew. */
  readonly stopped: { readonly microphone: boolean; readonly camera: boolean };
  readonly profile: Profile;
  readonly guard: VoiceGuard;
  readonly layout: Layout;
  readonly small: SmallWindow;
  readonly captions: Captions;
  readonly background: OwnBackground;
}

/** What all states have: the wishes in the link, and the own devices. */
interface Base {
  readonly wishes: LinkWishes;
  readonly own: Own;
}

export type JoinProblem = "join_failed" | "busy" | "unavailable" | "offline";

/** Why somebody is before the door again: the clinician's side does not let them in now, perhaps with words, or took them out. */
export interface TurnedBack {
  readonly removed: boolean;
  readonly message: string | null;
}

export type Live = Base & {
  readonly kind: "live";
  readonly entry: Entry;
  readonly people: People;
  /** Who of the others spoke last; null while there is nobody else. */
  readonly speaker: string | null;
  /** Somebody else has been in the call, as far as this page knows. */
  readonly met: boolean;
  readonly metadata: RoomMetadata | null;
  /** Who was there when the connection broke; null while it holds. */
  readonly brokenWith: People | null;
  readonly playbackBlocked: boolean;
  readonly warned: boolean;
  readonly toasts: readonly Toast[];
  readonly now: number;
};

/**
 * How the person comes to the call: for the first time; again, so that their devices are as they left them; or by reloading the
 * page in the call, so that they go back into it without stopping in the lobby.
 */
export type Arrival = "first" | "again" | "reload";

export type Left = Base & {
  readonly kind: "left";
  readonly entry: Entry;
  readonly reason: LeaveReason;
  readonly leaving: Leaving;
  readonly now: number;
};

export type CallState =
  | (Base & { readonly kind: "opening"; readonly arrival: Arrival; readonly waited: boolean })
  | (Base & { readonly kind: "refused"; readonly arrival: Arrival; readonly problem: EnterProblem })
  | (Base & { readonly kind: "lobby"; readonly entry: Entry; readonly problem: JoinProblem | null; readonly turnedBack: TurnedBack | null })
  /** Has knocked, and waits to be admitted. */
  | (Base & { readonly kind: "waiting"; readonly entry: Entry; readonly since: number })
  /** `admitted`: comes from the waiting room, and sees the call as soon as it is there. */
  | (Base & { readonly kind: "joining"; readonly entry: Entry; readonly admitted: boolean; readonly attempts: number })
  | Live
  | (Base & { readonly kind: "returning"; readonly entry: Entry; readonly met: boolean; readonly since: number; readonly attempts: number })
  | Left;

export type CallEvent =
  | { readonly kind: "entered"; readonly entry: Entry }
  | { readonly kind: "enterFailed"; readonly problem: EnterProblem }
  | { readonly kind: "enterDue" }
  | ({ readonly kind: "previewed" } & PreviewReport)
  | { readonly kind: "devicesListed"; readonly devices: DeviceList }
  | { readonly kind: "microphoneWished"; readonly on: boolean }
  | { readonly kind: "cameraWished"; readonly on: boolean }
  | { readonly kind: "screenWished"; readonly on: boolean }
  | { readonly kind: "deviceWished"; readonly device: DeviceKind; readonly id: string }
  | { readonly kind: "choosingWished"; readonly on: boolean }
  | { readonly kind: "problemSeen"; readonly device: "microphone" | "camera" }
  | { readonly kind: "devicesRetried" }
  | { readonly kind: "playbackWished" }
  | { readonly kind: "joinWished" }
  | { readonly kind: "leaveWished" }
  | { readonly kind: "againWished" }
  /** The person does something about the rating that is not done at once. */
  | { readonly kind: "rating" }
  | { readonly kind: "rated" }
  /** The person does not want to be taken to the company's page. */
  | { readonly kind: "stayWished" }
  /** The call channel is to come here from the other window of the same person. */
  | { readonly kind: "toolsWished" }
  | ConnectionEvent
  /** The call channel told the own stage: because it changed, or (not `changed`) with everything else when it connected. */
  | { readonly kind: "staged"; readonly stage: Stage; readonly changed: boolean; readonly message: string | null; readonly removed: boolean }
  | { readonly kind: "channelEnded"; readonly end: ChannelEnd }
  | { readonly kind: "mutedBy"; readonly name: string | null; readonly source: MediaSource }
  | CheckEvent
  | BackgroundEvent
  | SmallWindowEvent
  | MediaEvent
  | { readonly kind: "tick" };

export type CallEffect =
  | { readonly kind: "enter" }
  | { readonly kind: "enterAfter"; readonly ms: number }
  | { readonly kind: "openChannel" }
  | { readonly kind: "knock" }
  | { readonly kind: "unknock" }
  | { readonly kind: "preview"; readonly own: Own; readonly backCamera: boolean }
  | { readonly kind: "endPreview" }
  | { readonly kind: "connect"; readonly entry: Entry; readonly server: ServerAccess; readonly own: Own; readonly wishes: LinkWishes }
  | { readonly kind: "microphone"; readonly on: boolean }
  | { readonly kind: "camera"; readonly on: boolean }
  | { readonly kind: "screen"; readonly on: boolean }
  | { readonly kind: "device"; readonly device: DeviceKind; readonly id: string }
  | { readonly kind: "startPlayback" }
  | { readonly kind: "disconnect" }
  | { readonly kind: "tellEnded"; readonly reason: EndReason }
  /** The link was taken back or replaced: the page around this one may know a newer one. */
  | { readonly kind: "tellRefused" }
  | { readonly kind: "go"; readonly url: string }
  | CheckEffect
  | BackgroundEffect
  | SmallWindowEffect
  | MediaEffect;

export interface CallStep {
  readonly state: CallState;
  readonly effects: readonly CallEffect[];
}

/** What is known of the background before anything else: whether the browser can do it, and what was chosen on this device, if ever. */
export interface KeptBackground {
  readonly possible: boolean;
  readonly wish: Background | null;
}

/**
 * Returns the first state, which asks the server who the link is for. `stay` is how the person was in the call when they
 * reloaded the page, else null; `check` what an earlier page of this tab found out.
 */
export function callStart(
  wishes: LinkWishes,
  stay: Stay | null,
  check: CheckFacts = NOTHING_CHECKED,
  background: KeptBackground = { possible: false, wish: null },
): CallStep {
  const own: Own = {
    microphone: { kind: stay?.microphone === true ? "starting" : "off" },
    camera: { kind: stay?.camera === true ? "starting" : "off" },
    screen: "off",
    devices: { microphone: [], camera: [], speaker: [] },
    chosen: stay?.chosen ?? { microphone: null, camera: null, speaker: null },
    active: { microphone: null, camera: null, speaker: null },
    speakerFailed: false,
    choosing: false,
    preview: { picture: null, mirrored: false },
    check,
    processing: true,
    stopped: { microphone: false, camera: false },
    profile: "balanced",
    guard: NO_GUARD,
    layout: USUAL_LAYOUT,
    small: "closed",
    captions: NO_CAPTIONS,
    background: { ...NO_BACKGROUND, possible: background.possible, wish: background.wish ?? wishes.background ?? "none" },
  };
  return { state: { kind: "opening", wishes, own, arrival: stay === null ? "first" : "reload", waited: stay?.waiting === true }, effects: [{ kind: "enter" }] };
}

/** Returns the state of a page that goes back into the call by itself. */
export function returning(base: Base, entry: Entry, met: boolean, now: number): Extract<CallState, { kind: "returning" }> {
  return { kind: "returning", wishes: base.wishes, own: base.own, entry, met, since: now, attempts: 0 };
}

/** Returns the state of a page that is out of the call. It goes nowhere by itself where the call is not over for the person. */
export function leftFor(base: Base, entry: Entry, reason: LeaveReason, now: number): Left {
  const leaving: Leaving = reason === "elsewhere" || reason === "lost" ? { kind: "none" } : leavingAfter(reason, entry.farewell, now);
  return { kind: "left", wishes: base.wishes, own: base.own, entry, reason, leaving, now };
}

/** Returns the state of a page that waits to be let in, and what leads to it. */
export function waiting(base: Base, entry: Entry, now: number): CallStep {
  return {
    state: { kind: "waiting", wishes: base.wishes, own: { ...base.own, choosing: false }, entry, since: now },
    effects: [{ kind: "knock" }],
  };
}

/** Returns how the person is in the call or waits for it, to go on after a reload of the page; null if they do neither. */
export function stayOf(state: CallState): Stay | null {
  const comingBack = state.kind === "returning" || (state.kind === "opening" && state.arrival === "reload");
  const atTheDoor = state.kind === "waiting" || (state.kind === "joining" && state.admitted);
  if (state.kind !== "live" && !comingBack && !atTheDoor) return null;
  const { microphone, camera, chosen } = state.own;
  return { waiting: atTheDoor || (state.kind === "opening" && state.waited), microphone: isWanted(microphone), camera: isWanted(camera), chosen };
}

/** Returns whether a device is on, or about to be. */
export function isWanted(capture: Capture): boolean {
  return capture.kind === "on" || capture.kind === "starting";
}
