import { expect, test } from "vitest";
import type { ChannelEvent, Message, RoomFile, Welcome } from "./channel";
import { memberSample as member, NOW, welcomeSample } from "./samples";
import { STILL_MS, stepTools } from "./step-tools";
import { handIsUp, nameIn, toolsStart, unreadCount, type ToolsEffect, type ToolsEvent, type ToolsState, type UploadProblem } from "./tools";

const message = (number: number, more: Partial<Message> = {}): Message => ({ number, from: "a", waiting: null, text: String(number), at: NOW, key: null, ...more });
const file = (id: string, more: Partial<RoomFile> = {}): RoomFile => ({ id, from: "a", kind: "file", name: "x.pdf", mediaType: "application/pdf", size: 9, at: NOW, of: null, ...more });
const channel = (event: ChannelEvent): ToolsEvent => ({ kind: "channel", event });
const welcome = (more: Partial<Welcome> = {}): ToolsEvent =>
  channel({ kind: "welcome", welcome: welcomeSample({ people: [member("me"), member("a")], ...more }) });

function play(events: readonly ToolsEvent[], state: ToolsState = toolsStart(0), now = NOW): { state: ToolsState; effects: ToolsEffect[] } {
  const effects: ToolsEffect[] = [];
  for (const event of events) {
    const next = stepTools(state, event, now);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}
const toasts = (state: ToolsState): string[] => state.toasts.map(({ text }) => ("name" in text ? `${text.key} ${text.name ?? ""}` : text.key));
const inCall = (): ToolsState => play([welcome()]).state;

test("a message is under way until the room has it, and stands there once", () => {
  const written = play([{ kind: "drafted", to: null, text: "  hello " }, { kind: "sendWished", to: null, key: "k1" }], inCall());
  expect(written.effects.filter(({ kind }) => kind === "send")).toEqual([{ kind: "send", to: null, text: "hello", key: "k1" }]);
  expect(written.state.outgoing).toMatchObject([{ key: "k1", text: "hello", refusal: null }]);
  expect(written.state.drafts.size).toBe(0);
  const event = channel({ kind: "message", message: message(7, { from: "me", text: "hello", key: "k1" }) });
  const reply: ToolsEvent = { kind: "sent", key: "k1", number: 7, at: NOW };
  for (const order of [[event, reply], [reply, event], [reply], [event]]) {
    const { state } = play(order, written.state);
    expect(state.outgoing).toEqual([]);
    expect(state.room.messages).toMatchObject([{ number: 7, from: "me", waiting: null, text: "hello" }]);
  }
});

test("what could not be sent is sent when the channel is back, in order and with the same keys", () => {
  const written = play(
    [
      { kind: "drafted", to: null, text: "one" },
      { kind: "sendWished", to: null, key: "k1" },
      { kind: "notSent", key: "k1", refusal: null },
      { kind: "drafted", to: null, text: "two" },
      { kind: "sendWished", to: null, key: "k2" },
      { kind: "notSent", key: "k2", refusal: null },
    ],
    inCall(),
  );
  const back = play([welcome()], written.state);
  expect(back.effects.filter(({ kind }) => kind === "send")).toEqual([
    { kind: "send", to: null, text: "one", key: "k1" },
    { kind: "send", to: null, text: "two", key: "k2" },
  ]);
});

test("a refused message stays with a reason, is not sent again by itself, and can be tried again or dropped", () => {
  const refused = play([{ kind: "drafted", to: null, text: "one" }, { kind: "sendWished", to: null, key: "k1" }, { kind: "notSent", key: "k1", refusal: "too_many" }], inCall());
  expect(refused.state.outgoing).toMatchObject([{ refusal: "too_many" }]);
  expect(play([welcome()], refused.state).effects.some(({ kind }) => kind === "send")).toBe(false);
  expect(play([{ kind: "resendWished", key: "k1" }], refused.state)).toMatchObject({
    state: { outgoing: [{ key: "k1", refusal: null }] },
    effects: [{ kind: "send", key: "k1" }],
  });
  expect(play([{ kind: "dropWished", key: "k1" }], refused.state).state.outgoing).toEqual([]);
});

test("nothing but words is sent, and typing is told now and then", () => {
  expect(play([{ kind: "drafted", to: null, text: " \n" }, { kind: "sendWished", to: null, key: "k" }], inCall()).effects.filter(({ kind }) => kind === "send")).toEqual([]);
  const first = play([{ kind: "drafted", to: "a", text: "x" }], inCall());
  expect(first.effects).toEqual([{ kind: "typing", to: "a" }]);
  expect(play([{ kind: "drafted", to: "a", text: "xy" }], first.state, NOW + 2_999).effects).toEqual([]);
  expect(play([{ kind: "drafted", to: "a", text: "xyz" }], first.state, NOW + 3_000).effects).toEqual([{ kind: "typing", to: "a" }]);
  expect(play([{ kind: "drafted", to: "a", text: "x".repeat(9_000) }], inCall()).state.drafts.get("a")?.length).toBe(4_000);
});

test("messages of others count as unread until the chat is in view, also after a reload", () => {
  const came = play([channel({ kind: "message", message: message(4) }), channel({ kind: "message", message: message(5, { from: "me" }) })], inCall());
  expect(unreadCount(came.state)).toBe(1);
  expect(toasts(came.state)).toEqual(["toast.written A"]);
  const seen = play([{ kind: "tabWished", tab: "chat" }, channel({ kind: "message", message: message(6) })], came.state);
  expect(unreadCount(seen.state)).toBe(0);
  expect(toasts(seen.state)).toEqual(["toast.written A"]);
  expect(seen.effects.filter(({ kind }) => kind === "keepRead").at(-1)).toEqual({ kind: "keepRead", number: 6 });
  const reloaded = play([welcome({ chat: { messages: [4, 5, 6, 7].map((number) => message(number)), more: false } })], toolsStart(6));
  expect(unreadCount(reloaded.state)).toBe(1);
});

test("who waits writes to the hosts, and has read what is before them", () => {
  const waiting = play([welcome({ stage: "waiting", people: [member("me", { stage: "waiting" })] }), channel({ kind: "message", message: message(1, { from: "host", waiting: "me" }) })]);
  expect(unreadCount(waiting.state)).toBe(0);
  const { state } = play([{ kind: "drafted", to: null, text: "hi" }, { kind: "sendWished", to: null, key: "k" }, { kind: "sent", key: "k", number: 2, at: NOW }], waiting.state);
  expect(state.room.messages.at(-1)).toMatchObject({ number: 2, from: "me", waiting: "me" });
});

test("older messages are asked for once at a time", () => {
  const state = play([welcome({ chat: { messages: [message(9)], more: true } })]).state;
  const asked = play([{ kind: "olderWished" }, { kind: "olderWished" }], state);
  expect(asked.effects).toEqual([{ kind: "older", before: 9 }]);
  const came = play([{ kind: "olderCame", page: { messages: [message(8)], more: false } }], asked.state).state;
  expect(came.room.messages.map(({ number }) => number)).toEqual([8, 9]);
  expect(play([{ kind: "olderWished" }], came).effects).toEqual([]);
  expect(play([{ kind: "olderCame", page: null }, { kind: "olderWished" }], asked.state).effects).toEqual([{ kind: "older", before: 9 }]);
});

test("a knock is heard once, also by the clinician who comes later or comes back", () => {
  const knock = channel({ kind: "person", person: member("b", { stage: "waiting" }) });
  const heard = play([knock, knock], inCall());
  expect(heard.effects).toEqual([{ kind: "chime" }]);
  expect(toasts(heard.state)).toEqual(["toast.knocked B"]);
  const late = play([welcome({ people: [member("me"), member("b", { stage: "waiting" })] })]);
  expect(late.effects).toContainEqual({ kind: "chime" });
  expect(play([welcome({ people: [member("me"), member("b", { stage: "waiting" })] })], late.state).effects).not.toContainEqual({ kind: "chime" });
  // Who has left the page is not announced until they are back.
  const gone = play([welcome({ people: [member("me"), member("b", { stage: "waiting", awaySince: 1 })] })]);
  expect(gone.effects).not.toContainEqual({ kind: "chime" });
  expect(play([knock], gone.state).effects).toEqual([{ kind: "chime" }]);
});

test("what is done to others is done only after it was confirmed", () => {
  const asked = play([{ kind: "confirmWished", confirm: { act: "remove", userId: "a" } }], inCall());
  expect(asked.effects).toEqual([]);
  expect(play([{ kind: "confirmed" }], asked.state)).toMatchObject({ state: { confirm: null }, effects: [{ kind: "remove", userId: "a" }] });
  expect(play([{ kind: "confirmWished", confirm: null }, { kind: "confirmed" }], asked.state).effects).toEqual([]);
  const muted = play([{ kind: "confirmWished", confirm: { act: "mute", userId: "a", source: "microphone" } }, { kind: "confirmed" }], inCall());
  expect(muted.effects).toEqual([{ kind: "mute", userId: "a", source: "microphone" }]);
});

test("who is turned away gets the words that were written to them", () => {
  const away: readonly ToolsEvent[] = [{ kind: "confirmWished", confirm: { act: "turn_away", userId: "b" } }, { kind: "confirmed" }];
  expect(play(away, inCall()).effects).toEqual([{ kind: "turnAway", userId: "b", message: null }]);
  const written = play([{ kind: "drafted", to: "b", text: `at noon${"!".repeat(600)}` }, ...away], inCall());
  const effect = written.effects.find(({ kind }) => kind === "turnAway");
  expect(effect).toMatchObject({ userId: "b", message: `at noon${"!".repeat(493)}` });
  expect(written.state.drafts.get("b")).toBeUndefined();
});

test("a still comes from the other's page, else a frame of their picture takes its place, once", () => {
  const asked = play([{ kind: "stillWished", userId: "a" }, { kind: "stillWished", userId: "a" }, { kind: "stillAsked", userId: "a", request: "snap_1" }], inCall());
  expect(asked.effects).toEqual([{ kind: "askStill", userId: "a" }]);
  const came = play([channel({ kind: "file", file: file("f", { kind: "snapshot", of: "a" }) })], asked.state);
  expect(came.state.stills).toEqual([]);
  expect(play([{ kind: "tick" }], came.state, NOW + STILL_MS).effects).toEqual([]);
  const frame = [{ kind: "takeFrame", userId: "a" }];
  expect(play([channel({ kind: "snapshotFailed", request: "snap_1", reason: "no_camera" })], asked.state).effects).toEqual(frame);
  expect(play([channel({ kind: "snapshotFailed", request: "snap_9", reason: "no_camera" })], asked.state).effects).toEqual([]);
  expect(play([{ kind: "tick" }, { kind: "tick" }], asked.state, NOW + STILL_MS).effects).toEqual(frame);
  expect(play([{ kind: "tick" }], asked.state, NOW + STILL_MS - 1).effects).toEqual([]);
  expect(play([{ kind: "stillWished", userId: "a" }, { kind: "stillAsked", userId: "a", request: null }], inCall()).effects.slice(1)).toEqual(frame);
});

test("who is photographed is told so for a moment", () => {
  const asked = play([channel({ kind: "snapshotRequested", request: "snap_1", by: "a" })], inCall());
  expect(asked.effects).toEqual([{ kind: "takeStill", request: "snap_1" }]);
  expect(asked.state.photo).toMatchObject({ by: "a" });
  expect(toasts(asked.state)).toEqual(["toast.picture_taken"]);
  expect(play([{ kind: "tick" }], asked.state, NOW + 1_000).state.photo).not.toBeNull();
  expect(play([{ kind: "tick" }], asked.state, NOW + 3_000).state.photo).toBeNull();
});

test("the call hears of the own stage, of being muted, and of an end", () => {
  const { effects } = play([
    welcome({ stage: "waiting" }),
    channel({ kind: "person", person: member("a") }),
    channel({ kind: "stage", stage: "lobby", message: "later", removed: false }),
    channel({ kind: "muted", by: "a", source: "camera" }),
    channel({ kind: "linkEnded", end: "replaced" }),
  ]);
  expect(effects.filter(({ kind }) => kind === "tellCall")).toEqual([
    { kind: "tellCall", event: { kind: "staged", stage: "waiting", changed: false, message: null, removed: false } },
    { kind: "tellCall", event: { kind: "staged", stage: "lobby", changed: true, message: "later", removed: false } },
    { kind: "tellCall", event: { kind: "mutedBy", name: "A", source: "camera" } },
    { kind: "tellCall", event: { kind: "channelEnded", end: "replaced" } },
  ]);
});

test("hands are seen, and the names of who has left stay with what they wrote", () => {
  let { state } = play([channel({ kind: "person", person: member("a", { handRaisedAt: NOW }) })], inCall());
  expect(toasts(state)).toEqual(["toast.hand_raised A"]);
  state = play([channel({ kind: "person", person: member("me", { handRaisedAt: NOW }) })], state).state;
  expect(handIsUp(state)).toBe(true);
  expect(toasts(state)).toEqual(["toast.hand_raised A"]);
  state = play([channel({ kind: "personGone", userId: "a" })], state).state;
  expect(state.names.get("a")).toBe("A");
});

test("uploads move, fail, are tried again and are given up", () => {
  const added: ToolsEvent = { kind: "uploadAdded", id: "u", name: "x", size: 10, plainFor: null };
  const moved = play([added, { kind: "uploadMoved", id: "u", sent: 4 }, { kind: "uploadFailed", id: "u", problem: "offline" }], inCall()).state;
  expect(moved.uploads).toEqual([{ id: "u", name: "x", size: 10, sent: 4, problem: "offline", plainFor: null }]);
  expect(play([{ kind: "uploadAgainWished", id: "u" }], moved)).toMatchObject({ state: { uploads: [{ problem: null }] }, effects: [{ kind: "uploadAgain", id: "u" }] });
  expect(play([{ kind: "uploadCancelWished", id: "u" }], moved)).toMatchObject({ state: { uploads: [] }, effects: [{ kind: "cancelUpload", id: "u" }] });
  expect(play([{ kind: "uploadDone", id: "u" }], moved).state.uploads).toEqual([]);
});

test("what the network kept from being sent goes on by itself once the channel is back, and nothing else does", () => {
  const failed = (id: string, problem: UploadProblem): readonly ToolsEvent[] => [
    { kind: "uploadAdded", id, name: id, size: 10, plainFor: null },
    { kind: "uploadFailed", id, problem },
  ];
  const { state } = play([...failed("a", "offline"), ...failed("b", "failed"), { kind: "uploadAdded", id: "c", name: "c", size: 10, plainFor: null }], inCall());
  const back = play([welcome()], state);
  expect(back.effects.filter(({ kind }) => kind === "uploadAgain")).toEqual([{ kind: "uploadAgain", id: "a" }]);
  expect(back.state.uploads.map(({ problem }) => problem)).toEqual([null, "failed", null]);
});

test("who hides their room takes back what is on its way of it, which who asked is told, and nothing else", () => {
  const on = (id: string, plainFor: string | null): ToolsEvent => ({ kind: "uploadAdded", id, name: id, size: 10, plainFor });
  const { state } = play([on("file", null), on("still", "snap_1"), on("sent", "snap_2"), { kind: "uploadDone", id: "sent" }, on("late", "snap_3"), { kind: "uploadFailed", id: "late", problem: "offline" }], inCall());
  const hidden = play([{ kind: "roomHidden" }, { kind: "roomHidden" }], state);
  expect(hidden.state.uploads.map(({ id }) => id)).toEqual(["file"]);
  expect(hidden.effects).toEqual([
    { kind: "cancelUpload", id: "still" },
    { kind: "tellStillFailed", request: "snap_1", reason: "refused" },
    { kind: "cancelUpload", id: "late" },
    { kind: "tellStillFailed", request: "snap_3", reason: "refused" },
  ]);
});

test("one tap rates, a comment afterwards rates once more", () => {
  const tapped = play([{ kind: "rateWished", stars: 4 }], inCall());
  const rating: ToolsEffect = { kind: "tellCall", event: { kind: "rating" } };
  const rated: ToolsEffect = { kind: "tellCall", event: { kind: "rated" } };
  expect(tapped.effects).toEqual([rating, { kind: "rate", stars: 4, comment: null }]);
  for (const result of ["failed", "over"] as const) {
    const refused = play([{ kind: "rated", result }], tapped.state);
    expect([refused.state.rating.status, refused.effects]).toEqual([result, []]);
  }
  const thanked = play([{ kind: "rated", result: "done" }], tapped.state);
  expect(thanked.effects).toEqual([rated]);
  expect(thanked.state.rating.status).toBe("thanked");
  const commented = play([{ kind: "commentDrafted", text: " clear " }, { kind: "commentWished" }, { kind: "rated", result: "done" }], thanked.state);
  expect(commented.effects).toEqual([rating, rating, { kind: "rate", stars: 4, comment: "clear" }, rated]);
  expect(commented.state.rating.status).toBe("commented");
  expect(play([{ kind: "commentWished" }], inCall()).effects).toEqual([]);
});

test("a rating is sent also once the channel is closed for good, and goes on after a failure", () => {
  const closed = play([channel({ kind: "linkEnded", end: "room_closed" })], inCall()).state;
  expect(closed.room.end).toBe("room_closed");
  const tapped = play([{ kind: "rateWished", stars: 2 }], closed);
  expect(tapped.effects).toContainEqual({ kind: "rate", stars: 2, comment: null });
  const again = play([{ kind: "rated", result: "failed" }, { kind: "rateWished", stars: 3 }, { kind: "rated", result: "done" }], tapped.state);
  expect(again.state.rating).toMatchObject({ stars: 3, status: "thanked" });
});

test("who has left before this page came is known by name, and a name that somebody has now counts more", () => {
  const names = [{ userId: "gone", name: "Grace" }, { userId: "a", name: "old" }];
  const { state } = play([welcome({ names, chat: { messages: [message(1, { from: "gone" })], more: false } })]);
  expect(nameIn(state, "gone")).toBe("Grace");
  expect(nameIn(state, "a")).toBe("A");
  expect(nameIn(state, "nobody")).toBeNull();
});
