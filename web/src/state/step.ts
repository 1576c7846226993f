import { backoffMs } from "./backoff";
import { isBackgroundEvent, stepBackground } from "./background";
import {
  isWanted,
  leftFor,
  returning,
  waiting,
  type Arrival,
  type CallEffect,
  type CallEvent,
  type CallState,
  type CallStep,
  type JoinProblem,
  type Left,
  type Live,
  type Own,
  type TurnedBack,
} from "./call";
import type { ChannelEnd } from "./channel";
import { withOwnPinned } from "./layout";
import { isAdmitted } from "./room";
import { stepLive } from "./step-live";
import { isFresh } from "./check";
import { leavingRated, leavingWhileRating } from "./leaving";
import { NO_GUARD } from "./profile";
import type { Capture, Entry, EnterProblem } from "./model";
import { closedWithCall, isSmallWindowEvent, speakerAfter, stepSmallWindow } from "./small-window";
import { checkAfterPreview, isCheckEvent, stepCheck, type CheckEvent } from "./step-check";
import { withToast } from "./toasts";

/** An entry older than this is asked for anew before connecting: its token may have run out or its room gone. */
const ENTRY_FRESH_MS = 60_000;
/** How long the page tries by itself to come back into the call: a server that restarts needs less. */
export const RETURN_MS = 120_000;
/** Pause before the page asks again after the server refused for the moment. */
const REFUSED_RETRY_MS = 10_000;

/**
 * Decides what the call page shows and does next. An event that does not concern a state changes nothing.
 * `now` is this machine's milliseconds since the epoch.
 */
export function step(state: CallState, event: CallEvent, now: number): CallStep {
  if (isCheckEvent(event)) return checked(state, event);
  if (isBackgroundEvent(event)) {
    const { background, effects } = stepBackground(state.own.background, event);
    return { state: { ...state, own: { ...state.own, background } }, effects };
  }
  if (isSmallWindowEvent(event)) return stepSmallWindow(state, event, now);
  return closedWithCall(stepIn(event.kind === "entered" ? offered(state, event.entry) : state, event, now));
}

/** Takes over what the company offers to have behind oneself. */
function offered(state: CallState, { background: image }: Entry): CallState {
  return { ...state, own: { ...state.own, background: { ...state.own.background, image } } };
}

function stepIn(state: CallState, event: CallEvent, now: number): CallStep {
  switch (state.kind) {
    case "opening":
    case "refused":
      return stepOutside(state, event, now);
    case "lobby":
      return stepLobby(state, event, now);
    case "waiting":
      return stepWaitingRoom(state, event, now);
    case "joining":
      return stepJoining(state, event, now);
    case "live":
      return stepLive(state, event, now);
    case "returning":
      return stepReturning(state, event, now);
    case "left":
      return stepLeft(state, event, now);
  }
}

function same(state: CallState): CallStep {
  return { state, effects: [] };
}

function withEffects({ state, effects }: CallStep, more: readonly CallEffect[]): CallStep {
  return { state, effects: [...effects, ...more] };
}

function checked(state: CallState, event: CheckEvent): CallStep {
  const { own, effects } = stepCheck(state.own, event);
  // Who has just allowed what they had refused wants it to work, without pressing anything.
  if (event.kind !== "permissionsChanged" || (state.kind !== "lobby" && state.kind !== "waiting")) return { state: { ...state, own }, effects };
  const allowed = (["camera", "microphone"] as const).some((device) => {
    const capture = own[device];
    return capture.kind === "failed" && capture.problem === "blocked" && event[device] === "granted" && state.own.check.permissions[device] !== "granted";
  });
  return allowed ? retried({ ...state, own }) : { state: { ...state, own }, effects };
}

/** Tries again what did not start. Both at once, so that the browser asks once. */
function retried(state: Extract<CallState, { kind: "lobby" | "waiting" }>): CallStep {
  const again = (capture: Capture): Capture => (capture.kind === "failed" ? { kind: "starting" } : capture);
  const own: Own = { ...state.own, camera: again(state.own.camera), microphone: again(state.own.microphone) };
  return { state: { ...state, own }, effects: [{ kind: "preview", own, backCamera: state.wishes.backCamera }] };
}

function stepOutside(state: Extract<CallState, { kind: "opening" | "refused" }>, event: CallEvent, now: number): CallStep {
  switch (event.kind) {
    case "entered": {
      if (state.kind === "refused" || state.arrival !== "reload") return lobby(state, event.entry);
      if (event.entry.server === null || state.waited) return waitingAgain(state, event.entry, now);
      const next = returning(state, event.entry, false, now);
      return { state: next, effects: connect(next) };
    }
    case "enterFailed":
      return refused(state, event.problem, state.arrival);
    case "enterDue":
      return { state, effects: [{ kind: "enter" }] };
    case "againWished":
      return openAgain(state, state.arrival === "first" ? "first" : "again");
    default:
      return same(state);
  }
}

