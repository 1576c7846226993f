import { expect, test } from "vitest";
import { isNewer, mayChange, mayDraw, type DrawnElement } from "./board-element";
import { ELEMENT_BYTES_MAX, SEND_EVERY_MS, shownRevision, syncStart, syncStep, type Sync, type SyncEffect, type SyncEvent } from "./board-sync";
import type { WhiteboardTools } from "./model";

const stroke = (id: string, version: number, more: Partial<Record<string, unknown>> = {}): DrawnElement => ({
  ...more,
  id,
  type: "freedraw",
  version,
  versionNonce: 5,
  isDeleted: false,
  index: "a0",
});

function after(events: readonly SyncEvent[], start: Sync = syncStart): { state: Sync; effects: readonly SyncEffect[] } {
  return events.reduce<{ state: Sync; effects: readonly SyncEffect[] }>(({ state }, event) => syncStep(state, event), { state: start, effects: [] });
}

const open = (...elements: DrawnElement[]): readonly SyncEvent[] => [{ kind: "linked" }, { kind: "opened", elements }];

test("of two changes the higher version wins, and of equals the lower nonce", () => {
  expect(isNewer(stroke("a", 1), undefined)).toBe(true);
  expect(isNewer(stroke("a", 2), stroke("a", 1))).toBe(true);
  expect(isNewer(stroke("a", 1), stroke("a", 1))).toBe(false);
  expect(isNewer({ version: 1, versionNonce: 1 }, { version: 1, versionNonce: 2 })).toBe(true);
});

test("what is drawn is sent after a moment, all at once, and next when it has been answered", () => {
  const first = after([...open(), { kind: "changed", elements: [stroke("a", 1)] }]);
  expect(first.effects).toEqual([{ kind: "sendAfter", ms: SEND_EVERY_MS }]);
  const more = after([{ kind: "changed", elements: [stroke("a", 2), stroke("b", 1)] }], first.state);
  expect(more.effects).toEqual([]);
  const sent = after([{ kind: "sendDue" }], more.state);
  expect(sent.effects).toEqual([{ kind: "draw", elements: [stroke("a", 2), stroke("b", 1)] }]);
  const waiting = after([{ kind: "changed", elements: [stroke("a", 3)] }, { kind: "sendDue" }], sent.state);
  expect(waiting.effects).toEqual([]);
  const answered = after([{ kind: "answered", kept: ["a", "b"], refused: [], elements: [] }], waiting.state);
  expect(answered.effects).toEqual([{ kind: "sendAfter", ms: SEND_EVERY_MS }]);
});

test("what has not changed is not sent", () => {
  const { state, effects } = after([...open(stroke("a", 4)), { kind: "changed", elements: [stroke("a", 4)] }]);
  expect([effects, state.unsent.size]).toEqual([[], 0]);
});

test("what was refused is put back to what the server has, or taken out, and the person is told", () => {
  const drawn = after([...open(stroke("a", 1)), { kind: "changed", elements: [stroke("a", 2), stroke("b", 1)] }, { kind: "sendDue" }]);
  const refused = after(
    [
      {
        kind: "answered",
        kept: [],
        refused: [
          { id: "a", code: "not_allowed" },
          { id: "b", code: "not_allowed" },
        ],
        elements: [stroke("a", 1)],
      },
    ],
    drawn.state,
  );
  expect(refused.effects).toEqual([
    { kind: "show", elements: [stroke("a", 1)], gone: ["b"] },
    { kind: "tellRefused", codes: ["not_allowed"] },
  ]);
  expect(shownRevision(refused.state, "b")).toBeUndefined();
});

test("another place in the pile, which the drawing gives by itself, is not tried again after a refusal; a true change is", () => {
  const refused = after([
    ...open(stroke("a", 1)),
    { kind: "changed", elements: [stroke("a", 2)] },
    { kind: "sendDue" },
    { kind: "answered", kept: [], refused: [{ id: "a", code: "not_allowed" }], elements: [stroke("a", 1)] },
  ]);
  expect(after([{ kind: "changed", elements: [{ ...stroke("a", 2), index: "a1" }] }], refused.state).effects).toEqual([]);
  expect(after([{ kind: "changed", elements: [stroke("a", 2, { x: 3 })] }], refused.state).effects).toHaveLength(1);
});

test("a command that had no time is sent again with what came since, and one that is not allowed is put back", () => {
  const sent = after([...open(stroke("a", 1)), { kind: "changed", elements: [stroke("a", 2)] }, { kind: "sendDue" }]);
  const busy = after([{ kind: "failed", passing: true, code: "too_many" }], sent.state);
  expect(busy.effects).toEqual([{ kind: "sendAfter", ms: 1000 }]);
  expect(after([{ kind: "changed", elements: [stroke("a", 3)] }, { kind: "sendDue" }], busy.state).effects).toEqual([
    { kind: "draw", elements: [stroke("a", 3)] },
  ]);
  expect(after([{ kind: "failed", passing: false, code: "not_allowed" }], sent.state).effects).toEqual([
    { kind: "show", elements: [stroke("a", 1)], gone: [] },
    { kind: "tellRefused", codes: ["not_allowed"] },
  ]);
});

