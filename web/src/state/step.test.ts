import { expect, test } from "vitest";
import { callStart, stayOf, type CallEffect, type CallEvent, type CallState } from "./call";
import type { Entry, Farewell, LinkWishes, Person, RoomMetadata } from "./model";
import { RETURN_MS, step } from "./step";

const NOW = Date.UTC(2026, 0, 1);
const WISHES: LinkWishes = { microphoneOff: false, cameraOff: false, displayName: null, language: null, theme: null, backCamera: false, ownLarge: false, background: null };
const NO_ACTIVE = { microphone: null, camera: null };
const ENTRY: Entry = {
  server: { url: "", token: "jwt" },
  callType: "audio_video",
  live: true,
  displayName: "Ada",
  language: null,
  camera: true,
  userId: "user_me",
  admin: false,
  tools: {
    chat: true,
    screenSharing: true,
    fileUpload: true,
    whiteboard: { addFile: true, cursor: true, text: true, shape: true, pen: true, eraser: true },
    snapshot: true,
    liveEdit: true,
    livePointer: true,
    presentToEveryone: true,
  },
  background: null,
  farewell: null,
  at: NOW,
  clockOffsetMs: 0,
};

function person(id: string, more: Partial<Person> = {}): Person {
  return {
    id,
    own: false,
    name: id,
    microphone: true,
    speaking: false,
    quality: "good",
    camera: null,
    cameraHeld: false,
    mirrored: false,
    screen: null,
    sounds: [],
    ...more,
  };
}

const people = (...list: Person[]): ReadonlyMap<string, Person> => new Map(list.map((each) => [each.id, each]));
const ME = person("me", { own: true });

