import { freshAnswers, stillToAnswer, withoutAnswer, withUnheard } from "./answers";
import type { ChannelEvent, Member } from "./channel";
import { lastingWished, stepLasting, type Lasting } from "./lasting";
import { freshRoom, isAdmitted, stepRoom, waitsHere, withOlder, type RoomState } from "./room";
import { freshToasts, withToast, type ToastText } from "./toasts";
import { nameIn, type Confirm, type Outgoing, type ToolsEffect, type ToolsEvent, type ToolsState, type ToolsStep, type Upload } from "./tools";

/** Typing is told at most this often: others forget it after five seconds. */
const TYPING_TOLD_MS = 3_000;
/** A still that has not come by then is replaced by a frame of the picture that arrives: sending one takes a phone a few seconds. */
export const STILL_MS = 20_000;
/** How long the person is told that a picture of them is taken. */
const PHOTO_MS = 3_000;
/** The server takes no longer text (docs/call-channel.md). */
export const TEXT_MAX = 4_000;
/** What cannot be sent at once must not pile up without end. */
const OUTGOING_MAX = 50;

/** Decides what the tools show and do next. `now` is this machine's milliseconds since the epoch. */
export function stepTools(state: ToolsState, event: ToolsEvent, now: number): ToolsStep {
  const step = decide(state, event, now);
  // Whatever comes while the chat is in view is read; and what somebody reads who waits is in view all the time.
  const inView = step.state.panel === "chat" || !isAdmitted(step.state.room.stage);
  const newest = step.state.room.messages.at(-1)?.number ?? 0;
  if (!inView || newest <= step.state.readUpTo) return step;
  return { state: { ...step.state, readUpTo: newest }, effects: [...step.effects, { kind: "keepRead", number: newest }] };
}

function decide(state: ToolsState, event: ToolsEvent, now: number): ToolsStep {
  switch (event.kind) {
    case "channel":
      return told(state, event.event, now);
    case "tabWished":
      return same({ ...state, panel: event.tab, more: false, confirm: null });
    case "moreWished":
      return same({ ...state, more: event.on });
    case "pointingWished":
      return same({ ...state, pointing: event.on, more: false });
    case "drafted": {
      const next = { ...state, drafts: new Map(state.drafts).set(event.to ?? "", event.text.slice(0, TEXT_MAX)) };
      if (event.text === "" || now - state.typedAt < TYPING_TOLD_MS) return same(next);
      return { state: { ...next, typedAt: now }, effects: [{ kind: "typing", to: event.to }] };
    }
    case "sendWished":
      return sendWished(state, event.to, event.key);
    case "resendWished": {
      const failed = state.outgoing.find(({ key }) => key === event.key);
      if (failed === undefined) return same(state);
      const again: Outgoing = { ...failed, refusal: null };
      return { state: { ...state, outgoing: [...without(state.outgoing, event.key), again] }, effects: [sending(again)] };
    }
    case "dropWished":
      return same({ ...state, outgoing: without(state.outgoing, event.key) });
    case "sent":
      return same(sent(state, event));
    case "notSent": {
      const { refusal } = event;
      // Without an answer it is sent again as soon as the channel is back: the key keeps it from being there twice.
      if (refusal === null) return same(state);
      return same({ ...state, outgoing: state.outgoing.map((each) => (each.key === event.key ? { ...each, refusal } : each)) });
    }
    case "olderWished": {
      const before = state.room.messages[0]?.number;
      if (state.loadingOlder || !state.room.moreMessages || before === undefined) return same(state);
      return { state: { ...state, loadingOlder: true }, effects: [{ kind: "older", before }] };
    }
    case "olderCame":
      return same({ ...state, loadingOlder: false, room: event.page === null ? state.room : withOlder(state.room, event.page) });
    case "handWished":
      return {
        state: { ...state, more: false, lasting: event.raised ? state.lasting : lastingWished(state.lasting, "hand") },
        effects: [{ kind: "hand", raised: event.raised }],
      };
    case "admitWished":
      return { state: { ...state, confirm: null }, effects: [{ kind: "admit", userId: event.userId }] };
    case "answerLost":
      return same({ ...state, unheard: stillToAnswer(withUnheard(state.unheard, event.answer, now), state.room) });
    case "answerHeard":
      return same({ ...state, unheard: withoutAnswer(state.unheard, event.userId) });
    case "confirmWished":
      return same({ ...state, confirm: event.confirm });
    case "confirmed":
      return confirmed(state);
    case "presentWished":
      return {
        state: { ...state, more: false, lasting: event.source !== null ? state.lasting : lastingWished(state.lasting, "presenting") },
        effects: [{ kind: "present", source: event.source }],
      };
    case "stillWished":
      if (state.stills.some(({ userId }) => userId === event.userId)) return same(state);
      return {
        state: toast({ ...state, stills: [...state.stills, { userId: event.userId, request: null, since: now }] }, { key: "toast.picture_asked", name: nameIn(state, event.userId) }, now),
        effects: [{ kind: "askStill", userId: event.userId }],
      };
    case "stillAsked":
      if (event.request === null) return frameInstead(state, event.userId);
      return same({ ...state, stills: state.stills.map((still) => (still.userId === event.userId ? { ...still, request: event.request } : still)) });
    case "stillFailed":
      return same(toast({ ...state, stills: otherStills(state, event.userId) }, { key: "toast.picture_failed", name: nameIn(state, event.userId) }, now));
    case "uploadAdded":
      return same({ ...state, uploads: [...state.uploads, { id: event.id, name: event.name, size: event.size, sent: 0, problem: null, plainFor: event.plainFor }] });
    case "uploadMoved":
      return same(withUpload(state, event.id, { sent: event.sent }));
    case "uploadFailed":
      return same(withUpload(state, event.id, { problem: event.problem }));
    case "uploadDone":
      return same(withoutUpload(state, event.id));
    case "uploadCancelWished":
      return { state: withoutUpload(state, event.id), effects: [{ kind: "cancelUpload", id: event.id }] };
    case "uploadAgainWished":
      return { state: withUpload(state, event.id, { problem: null }), effects: [{ kind: "uploadAgain", id: event.id }] };
    case "roomHidden":
      return withdrawn(state);
    case "refused":
      return same(toast(state, { key: `toast.${event.refusal}` }, now));
    case "rateWished":
      return rate({ ...state, rating: { ...state.rating, stars: event.stars, status: "sending" } });
    case "commentDrafted":
      return { state: { ...state, rating: { ...state.rating, comment: event.text } }, effects: [RATING] };
    case "commentWished":
      return rate({ ...state, rating: { ...state.rating, status: "sending" } });
    case "rated":
      if (event.result !== "done") return same({ ...state, rating: { ...state.rating, status: event.result } });
      return {
        state: { ...state, rating: { ...state.rating, status: state.rating.comment.trim() === "" ? "thanked" : "commented" } },
        effects: [{ kind: "tellCall", event: { kind: "rated" } }],
      };
    case "tick":
      return tick(state, now);
  }
}