function openAgain(base: Pick<CallState, "wishes" | "own">, arrival: Arrival): CallStep {
  return { state: { kind: "opening", wishes: base.wishes, own: base.own, arrival, waited: false }, effects: [{ kind: "enter" }] };
}

/** Whether asking again would bring the same answer. */
function isFinal(problem: EnterProblem): problem is Exclude<EnterProblem, JoinProblem> {
  return problem === "invalid_link" || problem === "room_closed" || problem === "no_token";
}

function refused(base: Pick<CallState, "wishes" | "own">, problem: EnterProblem, arrival: Arrival): CallStep {
  return {
    state: { kind: "refused", wishes: base.wishes, own: base.own, arrival, problem },
    effects: problem === "invalid_link" ? [{ kind: "endPreview" }, { kind: "tellRefused" }] : isFinal(problem) ? [{ kind: "endPreview" }] : [{ kind: "enterAfter", ms: REFUSED_RETRY_MS }],
  };
}

/** Opens the lobby. Devices that have been used before keep their settings; else the link and the kind of call decide. */
function lobby(state: Extract<CallState, { arrival: Arrival }>, entry: Entry): CallStep {
  const starting: Capture = { kind: "starting" };
  const off: Capture = { kind: "off" };
  const again = state.arrival !== "first";
  const { microphoneOff, cameraOff, backCamera } = state.wishes;
  const measure = !isFresh(state.own.check.network, entry.at);
  const own: Own = {
    ...state.own,
    check: { ...state.own.check, networkBusy: measure },
    microphone: (again ? isWanted(state.own.microphone) : !microphoneOff) ? starting : off,
    camera: (again ? isWanted(state.own.camera) : !cameraOff && entry.callType === "audio_video") && entry.camera ? starting : off,
    screen: "off",
    choosing: false,
  };
  return {
    state: { kind: "lobby", wishes: state.wishes, own, entry, problem: null, turnedBack: null },
    effects: [{ kind: "preview", own, backCamera }, ...(measure ? [{ kind: "checkNetwork" } as const] : [])],
  };
}

function stepLobby(state: Extract<CallState, { kind: "lobby" }>, event: CallEvent, now: number): CallStep {
  const preview = (own: Own): CallStep => ({
    state: { ...state, own },
    effects: [{ kind: "preview", own, backCamera: state.wishes.backCamera }],
  });
  switch (event.kind) {
    case "previewed":
    case "devicesListed":
      return same({ ...state, own: reported(state.own, event) });
    case "microphoneWished":
      return preview({ ...state.own, microphone: { kind: event.on ? "starting" : "off" } });
    case "cameraWished":
      return preview({ ...state.own, camera: { kind: event.on ? "starting" : "off" } });
    case "deviceWished": {
      const own = { ...state.own, chosen: { ...state.own.chosen, [event.device]: event.id } };
      // Choosing a device is wishing to use it, also after another one did not start.
      if (event.device !== "speaker" && own[event.device].kind !== "off") return preview({ ...own, [event.device]: { kind: "starting" } });
      return same({ ...state, own });
    }
    case "staged":
      // Admitted at once, or still: then there is a way to the media engine now.
      if (isAdmitted(event.stage) && state.entry.server === null) return { state, effects: [{ kind: "enter" }] };
      // The server still knows the knock, or this page was taken for gone while it was only slow.
      if (event.stage === "waiting" && !event.changed) return waiting(state, state.entry, now);
      return same(state);
    case "entered":
      return same({ ...state, entry: event.entry });
    case "enterFailed":
      return isFinal(event.problem) ? refused(state, event.problem, "again") : same(state);
    case "channelEnded":
      return channelEnded(state, event.end, now);
    case "devicesRetried":
      return retried(state);
    case "joinWished": {
      // Who waits needs the line for nothing else: the check goes on there.
      if (state.entry.server === null) return waiting(state, state.entry, now);
      const joining: CallState = { kind: "joining", wishes: state.wishes, own: unmeasured(state.own), entry: state.entry, admitted: false, attempts: 0 };
      const next: readonly CallEffect[] = now - state.entry.at > ENTRY_FRESH_MS ? [{ kind: "enter" }] : connect(joining);
      return { state: joining, effects: [{ kind: "endNetworkCheck" }, ...next] };
    }
    default:
      return same(state);
  }
}