/** Plays events one after the other and keeps all effects. */
function play(state: CallState, events: readonly CallEvent[], now = NOW): { state: CallState; effects: CallEffect[] } {
  const effects: CallEffect[] = [];
  for (const event of events) {
    const next = step(state, event, now);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

const kinds = (effects: readonly CallEffect[]): string[] => effects.map((effect) => effect.kind);
const entered: CallEvent = { kind: "entered", entry: ENTRY };
const lobby = (wishes: Partial<LinkWishes> = {}, entry: Partial<Entry> = {}): CallState =>
  play(callStart({ ...WISHES, ...wishes }, null).state, [{ kind: "entered", entry: { ...ENTRY, ...entry } }]).state;
const inCall = (entry: Partial<Entry> = {}): CallState =>
  play(lobby({}, entry), [
    { kind: "previewed", microphone: { kind: "on" }, camera: { kind: "on" }, picture: "preview:1", mirrored: true, active: NO_ACTIVE },
    { kind: "joinWished" },
    { kind: "connected", people: people(ME) },
  ]).state;

test("the lobby starts camera and microphone", () => {
  const { state, effects } = play(callStart(WISHES, null).state, [entered]);
  expect(state).toMatchObject({ kind: "lobby", own: { microphone: { kind: "starting" }, camera: { kind: "starting" } } });
  expect(kinds(effects)).toEqual(["preview", "checkNetwork"]);
});

test("the link and the kind of call decide what starts off", () => {
  expect(lobby({ microphoneOff: true, cameraOff: true })).toMatchObject({ own: { microphone: { kind: "off" }, camera: { kind: "off" } } });
  expect(lobby({}, { callType: "audio_only", camera: false })).toMatchObject({ own: { microphone: { kind: "starting" }, camera: { kind: "off" } } });
  expect(lobby({}, { callType: "audio_upgradable" })).toMatchObject({ own: { camera: { kind: "off" } } });
});

test("a link can wish for the own picture to be the large one, until the person wishes otherwise", () => {
  const joined = (wishes: Partial<LinkWishes>): CallState => play(lobby(wishes), [{ kind: "joinWished" }, { kind: "connected", people: people(ME, person("p1")) }]).state;
  const large = { id: "me", source: "camera" };
  expect(joined({})).toMatchObject({ own: { layout: { pinned: null } } });
  const state = joined({ ownLarge: true });
  expect(state).toMatchObject({ kind: "live", own: { layout: { pinned: large } } });
  const { state: unpinned } = play(state, [{ kind: "pinWished", focus: null }]);
  expect(unpinned).toMatchObject({ own: { layout: { pinned: null } } });
  // A connection that was mended changes nothing of it.
  const { state: mended } = play(unpinned, [{ kind: "disconnected", cause: "lost" }, entered, { kind: "connected", people: people(ME, person("p1")) }]);
  expect(mended).toMatchObject({ kind: "live", own: { layout: { pinned: null } } });
});

test("a page that was reloaded in the call goes back into it, and what was off stays off", () => {
  const muted = play(inCall(), [{ kind: "microphoneWished", on: false }]).state;
  const { state, effects } = play(callStart(WISHES, stayOf(muted)).state, [entered]);
  expect(state).toMatchObject({ kind: "returning", own: { microphone: { kind: "off" }, camera: { kind: "starting" } } });
  expect(kinds(effects)).toEqual(["connect"]);
});

test("a page that is reloaded once more while it goes back into the call still does", () => {
  const reloaded = callStart(WISHES, stayOf(inCall())).state;
  expect(stayOf(reloaded)).toEqual(stayOf(inCall()));
});

test("a page that was reloaded before or after the call begins in the lobby", () => {
  expect(stayOf(lobby())).toBeNull();
  expect(stayOf(play(inCall(), [{ kind: "leaveWished" }]).state)).toBeNull();
});

test("joining is possible without camera and without microphone", () => {
  const { state, effects } = play(lobby(), [
    {
      kind: "previewed",
      microphone: { kind: "failed", problem: "blocked" },
      camera: { kind: "failed", problem: "missing" },
      picture: null,
      mirrored: false,
      active: NO_ACTIVE,
    },
    { kind: "joinWished" },
  ]);
  expect(state.kind).toBe("joining");
  expect(kinds(effects)).toEqual(["endNetworkCheck", "connect"]);
});

test("an entry older than a minute is asked for anew before connecting", () => {
  const late = step(lobby(), { kind: "joinWished" }, NOW + 60_001);
  expect(kinds(late.effects)).toEqual(["endNetworkCheck", "enter"]);
  const fresh = step(late.state, { kind: "entered", entry: { ...ENTRY, server: { url: "", token: "newer" } } }, NOW + 60_500);
  expect(fresh.effects).toMatchObject([{ kind: "connect", server: { token: "newer" } }]);
});

test("a failed connection leads back to the lobby with words, and the next try asks anew", () => {
  const { state } = play(lobby(), [{ kind: "joinWished" }, { kind: "connectFailed" }]);
  expect(state).toMatchObject({ kind: "lobby", problem: "join_failed" });
  expect(kinds(step(state, { kind: "joinWished" }, NOW + 1000).effects)).toEqual(["endNetworkCheck", "enter"]);
});

test("a dead link is final, a busy server is asked again", () => {
  const dead = play(callStart(WISHES, null).state, [{ kind: "enterFailed", problem: "invalid_link" }]);
  expect(dead.state).toMatchObject({ kind: "refused", problem: "invalid_link" });
  expect(kinds(dead.effects)).toEqual(["endPreview", "tellRefused"]);
  const busy = play(callStart(WISHES, null).state, [{ kind: "enterFailed", problem: "unavailable" }, { kind: "enterDue" }, entered]);
  expect(kinds(busy.effects)).toEqual(["enterAfter", "enter", "preview", "checkNetwork"]);
  expect(busy.state.kind).toBe("lobby");
});

test("arrivals and departures are announced, the own one not", () => {
  const { state } = play(inCall(), [
    { kind: "peopleChanged", people: people(person("Bo"), ME) },
    { kind: "peopleChanged", people: people(person("Bo", { screen: "s" }), ME) },
    { kind: "peopleChanged", people: people(ME) },
  ]);
  const texts = state.kind === "live" ? state.toasts.map((toast) => toast.text) : [];
  expect(texts).toEqual([
    { key: "toast.in_call" },
    { key: "toast.joined", name: "Bo" },
    { key: "toast.sharing", name: "Bo" },
    { key: "toast.left", name: "Bo" },
  ]);
});

test("a connection that is made anew announces only who really came or went meanwhile", () => {
  const three = play(inCall(), [{ kind: "peopleChanged", people: people(person("Bo"), person("Cy"), ME) }]).state;
  const events: CallEvent[] = [
    { kind: "tick" },
    { kind: "reconnecting" },
    { kind: "reconnecting" },
    { kind: "peopleChanged", people: people(ME) },
    { kind: "peopleChanged", people: people(person("Bo"), person("Di"), ME) },
    { kind: "reconnected" },
  ];
  const { state } = play(three, events, NOW + 60_000);
  expect(state.kind === "live" && state.toasts.map((toast) => toast.text)).toEqual([
    { key: "toast.reconnecting" },
    { key: "toast.reconnected" },
    { key: "toast.joined", name: "Di" },
    { key: "toast.left", name: "Cy" },
  ]);
  expect(state).toMatchObject({ brokenWith: null, met: true });
});

test("messages go away by themselves", () => {
  const { state } = play(inCall(), [{ kind: "tick" }], NOW + 60_000);
  expect(state).toMatchObject({ kind: "live", toasts: [] });
});

test("the last thirty seconds are announced by the server's clock", () => {
  const metadata: RoomMetadata = { status: "RUNNING", durationSeconds: 60, usedSeconds: 0, runningSince: NOW + 5000 };
  const { state } = play(inCall({ clockOffsetMs: 5000 }), [{ kind: "metadataChanged", metadata }]);
  expect(state).toMatchObject({ warned: false });
  expect(step(state, { kind: "tick" }, NOW + 29_999).state).toMatchObject({ warned: false });
  expect(step(state, { kind: "tick" }, NOW + 30_000).state).toMatchObject({ warned: true });
});

test("what is really sent corrects what was wished, and the person is told if somebody else did it", () => {
  const on = play(inCall(), [{ kind: "ownMediaChanged", microphone: true, camera: true, screen: false }]).state;
  const { state } = play(on, [{ kind: "ownMediaChanged", microphone: false, camera: true, screen: false }]);
  expect(state).toMatchObject({ own: { microphone: { kind: "off" }, camera: { kind: "on" } } });
  expect(state.kind === "live" && state.toasts.some((toast) => toast.text.key === "toast.microphone_off_by_other")).toBe(true);
});

test("a device that fails in the call shows why, until the person closes it", () => {
  const failed = play(inCall(), [
    { kind: "ownMediaFailed", device: "camera", problem: "busy" },
    { kind: "ownMediaChanged", microphone: true, camera: false, screen: false },
  ]).state;
  expect(failed).toMatchObject({ own: { camera: { kind: "failed", problem: "busy" } } });
  expect(step(failed, { kind: "problemSeen", device: "camera" }, NOW).state).toMatchObject({ own: { camera: { kind: "off" } } });
});

test("choosing another device after one that did not start turns it on", () => {
  const failed = play(inCall(), [{ kind: "ownMediaFailed", device: "camera", problem: "busy" }]).state;
  const { state, effects } = play(failed, [{ kind: "deviceWished", device: "camera", id: "c2" }]);
  expect(state).toMatchObject({ own: { camera: { kind: "starting" }, chosen: { camera: "c2" } } });
  expect(effects).toEqual([
    { kind: "device", device: "camera", id: "c2" },
    { kind: "camera", on: true },
  ]);
});

test("a speaker that does not work is no longer the chosen one, and the next choice clears the words", () => {
  const wished: CallEvent = { kind: "deviceWished", device: "speaker", id: "s2" };
  const failed = play(inCall(), [wished, { kind: "ownMediaFailed", device: "speaker", problem: "missing" }]).state;
  expect(failed).toMatchObject({ own: { speakerFailed: true, chosen: { speaker: null } } });
  expect(play(failed, [wished]).state).toMatchObject({ own: { speakerFailed: false, chosen: { speaker: "s2" } } });
});

test("leaving ends the call for the page around, once", () => {
  const { state, effects } = play(inCall(), [{ kind: "leaveWished" }, { kind: "disconnected", cause: "lost" }]);
  expect(state).toMatchObject({ kind: "left", reason: "left" });
  expect(effects).toEqual([{ kind: "disconnect" }, { kind: "tellEnded", reason: "left" }]);
});

test("a closed room says whether the time was up, the other left, or neither is known", () => {
  const closed: CallEvent = { kind: "disconnected", cause: "closed" };
  const over: RoomMetadata = { status: "CLOSED", durationSeconds: 60, usedSeconds: 60, runningSince: null };
  expect(play(inCall(), [{ kind: "metadataChanged", metadata: over }, closed]).state).toMatchObject({ reason: "time_up" });
  const together: CallEvent = { kind: "peopleChanged", people: people(person("Bo"), ME) };
  expect(play(inCall(), [together, { kind: "peopleChanged", people: people(ME) }, closed]).state).toMatchObject({ reason: "other_left" });
  // The company has ended it for both.
  expect(play(inCall(), [together, closed]).state).toMatchObject({ reason: "closed" });
  expect(play(inCall(), [closed]).state).toMatchObject({ reason: "closed" });
});

test("a call that goes on in another window has not ended", () => {
  const { state, effects } = play(inCall(), [{ kind: "disconnected", cause: "elsewhere" }]);
  expect(state).toMatchObject({ kind: "left", reason: "elsewhere" });
  expect(effects).toEqual([]);
  expect(kinds(play(state, [{ kind: "againWished" }, entered]).effects)).toEqual(["enter", "connect"]);
});

test("a lost call is taken up again by itself, with pauses, and devices as they were", () => {
  const { state, effects } = play(inCall(), [
    { kind: "disconnected", cause: "lost" },
    { kind: "enterFailed", problem: "offline" },
    { kind: "enterDue" },
    entered,
    { kind: "connectFailed" },
    { kind: "enterDue" },
    entered,
    { kind: "connected", people: people(person("Bo"), ME) },
  ]);
  expect(kinds(effects)).toEqual(["enter", "enterAfter", "enter", "connect", "enterAfter", "enter", "connect"]);
  expect(state).toMatchObject({ kind: "live", met: true, own: { microphone: { kind: "on" }, camera: { kind: "on" } } });
});

test("who comes back and finds nobody is not told to be the first one", () => {
  const events: CallEvent[] = [
    { kind: "peopleChanged", people: people(person("Bo"), ME) },
    { kind: "disconnected", cause: "lost" },
    entered,
    { kind: "connected", people: people(ME) },
  ];
  expect(play(inCall(), events).state).toMatchObject({ kind: "live", met: true });
  expect(play(inCall(), events.slice(1)).state).toMatchObject({ kind: "live", met: false });
});

test("after two minutes the person decides", () => {
  const lost = step(inCall(), { kind: "disconnected", cause: "lost" }, NOW).state;
  const { state, effects } = play(lost, [{ kind: "enterFailed", problem: "offline" }], NOW + RETURN_MS);
  expect(state).toMatchObject({ kind: "left", reason: "lost" });
  expect(effects).toEqual([]);
});

test("a room that has closed meanwhile ends the returning", () => {
  const { state } = play(inCall(), [{ kind: "disconnected", cause: "lost" }, { kind: "enterFailed", problem: "room_closed" }]);
  expect(state).toMatchObject({ kind: "refused", problem: "room_closed" });
});

test("what did not start before the call is merely off in it", () => {
  const { state } = play(lobby(), [
    { kind: "previewed", microphone: { kind: "on" }, camera: { kind: "failed", problem: "blocked" }, picture: null, mirrored: false, active: NO_ACTIVE },
    { kind: "joinWished" },
    { kind: "connected", people: people(ME) },
  ]);
  expect(state).toMatchObject({ kind: "live", own: { microphone: { kind: "on" }, camera: { kind: "off" } } });
});

test("who wants back in sees at once that something goes on, and keeps the devices as they were also where the server is busy", () => {
  const wished = play(inCall(), [{ kind: "cameraWished", on: false }, { kind: "leaveWished" }, { kind: "againWished" }]);
  expect(wished.state.kind).toBe("opening");
  const { state } = play(wished.state, [{ kind: "enterFailed", problem: "busy" }, { kind: "enterDue" }, entered]);
  expect(state).toMatchObject({ kind: "lobby", own: { microphone: { kind: "starting" }, camera: { kind: "off" } } });
});

test("who left gets the lobby back with the devices as they were", () => {
  const { state } = play(inCall(), [{ kind: "cameraWished", on: false }, { kind: "leaveWished" }, { kind: "againWished" }, entered]);
  expect(state).toMatchObject({ kind: "lobby", own: { microphone: { kind: "starting" }, camera: { kind: "off" } } });
});

const FAREWELL: Farewell = { url: "https://clinic.example/bye", host: "clinic.example", waitMs: 30_000 };

function left(events: readonly CallEvent[], metadata: RoomMetadata | null = null): CallState {
  const live = inCall();
  if (live.kind !== "live") throw new Error(live.kind);
  return play({ ...live, entry: { ...live.entry, farewell: FAREWELL }, metadata }, events).state;
}

test("after the time is up the page counts down in view and goes to the company's address, once", () => {
  const over: RoomMetadata = { status: "CLOSED", durationSeconds: 60, usedSeconds: 60, runningSince: null };
  const state = left([{ kind: "disconnected", cause: "closed" }], over);
  expect(state).toMatchObject({ kind: "left", reason: "time_up", leaving: { kind: "counting", due: NOW + 30_000 } });
  const before = play(state, [{ kind: "tick" }], NOW + 29_999);
  expect(before).toMatchObject({ state: { now: NOW + 29_999, leaving: { kind: "counting" } }, effects: [] });
  const due = play(before.state, [{ kind: "tick" }, { kind: "tick" }, { kind: "tick" }], NOW + 30_000);
  expect(due.effects).toEqual([{ kind: "go", url: "https://clinic.example/bye" }]);
});

test("the countdown is stopped for good by who wants to stay, and by going back in", () => {
  const state = left([{ kind: "disconnected", cause: "closed" }]);
  expect(state).toMatchObject({ kind: "left", leaving: { kind: "counting" } });
  const later = NOW + 3_600_000;
  const stayed = play(state, [{ kind: "stayWished" }, { kind: "rating" }, { kind: "rated" }]);
  expect(play(stayed.state, [{ kind: "tick" }], later).effects).toEqual([]);
  expect(kinds(play(state, [{ kind: "againWished" }, { kind: "tick" }], later).effects)).toEqual(["enter"]);
});

test("who has left is taken on only once they have rated", () => {
  const state = left([{ kind: "leaveWished" }]);
  const later = NOW + 3_600_000;
  expect(play(state, [{ kind: "tick" }], later).effects).toEqual([]);
  const rated = play(state, [{ kind: "rating" }, { kind: "rated" }]).state;
  expect(rated).toMatchObject({ leaving: { kind: "counting", due: NOW + 30_000 } });
  // Words to go with the stars take as long as they take.
  const writing = play(rated, [{ kind: "rating" }]).state;
  expect(play(writing, [{ kind: "tick" }], later).effects).toEqual([]);
});

test("who goes on in another window or has lost the connection is taken nowhere", () => {
  for (const state of [left([{ kind: "disconnected", cause: "elsewhere" }]), play(left([{ kind: "disconnected", cause: "lost" }]), [{ kind: "enterFailed", problem: "offline" }], NOW + RETURN_MS).state]) {
    expect(state).toMatchObject({ kind: "left", leaving: { kind: "none" } });
    expect(play(state, [{ kind: "rated" }, { kind: "tick" }], NOW + 3_600_000).effects).toEqual([]);
  }
});

test("whose link is taken back in the call is told that they are out, and the page around is asked for a newer one only when they want back in", () => {
  // The channel ends first, then the media engine puts them out.
  const out = play(inCall(), [{ kind: "channelEnded", end: "invalid_link" }, { kind: "disconnected", cause: "removed" }]);
  expect(out.state).toMatchObject({ kind: "left", reason: "removed" });
  expect(out.effects).toEqual([{ kind: "tellEnded", reason: "removed" }]);
  const back = play(out.state, [{ kind: "againWished" }, { kind: "enterFailed", problem: "invalid_link" }]);
  expect(back.state).toMatchObject({ kind: "refused", problem: "invalid_link" });
  expect(kinds(back.effects)).toEqual(["enter", "endPreview", "tellRefused"]);
});

test("whose link is taken back before the call is told so at once, also while the page comes back by itself", () => {
  for (const state of [lobby(), play(inCall(), [{ kind: "disconnected", cause: "lost" }]).state]) {
    const event: CallEvent = state.kind === "lobby" ? { kind: "channelEnded", end: "invalid_link" } : { kind: "enterFailed", problem: "invalid_link" };
    const { state: refused, effects } = play(state, [event]);
    expect(refused).toMatchObject({ kind: "refused", problem: "invalid_link" });
    expect(kinds(effects)).toEqual(["endPreview", "tellRefused"]);
  }
});