function same(state: ToolsState): ToolsStep {
  return { state, effects: [] };
}

function toast(state: ToolsState, text: ToastText, now: number): ToolsState {
  return { ...state, toasts: withToast(state.toasts, text, now) };
}

/** Takes over what the channel told, and says what the person would else not notice. */
function told(before: ToolsState, event: ChannelEvent, now: number): ToolsStep {
  const room = stepRoom(before.room, event, now);
  const { lasting, again } = stepLasting(before.lasting, event, before.room, room);
  const state: ToolsState = { ...before, room, lasting, names: namesAfter(before.names, event), unheard: stillToAnswer(before.unheard, room) };
  const inCall = state.room.stage === "in";
  const say = (text: ToastText): ToolsStep => same(inCall ? toast(state, text, now) : state);
  switch (event.kind) {
    case "welcome": {
      const { stage } = event.welcome;
      const staged: ToolsEffect = { kind: "tellCall", event: { kind: "staged", stage, changed: false, message: null, removed: false } };
      const resent = state.outgoing.filter(({ refusal }) => refusal === null).map(sending);
      const knocks = knocked(before.room, state.room);
      const answers = state.unheard.map(({ answer }) => answer);
      const { uploads, resumed } = withResumed(state.uploads);
      return { state: knockToasts({ ...state, uploads }, knocks, now), effects: [staged, ...doneAgain(again), ...answers, ...resent, ...resumed, ...(knocks.length > 0 ? [CHIME] : [])] };
    }
    case "stage":
      return { state, effects: [{ kind: "tellCall", event: { kind: "staged", stage: event.stage, changed: true, message: event.message, removed: event.removed } }] };
    case "linkEnded":
      return { state, effects: [{ kind: "tellCall", event: { kind: "channelEnded", end: event.end } }] };
    case "person": {
      const { person } = event;
      const knocks = knocked(before.room, state.room);
      if (knocks.length > 0) return { state: knockToasts(state, knocks, now), effects: [CHIME] };
      const raised = person.handRaisedAt !== null && before.room.people.get(person.userId)?.handRaisedAt == null;
      return raised && person.userId !== state.room.you ? say({ key: "toast.hand_raised", name: person.name }) : same(state);
    }
    case "message": {
      const { message } = event;
      if (message.from === state.room.you) return same({ ...state, outgoing: without(state.outgoing, message.key) });
      return state.panel === "chat" ? same(state) : say({ key: "toast.written", name: nameIn(state, message.from) });
    }
    case "file": {
      const { file } = event;
      const came = file.kind === "snapshot" && file.of !== null ? { ...state, stills: otherStills(state, file.of) } : state;
      if (state.panel === "files" || !inCall) return same(came);
      if (file.kind === "snapshot") return same(toast(came, { key: "toast.picture_from", name: nameIn(state, file.of ?? file.from) }, now));
      return file.kind === "file" && file.from !== state.room.you ? say({ key: "toast.file_sent", name: nameIn(state, file.from) }) : same(came);
    }
    case "presented":
      if (event.presented === null) return same(state);
      return say(event.presented.userId === state.room.you ? { key: "toast.presenting_own" } : { key: "toast.presenting", name: nameIn(state, event.presented.userId) });
    case "muted":
      return { state, effects: [{ kind: "tellCall", event: { kind: "mutedBy", name: nameIn(state, event.by), source: event.source } }] };
    case "snapshotRequested":
      return {
        state: toast({ ...state, photo: { by: event.by, until: now + PHOTO_MS } }, { key: "toast.picture_taken" }, now),
        effects: [{ kind: "takeStill", request: event.request }],
      };
    case "snapshotFailed": {
      const still = state.stills.find(({ request }) => request === event.request);
      return still === undefined ? same(state) : frameInstead(state, still.userId);
    }
    case "linkChanged":
    case "personGone":
    case "hosts":
    case "typing":
    case "pointer":
    case "boardDrawn":
    case "boardCursor":
    case "boardCleared":
    case "fileDeleted":
    case "caption":
      return same(state);
  }
}

