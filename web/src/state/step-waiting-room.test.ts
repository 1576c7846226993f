import { expect, test } from "vitest";
import { callStart, stayOf, type CallEffect, type CallEvent, type CallState } from "./call";
import type { Entry, LinkWishes, Stay } from "./model";
import { step } from "./step";

const NOW = Date.UTC(2026, 0, 1);
const WISHES: LinkWishes = { microphoneOff: false, cameraOff: false, displayName: null, language: null, theme: null, backCamera: false, ownLarge: false, background: null };
const TOOLS = { chat: true, screenSharing: true, fileUpload: true, whiteboard: null, snapshot: true, liveEdit: true, livePointer: true, presentToEveryone: true };
const NOT_YET: Entry = {
  server: null,
  callType: "audio_video",
  live: true,
  displayName: "Luca",
  language: null,
  camera: true,
  userId: "me",
  admin: false,
  tools: TOOLS,
  background: null,
  farewell: null,
  at: NOW,
  clockOffsetMs: 0,
};
const ADMITTED: Entry = { ...NOT_YET, server: { url: "", token: "jwt" } };

function play(state: CallState, events: readonly CallEvent[]): { state: CallState; effects: CallEffect[] } {
  const effects: CallEffect[] = [];
  for (const event of events) {
    const next = step(state, event, NOW);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}
const kinds = (effects: readonly CallEffect[]): string[] => effects.map(({ kind }) => kind);
const staged = (stage: "lobby" | "waiting" | "admitted", changed = true, more: { message?: string; removed?: boolean } = {}): CallEvent => ({
  kind: "staged",
  stage,
  changed,
  message: more.message ?? null,
  removed: more.removed ?? false,
});
const opened = (stay: Stay | null = null): CallState => callStart(WISHES, stay).state;
const lobby = (): CallState => play(opened(), [{ kind: "entered", entry: NOT_YET }]).state;
const waiting = (): CallState => play(lobby(), [{ kind: "joinWished" }]).state;

test("who is not admitted yet knocks in place of joining, and keeps the devices as they are", () => {
  const chosen = play(lobby(), [{ kind: "cameraWished", on: false }, { kind: "joinWished" }]);
  expect(kinds(chosen.effects)).toEqual(["preview", "knock"]);
  expect(chosen.state).toMatchObject({ kind: "waiting", own: { camera: { kind: "off" }, microphone: { kind: "starting" } } });
});

test("who waits goes on with the check, and can mend a device that did not start", () => {
  const failed: CallEvent = {
    kind: "previewed",
    microphone: { kind: "failed", problem: "blocked" },
    camera: { kind: "failed", problem: "blocked" },
    picture: null,
    mirrored: false,
    active: { microphone: null, camera: null },
  };
  const { state } = play(waiting(), [failed]);
  expect(state).toMatchObject({ kind: "waiting", own: { check: { networkBusy: true } } });
  for (const event of [{ kind: "devicesRetried" }, { kind: "permissionsChanged", camera: "granted", microphone: "prompt" }] as const) {
    const mended = play(state, [event]);
    expect(kinds(mended.effects)).toEqual(["preview"]);
    expect(mended.state).toMatchObject({ kind: "waiting", own: { camera: { kind: "starting" }, microphone: { kind: "starting" } } });
  }
});

test("once admitted the page enters again and joins by itself", () => {
  const { state, effects } = play(waiting(), [staged("admitted"), { kind: "entered", entry: ADMITTED }]);
  expect(kinds(effects)).toEqual(["endNetworkCheck", "enter", "connect"]);
  expect(state).toMatchObject({ kind: "joining", admitted: true, own: { check: { networkBusy: false } } });
  const live = play(state, [{ kind: "connected", people: new Map() }]).state;
  expect(live.kind).toBe("live");
});

test("an admission that cannot be used at once is used later", () => {
  const { state, effects } = play(waiting(), [staged("admitted"), { kind: "enterFailed", problem: "offline" }, { kind: "enterDue" }]);
  expect(kinds(effects)).toEqual(["endNetworkCheck", "enter", "enterAfter", "enter"]);
  expect(state.kind).toBe("joining");
});

test("a channel that comes back and does not know the knock hears it again", () => {
  expect(kinds(play(waiting(), [staged("lobby", false)]).effects)).toEqual(["knock"]);
  const known = play(waiting(), [staged("waiting", false), staged("waiting")]);
  expect([known.state.kind, kinds(known.effects)]).toEqual(["waiting", []]);
});

test("who is turned away reads why, and may ask again", () => {
  for (const message of ["at noon", undefined]) {
    const { state, effects } = play(waiting(), [staged("lobby", true, message === undefined ? {} : { message })]);
    expect(state).toMatchObject({ kind: "lobby", turnedBack: { removed: false, message: message ?? null } });
    expect(effects).toEqual([]);
    expect(kinds(play(state, [{ kind: "joinWished" }]).effects)).toEqual(["knock"]);
  }
});

test("who goes away from the door is no longer waited for", () => {
  const { state, effects } = play(waiting(), [{ kind: "leaveWished" }, staged("lobby"), staged("waiting")]);
  expect([state.kind, kinds(effects)]).toEqual(["lobby", ["unknock"]]);
});

test("a page in the lobby that was admitted meanwhile, or still waits, goes on from there", () => {
  const admitted = play(lobby(), [staged("admitted", false), { kind: "entered", entry: ADMITTED }, { kind: "joinWished" }]);
  expect(kinds(admitted.effects)).toEqual(["enter", "endNetworkCheck", "connect"]);
  expect(play(lobby(), [staged("waiting", false)]).state.kind).toBe("waiting");
});

test("a reload keeps waiting, and joins at once if the person was admitted meanwhile", () => {
  const stay = stayOf(waiting());
  expect(stay).toMatchObject({ waiting: true, microphone: true, camera: true });
  const still = play(opened(stay), [{ kind: "entered", entry: NOT_YET }]);
  expect([still.state.kind, kinds(still.effects)]).toEqual(["waiting", ["preview", "knock"]]);
  const admitted = play(opened(stay), [{ kind: "entered", entry: ADMITTED }, { kind: "entered", entry: ADMITTED }]);
  expect([admitted.state.kind, kinds(admitted.effects)]).toEqual(["joining", ["preview", "endNetworkCheck", "enter", "connect"]]);
});

test("an admission that ends leads before the door, not out of the page", () => {
  const live = play(waiting(), [staged("admitted"), { kind: "entered", entry: ADMITTED }, { kind: "connected", people: new Map() }]).state;
  const lost = play(live, [{ kind: "disconnected", cause: "lost" }, { kind: "entered", entry: NOT_YET }]);
  expect([lost.state.kind, kinds(lost.effects)]).toEqual(["waiting", ["enter", "preview", "knock"]]);
  const removed = play(live, [staged("lobby", true, { removed: true })]);
  expect(removed.state).toMatchObject({ kind: "left", reason: "removed" });
  expect(kinds(removed.effects)).toEqual(["disconnect", "tellEnded"]);
});

test("who opens the link elsewhere waits there, and a room that closes is said so", () => {
  expect(play(waiting(), [{ kind: "channelEnded", end: "replaced" }]).state).toMatchObject({ kind: "left", reason: "elsewhere" });
  expect(play(waiting(), [{ kind: "channelEnded", end: "room_closed" }]).state).toMatchObject({ kind: "refused", problem: "room_closed" });
  expect(play(lobby(), [{ kind: "channelEnded", end: "invalid_link" }]).state).toMatchObject({ kind: "refused", problem: "invalid_link" });
});

test("who was muted is told by whom, once, whichever way it is heard first", () => {
  const base = play(waiting(), [staged("admitted"), { kind: "entered", entry: ADMITTED }, { kind: "connected", people: new Map() }]).state;
  const live = play(base, [{ kind: "ownMediaChanged", microphone: true, camera: true, screen: false }]).state;
  const off: CallEvent = { kind: "ownMediaChanged", microphone: false, camera: true, screen: false };
  const by: CallEvent = { kind: "mutedBy", name: "Ada", source: "microphone" };
  for (const order of [[off, by], [by, off]]) {
    const { state, effects } = play(live, order);
    if (state.kind !== "live") throw new Error("still in the call");
    expect(state.toasts.map(({ text }) => text.key).filter((key) => key.includes("off") || key.includes("muted"))).toEqual(["toast.muted_by_microphone"]);
    expect(state.own.microphone).toEqual({ kind: "off" });
    expect(effects).toEqual([{ kind: "microphone", on: false }]);
  }
});