test("a board that may not be opened stays shut, and one for which there was no time is asked for again", () => {
  expect(after([{ kind: "linked" }, { kind: "failed", passing: false, code: "not_allowed" }]).state.link).toBe("denied");
  expect(after([{ kind: "linked" }, { kind: "failed", passing: true, code: "unavailable" }]).effects).toEqual([{ kind: "openAfter", ms: 1000 }]);
});

test("what was drawn without a connection is sent when it is back, and what was cleared in the meantime goes", () => {
  const offline = after([
    ...open(stroke("a", 1), stroke("b", 1)),
    { kind: "changed", elements: [stroke("c", 1)] },
    { kind: "sendDue" },
    { kind: "unlinked" },
    { kind: "changed", elements: [stroke("d", 1)] },
  ]);
  expect(offline.effects).toEqual([]);
  const back = after([{ kind: "linked" }, { kind: "opened", elements: [stroke("b", 2)] }], offline.state);
  expect(back.effects).toEqual([
    { kind: "show", elements: [stroke("b", 2)], gone: ["a"] },
    { kind: "sendAfter", ms: 0 },
  ]);
  expect(after([{ kind: "sendDue" }], back.state).effects).toEqual([{ kind: "draw", elements: [stroke("c", 1), stroke("d", 1)] }]);
});

test("what others draw is shown unless the own is newer", () => {
  const { state } = after([...open(stroke("a", 1)), { kind: "changed", elements: [stroke("a", 5)] }]);
  expect(after([{ kind: "drawn", elements: [stroke("a", 3), stroke("b", 1)] }], state).effects).toEqual([
    { kind: "show", elements: [stroke("b", 1)], gone: [] },
  ]);
  const overtaken = after([{ kind: "drawn", elements: [stroke("a", 6)] }], state);
  expect(overtaken.effects).toEqual([{ kind: "show", elements: [stroke("a", 6)], gone: [] }]);
  expect(overtaken.state.unsent.size).toBe(0);
});

test("a drawing that went on from what has been overtaken is shown what holds", () => {
  const { effects } = after([...open(stroke("a", 7)), { kind: "changed", elements: [stroke("a", 3)] }]);
  expect(effects).toEqual([{ kind: "show", elements: [stroke("a", 7)], gone: [] }]);
});

test("nobody hears of what was taken back before it was told", () => {
  const { state } = after([...open(), { kind: "changed", elements: [stroke("a", 1)] }, { kind: "changed", elements: [{ ...stroke("a", 2), isDeleted: true }] }]);
  expect(state.unsent.size).toBe(0);
});

test("a command has no more elements, and no more bytes, than the server takes", () => {
  const many = Array.from({ length: 450 }, (_, at) => stroke(`e${at}`, 1));
  const sent = after([...open(), { kind: "changed", elements: many }, { kind: "sendDue" }]);
  expect(sent.state.sent?.size).toBe(200);
  const long = Array.from({ length: 4 }, (_, at) => stroke(`l${at}`, 1, { points: "é".repeat(100_000) }));
  expect(after([...open(), { kind: "changed", elements: long }, { kind: "sendDue" }]).state.sent?.size).toBe(2);
  const tooLong = stroke("x", 1, { points: "é".repeat(ELEMENT_BYTES_MAX / 2) });
  expect(after([...open(), { kind: "changed", elements: [tooLong] }, { kind: "sendDue" }]).effects).toEqual([
    { kind: "show", elements: [], gone: ["x"] },
    { kind: "tellRefused", codes: ["too_long"] },
  ]);
});

test("each type of element belongs to one part of the whiteboard", () => {
  const none: WhiteboardTools = { pen: false, shape: false, text: false, addFile: false, eraser: false, cursor: true };
  expect(mayChange(none)).toBe(false);
  expect(mayChange({ ...none, eraser: true })).toBe(true);
  const types = ["freedraw", "rectangle", "diamond", "ellipse", "arrow", "line", "frame", "text", "image"] as const;
  const drawable = (part: keyof WhiteboardTools): string[] => types.filter((type) => mayDraw({ ...none, [part]: true }, type));
  expect(drawable("pen")).toEqual(["freedraw"]);
  expect(drawable("shape")).toEqual(["rectangle", "diamond", "ellipse", "arrow", "line", "frame"]);
  expect(drawable("text")).toEqual(["text"]);
  expect(drawable("addFile")).toEqual(["image"]);
});