function doneAgain({ hand, presenting }: Lasting): readonly ToolsEffect[] {
  return [...(hand ? [{ kind: "hand", raised: true } as const] : []), ...(presenting ? [{ kind: "present", source: "camera" } as const] : [])];
}

const CHIME: ToolsEffect = { kind: "chime" };
const RATING: ToolsEffect = { kind: "tellCall", event: { kind: "rating" } };

/** Who has begun to wait. Only admins are told of them. */
function knocked(before: RoomState, after: RoomState): readonly Member[] {
  const waited = new Set([...before.people.values()].filter(waitsHere).map(({ userId }) => userId));
  return [...after.people.values()].filter((person) => waitsHere(person) && person.userId !== after.you && !waited.has(person.userId));
}

/** Said only: that somebody waits stays in view in other words. */
function knockToasts(state: ToolsState, knocks: readonly Member[], now: number): ToolsState {
  return knocks.reduce((next, { name }) => ({ ...next, toasts: withToast(next.toasts, { key: "toast.knocked", name }, now, true) }), state);
}

function namesAfter(names: ToolsState["names"], event: ChannelEvent): ToolsState["names"] {
  const people = event.kind === "welcome" ? [...event.welcome.names, ...event.welcome.people] : event.kind === "person" ? [event.person] : [];
  const changed = people.filter(({ userId, name }) => name !== null && names.get(userId) !== name);
  if (changed.length === 0) return names;
  return new Map([...names, ...changed.map(({ userId, name }) => [userId, name ?? ""] as const)]);
}

function sendWished(state: ToolsState, to: string | null, key: string): ToolsStep {
  const text = (state.drafts.get(to ?? "") ?? "").trim();
  if (text === "" || state.outgoing.length >= OUTGOING_MAX) return same(state);
  const message: Outgoing = { key, to, text, refusal: null };
  const drafts = new Map(state.drafts);
  drafts.delete(to ?? "");
  return { state: { ...state, drafts, outgoing: [...state.outgoing, message], typedAt: 0 }, effects: [sending(message)] };
}

function sending({ to, text, key }: Outgoing): ToolsEffect {
  return { kind: "send", to, text, key };
}

/** The server has it: it is in the room from now on, also if the event that tells of it is late. */
function sent(state: ToolsState, { key, number, at }: Extract<ToolsEvent, { kind: "sent" }>): ToolsState {
  const message = state.outgoing.find((each) => each.key === key);
  const { you, stage } = state.room;
  if (message === undefined || you === null) return state;
  // Who waits writes to the hosts: such a message is theirs alone.
  const waiting = message.to ?? (isAdmitted(stage) ? null : you);
  const room = stepRoom(state.room, { kind: "message", message: { number, from: you, waiting, text: message.text, at, key } }, at);
  return { ...state, room, outgoing: without(state.outgoing, key) };
}

