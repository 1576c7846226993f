import { expect, test } from "vitest";
import { callStart, type CallEffect, type CallEvent, type CallState } from "./call";
import type { Presented } from "./channel";
import type { Entry, People, Person } from "./model";
import { smallView, speakerAfter } from "./small-window";
import { step } from "./step";

const NOW = Date.UTC(2026, 0, 1);
const ENTRY: Entry = {
  server: { url: "", token: "jwt" },
  callType: "audio_video",
  live: false,
  displayName: null,
  language: null,
  camera: true,
  userId: "me",
  admin: false,
  tools: { chat: false, screenSharing: false, fileUpload: false, whiteboard: null, snapshot: false, liveEdit: false, livePointer: false, presentToEveryone: false },
  background: null,
  farewell: null,
  at: NOW,
  clockOffsetMs: 0,
};

function person(id: string, more: Partial<Person> = {}): Person {
  return { id, own: false, name: id, microphone: true, speaking: false, quality: "good", camera: null, cameraHeld: false, mirrored: false, screen: null, sounds: [], ...more };
}

const people = (...list: Person[]): People => new Map(list.map((each) => [each.id, each]));
const ME = person("me", { own: true });
const [ADA, BERT] = [person("ada"), person("bert")];

function play(state: CallState, ...events: CallEvent[]): { state: CallState; effects: CallEffect[] } {
  const effects: CallEffect[] = [];
  for (const event of events) {
    const next = step(state, event, NOW);
    state = next.state;
    effects.push(...next.effects.filter(({ kind }) => kind === "smallWindow"));
  }
  return { state, effects };
}

function liveWith(...others: Person[]): CallState {
  const wishes = { microphoneOff: false, cameraOff: false, displayName: null, language: null, theme: null, backCamera: false, background: null, ownLarge: false };
  return play(callStart(wishes, null).state, { kind: "entered", entry: ENTRY }, { kind: "joinWished" }, { kind: "connected", people: people(...others, ME) }).state;
}

const WISHED: CallEvent = { kind: "smallWished", on: true };
const OPENED: CallEvent = { kind: "smallTold", open: true };
const OPEN: CallEffect = { kind: "smallWindow", on: true };
const CLOSE: CallEffect = { kind: "smallWindow", on: false };

test("the window is opened by a wish, once, and shows the other person from when it is there", () => {
  const wished = play(liveWith(ADA), WISHED, WISHED);
  expect(wished.effects).toEqual([OPEN]);
  expect(smallView(wished.state, null), "not there yet").toBe(null);
  const opened = play(wished.state, OPENED);
  expect(opened.effects).toEqual([]);
  expect(smallView(opened.state, null)).toEqual({ kind: "picture", person: ADA, source: "camera" });
});

test("the window is closed by a wish, and the page shows the call again when it is", () => {
  const { state } = play(liveWith(ADA), WISHED, OPENED);
  const wished = play(state, { kind: "smallWished", on: false });
  expect(wished.effects).toEqual([CLOSE]);
  const closed = play(wished.state, { kind: "smallTold", open: false });
  expect(closed.state.own.small).toBe("closed");
  expect(closed.effects).toEqual([]);
  expect(play(closed.state, { kind: "smallWished", on: false }).effects, "nothing to close").toEqual([]);
});

test("a window that the browser refuses is said, one that the person closes is not", () => {
  const key = (state: CallState): unknown => (state.kind === "live" ? state.toasts.at(-1)?.text.key : null);
  const refused = play(liveWith(ADA), WISHED, { kind: "smallTold", open: false }).state;
  expect([refused.own.small, key(refused)]).toEqual(["closed", "toast.small_failed"]);
  const closed = play(liveWith(ADA), WISHED, OPENED, { kind: "smallTold", open: false }).state;
  expect([closed.own.small, key(closed)]).toEqual(["closed", "toast.in_call"]);
});

test("whoever leaves, or is taken out, has no window left, also one that opens only then", () => {
  for (const end of [{ kind: "leaveWished" }, { kind: "disconnected", cause: "removed" }, { kind: "disconnected", cause: "elsewhere" }] as const) {
    const left = play(liveWith(ADA), WISHED, OPENED, end);
    expect(left.effects).toEqual([OPEN, CLOSE]);
    expect(left.state.own.small).toBe("closed");
    const early = play(liveWith(ADA), WISHED, end, OPENED);
    expect(early.effects).toEqual([OPEN, CLOSE, CLOSE]);
    expect([early.state.own.small, smallView(early.state, null)]).toEqual(["closed", null]);
  }
});

test("a call that comes back by itself stays in the window; one that does not come back leaves it", () => {
  const lost = play(liveWith(ADA), WISHED, OPENED, { kind: "disconnected", cause: "lost" });
  expect(lost.effects).toEqual([OPEN]);
  expect(smallView(lost.state, null)).toEqual({ kind: "returning" });
  const back = play(lost.state, { kind: "entered", entry: ENTRY }, { kind: "connected", people: people(BERT, ME) });
  expect(smallView(back.state, null)).toEqual({ kind: "picture", person: BERT, source: "camera" });
  expect(play(lost.state, { kind: "enterFailed", problem: "room_closed" }).effects).toEqual([CLOSE]);
});

test("outside the call there is nothing to open", () => {
  const { state } = play(liveWith(ADA), { kind: "leaveWished" });
  expect(play(state, WISHED)).toEqual({ state, effects: [] });
});

test("of several people the window shows who speaks, and who is alone sees nobody", () => {
  const { state } = play(liveWith(ADA, BERT), WISHED, OPENED);
  const shown = (event: CallEvent): unknown => {
    const view = smallView(play(state, event).state, null);
    return view?.kind === "picture" ? view.person.id : view?.kind;
  };
  expect(shown({ kind: "peopleChanged", people: people(ADA, person("bert", { speaking: true }), ME) })).toBe("bert");
  expect(shown({ kind: "peopleChanged", people: people(ME) })).toBe("alone");
});

test("what is large in the page is large in the window, unless it is oneself", () => {
  const sharing = person("bert", { screen: "s" });
  const { state } = play(liveWith(ADA, sharing), WISHED, OPENED);
  expect(smallView(state, null)).toEqual({ kind: "picture", person: sharing, source: "screen" });
  const pinned = play(state, { kind: "pinWished", focus: { id: "ada", source: "camera" } }).state;
  expect(smallView(pinned, null)).toEqual({ kind: "picture", person: ADA, source: "camera" });
  const own = play(state, { kind: "peopleChanged", people: people(ADA, person("me", { own: true, camera: "c" })) }).state;
  const presented: Presented = { userId: "me", source: "camera" };
  expect(smallView(own, presented)).toEqual({ kind: "picture", person: ADA, source: "camera" });
});

test("who is speaking stays while others fall in, also for a pause, until another one speaks alone or they leave", () => {
  const [ada, bert] = [person("ada", { speaking: true }), person("bert", { speaking: true })];
  const me = person("me", { own: true, speaking: true });
  expect(speakerAfter(null, people(me))).toBe(null);
  expect(speakerAfter(null, people(ADA, BERT, me)), "nobody has spoken yet").toBe("ada");
  expect(speakerAfter("ada", people(ADA, bert, me))).toBe("bert");
  expect(speakerAfter("bert", people(ada, bert, me))).toBe("bert");
  expect(speakerAfter("bert", people(ADA, BERT, me))).toBe("bert");
  expect(speakerAfter("bert", people(ADA, me))).toBe("ada");
  expect(speakerAfter("ada", people(ADA, person("bert", { speaking: true, microphone: false }), me)), "who is muted says nothing").toBe("ada");
});