/** The line belongs to the call now. */
function unmeasured(own: Own): Own {
  return { ...own, check: { ...own.check, networkBusy: false } };
}

/** Goes on waiting after a reload of the page. The devices start as they were; who was let in meanwhile joins at once. */
function waitingAgain(state: Extract<CallState, { kind: "opening" }>, entry: Entry, now: number): CallStep {
  const own: Own = { ...state.own, camera: entry.camera ? state.own.camera : { kind: "off" } };
  const preview: CallEffect = { kind: "preview", own, backCamera: state.wishes.backCamera };
  const next = entry.server === null ? waiting({ ...state, own }, entry, now) : admitted({ ...state, own }, entry);
  return { state: next.state, effects: [preview, ...next.effects] };
}

function stepWaitingRoom(state: Extract<CallState, { kind: "waiting" }>, event: CallEvent, now: number): CallStep {
  const preview = (own: Own): CallStep => ({ state: { ...state, own }, effects: [{ kind: "preview", own, backCamera: state.wishes.backCamera }] });
  switch (event.kind) {
    case "previewed":
    case "devicesListed":
      return same({ ...state, own: reported(state.own, event) });
    case "microphoneWished":
      return preview({ ...state.own, microphone: { kind: event.on ? "starting" : "off" } });
    case "cameraWished":
      return preview({ ...state.own, camera: { kind: event.on ? "starting" : "off" } });
    case "devicesRetried":
      return retried(state);
    case "staged":
      if (isAdmitted(event.stage)) return admitted(state, state.entry);
      if (event.stage === "waiting") return same(state);
      // Turned away. A channel that has just connected merely does not know of the knock.
      return event.changed ? turnedBack(state, event) : { state, effects: [{ kind: "knock" }] };
    case "channelEnded":
      return channelEnded(state, event.end, now);
    case "leaveWished":
      return {
        state: { kind: "lobby", wishes: state.wishes, own: state.own, entry: state.entry, problem: null, turnedBack: null },
        effects: [{ kind: "unknock" }],
      };
    default:
      return same(state);
  }
}

/** Goes in by itself: it enters again, because only now there is a way to the media engine. */
function admitted(base: Pick<CallState, "wishes" | "own">, entry: Entry): CallStep {
  const joining: CallState = { kind: "joining", wishes: base.wishes, own: unmeasured(base.own), entry, admitted: true, attempts: 0 };
  return { state: joining, effects: [{ kind: "endNetworkCheck" }, { kind: "enter" }] };
}

function turnedBack(state: Extract<CallState, { entry: Entry }>, { removed, message }: TurnedBack): CallStep {
  const entry: Entry = { ...state.entry, server: null };
  return same({ kind: "lobby", wishes: state.wishes, own: state.own, entry, problem: null, turnedBack: { removed, message } });
}

function channelEnded(state: Extract<CallState, { entry: Entry }>, end: ChannelEnd, now: number): CallStep {
  if (end !== "replaced") return refused(state, end, "again");
  return { state: leftFor(state, state.entry, "elsewhere", now), effects: [{ kind: "endPreview" }] };
}

function stepJoining(state: Extract<CallState, { kind: "joining" }>, event: CallEvent, now: number): CallStep {
  const back = (problem: JoinProblem): CallStep =>
    same({ kind: "lobby", wishes: state.wishes, own: state.own, entry: { ...state.entry, at: 0 }, problem, turnedBack: null });
  switch (event.kind) {
    case "previewed":
    case "devicesListed":
      return same({ ...state, own: reported(state.own, event) });
    case "entered": {
      if (event.entry.server === null) return waiting(state, event.entry, now);
      const joining = { ...state, entry: event.entry };
      return { state: joining, effects: connect(joining) };
    }
    case "enterDue":
      return { state, effects: [{ kind: "enter" }] };
    case "enterFailed":
      if (isFinal(event.problem)) return refused(state, event.problem, "again");
      // Who was let in has nothing to press: the page tries until it is in.
      if (!state.admitted) return back(event.problem);
      return { state: { ...state, attempts: state.attempts + 1 }, effects: [{ kind: "enterAfter", ms: backoffMs(state.attempts) }] };
    case "staged":
      return event.stage === "lobby" && event.changed ? withEffects(turnedBack(state, event), [{ kind: "disconnect" }]) : same(state);
    case "connectFailed":
      return back("join_failed");
    case "connected":
      return same(live(state, event.people, now, "toast.in_call"));
    case "leaveWished":
      return {
        state: { kind: "lobby", wishes: state.wishes, own: state.own, entry: state.entry, problem: null, turnedBack: null },
        effects: [{ kind: "disconnect" }],
      };
    default:
      return same(state);
  }
}