function without(outgoing: readonly Outgoing[], key: string | null): readonly Outgoing[] {
  return outgoing.filter((message) => message.key !== key);
}

function confirmed(state: ToolsState): ToolsStep {
  const { confirm } = state;
  return confirm === null ? same(state) : { state: { ...state, confirm: null, drafts: withoutDraft(state, confirm) }, effects: [done(state, confirm)] };
}

/** The draft of who is turned away says why, and goes with it. */
function done(state: ToolsState, confirm: Confirm): ToolsEffect {
  switch (confirm.act) {
    case "remove":
      return { kind: "remove", userId: confirm.userId };
    case "turn_away": {
      const message = (state.drafts.get(confirm.userId) ?? "").trim().slice(0, 500);
      return { kind: "turnAway", userId: confirm.userId, message: message === "" ? null : message };
    }
    case "mute":
      return { kind: "mute", userId: confirm.userId, source: confirm.source };
    case "delete":
      return { kind: "deleteFile", fileId: confirm.fileId };
  }
}

function withoutDraft(state: ToolsState, confirm: Confirm): ToolsState["drafts"] {
  return confirm.act === "turn_away" ? new Map([...state.drafts].filter(([to]) => to !== confirm.userId)) : state.drafts;
}

function otherStills(state: ToolsState, userId: string): ToolsState["stills"] {
  return state.stills.filter((still) => still.userId !== userId);
}

function frameInstead(state: ToolsState, userId: string): ToolsStep {
  if (!state.stills.some((still) => still.userId === userId)) return same(state);
  return { state: { ...state, stills: otherStills(state, userId) }, effects: [{ kind: "takeFrame", userId }] };
}

function withUpload(state: ToolsState, id: string, change: Partial<Upload>): ToolsState {
  return { ...state, uploads: state.uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)) };
}

function withoutUpload(state: ToolsState, id: string): ToolsState {
  return { ...state, uploads: state.uploads.filter((upload) => upload.id !== id) };
}

/** Takes back what is on its way of the own room. Who asked for it takes what they see instead. */
function withdrawn(state: ToolsState): ToolsStep {
  const plain = state.uploads.flatMap(({ id, plainFor }) => (plainFor === null ? [] : [{ id, request: plainFor }]));
  if (plain.length === 0) return same(state);
  return {
    state: { ...state, uploads: state.uploads.filter(({ plainFor }) => plainFor === null) },
    effects: plain.flatMap(({ id, request }): readonly ToolsEffect[] => [
      { kind: "cancelUpload", id },
      { kind: "tellStillFailed", request, reason: "refused" },
    ]),
  };
}

/** Where the channel has come through, so will what the network kept from being sent. */
function withResumed(uploads: readonly Upload[]): { readonly uploads: readonly Upload[]; readonly resumed: readonly ToolsEffect[] } {
  const resumed = uploads.filter(({ problem }) => problem === "offline");
  if (resumed.length === 0) return { uploads, resumed: [] };
  return {
    uploads: uploads.map((upload) => (upload.problem === "offline" ? { ...upload, problem: null } : upload)),
    resumed: resumed.map(({ id }) => ({ kind: "uploadAgain", id })),
  };
}

function rate(state: ToolsState): ToolsStep {
  const { stars, comment } = state.rating;
  if (stars === null) return same(state);
  return { state, effects: [RATING, { kind: "rate", stars, comment: comment.trim() === "" ? null : comment.trim() }] };
}

function tick(state: ToolsState, now: number): ToolsStep {
  const late = state.stills.filter(({ since }) => now - since >= STILL_MS).map(({ userId }) => userId);
  const room = freshRoom(state.room, now);
  const unheard = freshAnswers(state.unheard, now);
  const toasts = unheard === state.unheard ? freshToasts(state.toasts, now) : withToast(state.toasts, { key: "toast.not_done" }, now);
  const photo = state.photo !== null && state.photo.until <= now ? null : state.photo;
  if (late.length === 0 && room === state.room && unheard === state.unheard && toasts === state.toasts && photo === state.photo) return same(state);
  return {
    state: { ...state, room, unheard, toasts, photo, stills: state.stills.filter(({ userId }) => !late.includes(userId)) },
    effects: late.map((userId) => ({ kind: "takeFrame", userId })),
  };
}
