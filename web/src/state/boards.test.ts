import { expect, test } from "vitest";
import { mayClear, NO_BOARDS, snapshotOf, stepBoards, toolsOn, type BoardsEvent, type BoardsState } from "./boards";
import type { Tools } from "./model";

const NOW = 1_000_000;
const after = (events: readonly BoardsEvent[], start: BoardsState = NO_BOARDS, now = NOW): BoardsState =>
  events.reduce((state, event) => stepBoards(state, event, now).state, start);

const parts = { addFile: true, cursor: true, text: true, shape: true, pen: true, eraser: true };
const all: Tools = {
  chat: true,
  screenSharing: true,
  fileUpload: true,
  whiteboard: parts,
  snapshot: true,
  liveEdit: true,
  livePointer: true,
  presentToEveryone: true,
};

test("what draws boards is loaded when the first is opened, once, and again if it did not come", () => {
  const opening = stepBoards(NO_BOARDS, { kind: "openWished", board: "board" }, NOW);
  expect(opening).toMatchObject({ state: { open: "board", drawing: "loading" }, effects: [{ kind: "enter", board: "board" }, { kind: "load" }] });
  const ready = after([{ kind: "drawingLoaded" }, { kind: "closeWished" }], opening.state);
  expect(stepBoards(ready, { kind: "openWished", board: "snapshot:file_1" }, NOW)).toMatchObject({
    state: { drawing: "ready" },
    effects: [{ kind: "enter", board: "snapshot:file_1" }],
  });
  const failed = after([{ kind: "drawingFailed" }], opening.state);
  expect(stepBoards(failed, { kind: "openWished", board: "board" }, NOW).effects).toContainEqual({ kind: "load" });
});

test("somebody at a board that is not open here is told of once, and anew after a minute of quiet", () => {
  const used: BoardsEvent = { kind: "used", board: "board", from: "ada" };
  const told = after([used]);
  expect(told.notice).toEqual({ board: "board", from: "ada" });
  const seen = after([{ kind: "noticeSeen" }, used], told, NOW + 30_000);
  expect(seen.notice).toBeNull();
  expect(after([used], seen, NOW + 80_000).notice).toBeNull();
  expect(after([used], seen, NOW + 100_000).notice).toEqual({ board: "board", from: "ada" });
});

test("nobody is told of a board that is open before them", () => {
  const open = after([{ kind: "used", board: "board", from: "ada" }, { kind: "openWished", board: "board" }]);
  expect(open.notice).toBeNull();
  expect(after([{ kind: "used", board: "board", from: "luca" }, { kind: "closeWished" }, { kind: "used", board: "board", from: "luca" }], open).notice).toBeNull();
  expect(after([{ kind: "used", board: "snapshot:file_1", from: "luca" }], open).notice).toEqual({ board: "snapshot:file_1", from: "luca" });
});

test("what did not work is said for ten seconds", () => {
  const refused = after([{ kind: "openWished", board: "board" }, { kind: "refused", codes: ["not_allowed"] }]);
  expect(refused.problem?.kind).toBe("not_allowed");
  expect(after([{ kind: "tick" }], refused, NOW + 9_999).problem).not.toBeNull();
  expect(after([{ kind: "tick" }], refused, NOW + 10_000).problem).toBeNull();
  const problems = [["too_many"], ["too_long"], ["invalid"], ["unknown", "not_allowed"]].map((codes) => after([{ kind: "refused", codes }]).problem?.kind);
  expect(problems).toEqual(["full", "too_large", "not_kept", "not_allowed"]);
});

test("a picture is saved, and a board cleared, only while one is open, and a picture once at a time", () => {
  expect(stepBoards(NO_BOARDS, { kind: "saveWished" }, NOW).effects).toEqual([]);
  expect(stepBoards(NO_BOARDS, { kind: "clearWished" }, NOW).effects).toEqual([]);
  const open = after([{ kind: "openWished", board: "board" }]);
  const saving = stepBoards(open, { kind: "saveWished" }, NOW);
  expect(saving.effects).toEqual([{ kind: "save", board: "board" }]);
  expect(stepBoards(saving.state, { kind: "saveWished" }, NOW).effects).toEqual([]);
  expect(after([{ kind: "saved", done: false }], saving.state).saving).toBe("failed");
  const asked = after([{ kind: "clearAsked", on: true }], open);
  expect(stepBoards(asked, { kind: "clearWished" }, NOW)).toMatchObject({ state: { clearing: false }, effects: [{ kind: "clear", board: "board" }] });
});

test("on a snapshot somebody draws only with the tools for that as well; others look on", () => {
  expect(toolsOn("board", { ...all, liveEdit: false })).toEqual(parts);
  expect(toolsOn("snapshot:file_1", all)).toEqual(parts);
  for (const less of [{ ...all, liveEdit: false }, { ...all, snapshot: false }]) {
    expect(toolsOn("snapshot:file_1", less)).toMatchObject({ pen: false, eraser: false, cursor: true });
  }
  expect(toolsOn("board", { ...all, whiteboard: null }).cursor).toBe(false);
  expect([snapshotOf("snapshot:file_1"), snapshotOf("board")]).toEqual(["file_1", null]);
  expect([mayClear("board", all, true), mayClear("board", all, false), mayClear("snapshot:f", { ...all, liveEdit: false }, true)]).toEqual([true, false, false]);
});
