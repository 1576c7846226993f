import { expect, test } from "vitest";
import type { ChannelEvent, Message, Welcome } from "./channel";
import { freshRoom, NO_ROOM, raisedHands, stepRoom, userOf, waitingElsewhere, waitingPeople, withOlder, type RoomState } from "./room";
import { memberSample as member, NOW, welcomeSample } from "./samples";

const message = (number: number, more: Partial<Message> = {}): Message => ({ number, from: "a", waiting: null, text: String(number), at: NOW, key: null, ...more });
const welcome = (more: Partial<Welcome> = {}): ChannelEvent => ({ kind: "welcome", welcome: welcomeSample({ stage: "admitted", ...more }) });
const play = (...events: ChannelEvent[]): RoomState => events.reduce((state, event) => stepRoom(state, event, NOW), NO_ROOM);
const numbers = (state: RoomState): number[] => state.messages.map(({ number }) => number);

test("who is only let in later sees then what was before them", () => {
  const waiting = play(welcome({ stage: "waiting", chat: { messages: [message(5, { waiting: "me" })], more: false } }));
  const admitted = stepRoom(waiting, welcome({ chat: { messages: [message(1), message(2), message(5, { waiting: "me" })], more: true } }), NOW);
  expect(numbers(admitted)).toEqual([1, 2, 5]);
  expect(admitted.moreMessages).toBe(true);
});

test("what came while the connection was broken is added to what is known", () => {
  const known = play(welcome({ chat: { messages: [message(3), message(4)], more: true } }));
  const back = stepRoom(known, welcome({ chat: { messages: [message(4), message(6)], more: true } }), NOW);
  expect(numbers(back)).toEqual([3, 4, 6]);
  expect(back.moreMessages).toBe(true);
});

test("who is no longer admitted keeps nothing of the room", () => {
  const known = play(welcome({ chat: { messages: [message(3), message(4)], more: true } }));
  const out = stepRoom(known, welcome({ stage: "lobby", chat: { messages: [message(1, { waiting: "me" })], more: false } }), NOW);
  expect(numbers(out)).toEqual([1]);
  expect(out.moreMessages).toBe(false);
});

test("after so many that some may be missing, the older ones are asked for again", () => {
  const known = play(welcome({ chat: { messages: [message(1)], more: false } }));
  const many = Array.from({ length: 50 }, (_, index) => message(100 + index));
  const back = stepRoom(known, welcome({ chat: { messages: many, more: true } }), NOW);
  expect(numbers(back)[0]).toBe(100);
  expect(back.moreMessages).toBe(true);
});

test("messages are in order and once each, however they come", () => {
  let state = play(welcome({ chat: { messages: [message(3)], more: true } }));
  for (const number of [5, 4, 5]) state = stepRoom(state, { kind: "message", message: message(number) }, NOW);
  expect(numbers(state)).toEqual([3, 4, 5]);
  state = withOlder(state, { messages: [message(1), message(2), message(3)], more: false });
  expect(numbers(state)).toEqual([1, 2, 3, 4, 5]);
  expect(state.moreMessages).toBe(false);
});

test("typing ends with the message, or by itself", () => {
  const typing = play(welcome(), { kind: "typing", userId: "a", waiting: null }, { kind: "typing", userId: "b", waiting: null });
  expect([...typing.typing.keys()]).toEqual(["a", "b"]);
  const written = stepRoom(typing, { kind: "message", message: message(1) }, NOW);
  expect([...written.typing.keys()]).toEqual(["b"]);
  expect(freshRoom(written, NOW + 4_999)).toBe(written);
  expect(freshRoom(written, NOW + 5_000).typing.size).toBe(0);
});

test("people come, change and go, and the own stage is also told as a person's", () => {
  let state = play(welcome({ people: [member("me", { stage: "admitted" }), member("a")] }));
  state = stepRoom(state, { kind: "person", person: member("me", { stage: "in" }) }, NOW);
  state = stepRoom(state, { kind: "person", person: member("b", { stage: "waiting" }) }, NOW);
  expect(state.stage).toBe("in");
  expect([...state.people.keys()]).toEqual(["me", "a", "b"]);
  state = stepRoom(state, { kind: "personGone", userId: "a" }, NOW);
  expect([...state.people.keys()]).toEqual(["me", "b"]);
});

test("who waits is in the order of waiting, and whose hand is up in the order of raising", () => {
  const state = play(
    welcome({
      people: [
        member("late", { stage: "waiting", since: 2 }),
        member("early", { stage: "waiting", since: 1 }),
        member("me", { stage: "waiting", since: 0 }),
        member("locked", { stage: "waiting", since: 0, awaySince: 3 }),
        member("second", { handRaisedAt: 9 }),
        member("first", { handRaisedAt: 8 }),
        member("gone", { stage: "away", handRaisedAt: 7 }),
      ],
    }),
  );
  expect(waitingPeople(state).map(({ userId }) => userId)).toEqual(["early", "late"]);
  expect(waitingElsewhere(state).map(({ userId }) => userId)).toEqual(["locked"]);
  expect(raisedHands(state).map(({ userId }) => userId)).toEqual(["first", "second"]);
});

test("what is known stays while the connection is broken", () => {
  const known = play(welcome({ people: [member("a")], chat: { messages: [message(1)], more: false } }));
  const broken = stepRoom(known, { kind: "linkChanged", link: "broken" }, NOW);
  expect(broken).toEqual({ ...known, link: "broken" });
  const ended = stepRoom(broken, { kind: "linkEnded", end: "room_closed" }, NOW);
  expect([ended.link, ended.end]).toEqual(["closed", "room_closed"]);
});

test("files and boards come and go", () => {
  const file = { id: "file_1", from: "a", kind: "file", name: "x.pdf", mediaType: "application/pdf", size: 1, at: NOW, of: null } as const;
  let state = play(welcome(), { kind: "file", file }, { kind: "file", file: { ...file, name: "y.pdf" } });
  expect(state.files.map(({ name }) => name)).toEqual(["y.pdf"]);
  state = stepRoom(state, { kind: "boardDrawn", board: "board", from: "a", elements: [] }, NOW);
  expect(state.boards.has("board")).toBe(true);
  state = stepRoom(state, { kind: "fileDeleted", fileId: "file_1" }, NOW);
  expect(state.files).toEqual([]);
});

test("the user of a media identity is what stands before the colon", () => {
  expect([userOf("user_1"), userOf("user_1:2")]).toEqual(["user_1", "user_1"]);
});
