import { expect, test } from "vitest";
import { parseEvent } from "./parse";

const AT = "2026-01-01T00:00:00.250Z";
const MOMENT = Date.UTC(2026, 0, 1, 0, 0, 0, 250);
const PERSON = { user_id: "user_a", display_name: null, is_admin: true, stage: "in", since: AT, hand_raised_at: null, check: null, quality: "weak" };

test("a person, with a check of the devices", () => {
  const check = { microphone: "blocked", camera: "of_the_future", speaker: "ok", network: "tcp_only", uplink_kbps: 1200, downlink_kbps: null, browser: "Safari 17", at: AT };
  expect(parseEvent({ event: "person", person: { ...PERSON, check } })).toEqual({
    kind: "person",
    person: {
      userId: "user_a",
      name: null,
      admin: true,
      stage: "in",
      since: MOMENT,
      awaySince: null,
      handRaisedAt: null,
      check: { microphone: "blocked", camera: "skipped", speaker: "ok", network: "tcp_only", uplinkKbps: 1200, downlinkKbps: null, browser: "Safari 17", at: MOMENT },
      quality: "weak",
    },
  });
});

test("a person who has left the waiting room's page", () => {
  expect(parseEvent({ event: "person", person: { ...PERSON, stage: "waiting", away_since: AT } })).toMatchObject({ person: { stage: "waiting", awaySince: MOMENT } });
});

test("the welcome keeps what it understands, item by item", () => {
  const message = { number: 4, from: "user_a", to: null, waiting: null, text: "hi", at: AT, key: "k" };
  const file = { file_id: "file_1", from: "user_a", kind: "file", name: "x", media_type: "image/png", size: 3, at: AT, of: null };
  const event = parseEvent(
    {
      event: "welcome",
      you: "user_me",
      stage: "admitted",
      server_time: AT,
      room: "room_1",
      waiting_room: true,
      hosts_present: false,
      people: [PERSON, { ...PERSON, stage: "of_the_future" }, null],
      names: [{ user_id: "user_g", display_name: "Grace" }, { user_id: "user_h", display_name: null }, "user_i", null],
      chat: { messages: [message, { ...message, text: 7 }], more: true },
      presented: { user_id: "user_a", source: "camera" },
      files: [file, { ...file, kind: "of_the_future" }, "x"],
      boards: ["board", 3],
    },
  );
  expect(event).toMatchObject({
    kind: "welcome",
    welcome: {
      serverTime: MOMENT,
      people: [{ userId: "user_a" }],
      names: [{ userId: "user_g", name: "Grace" }],
      chat: { messages: [{ number: 4, at: MOMENT }], more: true },
      presented: { userId: "user_a", source: "camera" },
      files: [{ id: "file_1", mediaType: "image/png" }],
      boards: ["board"],
    },
  });
  expect(parseEvent({ event: "welcome", you: "user_me", stage: "admitted" })).toBeNull();
});

test.each([
  [{ event: "stage", stage: "lobby", message: null, removed: true }, { kind: "stage", stage: "lobby", message: null, removed: true }],
  [{ event: "people.gone", user_id: "a" }, { kind: "personGone", userId: "a" }],
  [{ event: "hosts", present: true }, { kind: "hosts", present: true }],
  [{ event: "chat.typing", user_id: "a" }, { kind: "typing", userId: "a", waiting: null }],
  [{ event: "pointer", from: "a", user_id: "b", source: "camera", x: 0.5, y: 1 }, { kind: "pointer", pointer: { from: "a", userId: "b", source: "camera", at: { x: 0.5, y: 1 } } }],
  [{ event: "pointer", from: "a", user_id: "b", source: "camera", x: null }, { kind: "pointer", pointer: { from: "a", userId: "b", source: "camera", at: null } }],
  [{ event: "pointer", from: "a", user_id: "b", source: "ceiling", x: null }, null],
  [{ event: "presented", user_id: "a", source: "screen_share" }, { kind: "presented", presented: { userId: "a", source: "screen_share" } }],
  [{ event: "presented", user_id: null }, { kind: "presented", presented: null }],
  [{ event: "muted", by: "a", source: "microphone" }, { kind: "muted", by: "a", source: "microphone" }],
  [{ event: "board.drawn", board: "board", from: "a", elements: [{ id: "e", version: 1 }, { id: 1 }, null] }, { kind: "boardDrawn", board: "board", from: "a", elements: [{ id: "e", version: 1 }] }],
  [{ event: "board.cursor", board: "board", from: "a", x: -10, y: 900.5 }, { kind: "boardCursor", board: "board", from: "a", at: { x: -10, y: 900.5 } }],
  [{ event: "board.cleared", board: "board", from: "a" }, { kind: "boardCleared", board: "board", from: "a" }],
  [{ event: "file.deleted", file_id: "file_1" }, { kind: "fileDeleted", fileId: "file_1" }],
  [{ event: "snapshot.requested", request: "snap_1", by: "a" }, { kind: "snapshotRequested", request: "snap_1", by: "a" }],
  [{ event: "snapshot.failed", request: "snap_1", reason: "of_the_future" }, { kind: "snapshotFailed", request: "snap_1", reason: "failed" }],
  [{ event: "caption", from: "a", text: "so", final: true, language: "it" }, { kind: "caption", from: "a", text: "so", final: true, language: "it" }],
  [{ event: "caption", from: "a" }, null],
])("%o", (value, event) => {
  expect(parseEvent(value)).toEqual(event);
});