function stepReturning(state: Extract<CallState, { kind: "returning" }>, event: CallEvent, now: number): CallStep {
  const again = (): CallStep => {
    if (now - state.since >= RETURN_MS) {
      return same(leftFor(state, state.entry, "lost", now));
    }
    const attempts = state.attempts + 1;
    return { state: { ...state, attempts }, effects: [{ kind: "enterAfter", ms: backoffMs(attempts) }] };
  };
  switch (event.kind) {
    case "enterDue":
      return { state, effects: [{ kind: "enter" }] };
    case "entered": {
      // The admission was taken back meanwhile.
      if (event.entry.server === null) return waitingAgain({ ...state, kind: "opening", arrival: "reload", waited: true }, event.entry, now);
      const next = { ...state, entry: event.entry };
      return { state: next, effects: connect(next) };
    }
    case "enterFailed":
      return isFinal(event.problem) ? refused(state, event.problem, "again") : again();
    case "connectFailed":
      return again();
    case "connected":
      return same(live(state, event.people, now, "toast.returned"));
    case "devicesListed":
      return same({ ...state, own: reported(state.own, event) });
    case "leaveWished":
      return { state: leftFor(state, state.entry, "left", now), effects: [{ kind: "disconnect" }, { kind: "tellEnded", reason: "left" }] };
    default:
      return same(state);
  }
}

function stepLeft(state: Left, event: CallEvent, now: number): CallStep {
  switch (event.kind) {
    case "rating":
      return same({ ...state, leaving: leavingWhileRating(state.leaving) });
    case "rated":
      return same({ ...state, leaving: leavingRated(state.leaving, state.entry.farewell, now), now });
    case "stayWished":
      return same(state.leaving.kind === "counting" ? { ...state, leaving: { kind: "stopped" } } : state);
    case "tick": {
      const { leaving, entry } = state;
      if (leaving.kind !== "counting" || entry.farewell === null) return same(state);
      if (now < leaving.due) return same({ ...state, now });
      return { state: { ...state, leaving: { kind: "gone" } }, effects: [{ kind: "go", url: entry.farewell.url }] };
    }
    case "againWished":
      // Who lost the call wants it back as it was; who left may like to look at themselves first.
      return state.reason === "lost" || state.reason === "elsewhere"
        ? { state: returning(state, state.entry, false, now), effects: [{ kind: "enter" }] }
        : openAgain(state, "again");
    case "devicesListed":
      return same({ ...state, own: reported(state.own, event) });
    default:
      return same(state);
  }
}

function connect(state: Extract<CallState, { entry: Entry }>): readonly CallEffect[] {
  const { entry, own, wishes } = state;
  return entry.server === null ? [] : [{ kind: "connect", entry, server: entry.server, own, wishes }];
}

function live(state: Extract<CallState, { kind: "joining" | "returning" }>, people: Live["people"], now: number, key: "toast.in_call" | "toast.returned"): Live {
  return {
    kind: "live",
    wishes: state.wishes,
    own: {
      ...state.own,
      microphone: seen(state.own.microphone),
      camera: seen(state.own.camera),
      choosing: false,
      stopped: { microphone: false, camera: false },
      guard: NO_GUARD,
      captions: { ...state.own.captions, lines: [], writing: false },
      layout: state.kind === "joining" && state.wishes.ownLarge ? withOwnPinned(state.own.layout, people) : state.own.layout,
    },
    entry: state.entry,
    people,
    speaker: speakerAfter(null, people),
    met: people.size > 1 || (state.kind === "returning" && state.met),
    metadata: null,
    brokenWith: null,
    playbackBlocked: false,
    warned: false,
    toasts: withToast([], { key }, now, key === "toast.in_call"),
    now,
  };
}

/** What did not start was said before the person joined all the same: in the call it is merely off. */
function seen(capture: Capture): Capture {
  return capture.kind === "failed" ? { kind: "off" } : capture;
}

/** Takes over what the devices report. */
export function reported(own: Own, event: Extract<CallEvent, { kind: "previewed" | "devicesListed" }>): Own {
  return event.kind === "devicesListed"
    ? { ...own, devices: event.devices }
    : {
        ...own,
        check: checkAfterPreview(own, event),
        microphone: event.microphone,
        camera: event.camera,
        preview: { picture: event.picture, mirrored: event.mirrored },
        // A device that was turned off is still the one that will be used when it is turned on.
        active: {
          ...own.active,
          microphone: event.active.microphone ?? own.active.microphone,
          camera: event.active.camera ?? own.active.camera,
        },
      };
}
