import type { Tools, WhiteboardTools } from "./model";

/** The board that every room has. The others are on snapshots. */
export const ROOM_BOARD = "board";

/** After so long without anybody at a board, somebody who comes to it is news again. In milliseconds. */
const QUIET_MS = 60_000;
/** How long a word about what did not work stays in view. */
const PROBLEM_MS = 10_000;

/** What the person sees of whiteboards, besides what is on them. */
export interface BoardsState {
  /** The board that is open on this page. */
  readonly open: string | null;
  /** What draws boards: loaded when the first is opened. */
  readonly drawing: "none" | "loading" | "ready" | "failed";
  /** Whether the board that is open is the same as on the server. `denied`: the person may not see it. */
  readonly link: "waiting" | "open" | "denied";
  /** Somebody is at a board that is not open here. */
  readonly notice: { readonly board: string; readonly from: string } | null;
  /** When somebody else was last seen at each board. */
  readonly usedAt: ReadonlyMap<string, number>;
  /** Boards of which the person knows that somebody is there. */
  readonly known: ReadonlySet<string>;
  readonly problem: { readonly kind: BoardProblem; readonly until: number } | null;
  readonly saving: "no" | "saving" | "saved" | "failed";
  /** Whether the board is to be cleared for everybody is being asked. */
  readonly clearing: boolean;
}

/** Why something is not on the board, or not to be seen. */
export type BoardProblem = "not_allowed" | "too_large" | "full" | "not_kept" | "picture" | "not_cleared";

export type BoardsEvent =
  | { readonly kind: "openWished"; readonly board: string }
  | { readonly kind: "closeWished" }
  | { readonly kind: "drawingLoaded" }
  | { readonly kind: "drawingFailed" }
  | { readonly kind: "linkChanged"; readonly link: BoardsState["link"] }
  /** Somebody else drew or pointed. */
  | { readonly kind: "used"; readonly board: string; readonly from: string }
  | { readonly kind: "noticeSeen" }
  | { readonly kind: "refused"; readonly codes: readonly string[] }
  | { readonly kind: "pictureFailed" }
  | { readonly kind: "saveWished" }
  | { readonly kind: "saved"; readonly done: boolean }
  | { readonly kind: "clearAsked"; readonly on: boolean }
  | { readonly kind: "clearWished" }
  | { readonly kind: "notCleared" }
  | { readonly kind: "tick" };

export type BoardsEffect = { readonly kind: "load" } | { readonly kind: "enter" | "save" | "clear"; readonly board: string };

export interface BoardsStep {
  readonly state: BoardsState;
  readonly effects: readonly BoardsEffect[];
}

export const NO_BOARDS: BoardsState = {
  open: null,
  drawing: "none",
  link: "waiting",
  notice: null,
  usedAt: new Map(),
  known: new Set(),
  problem: null,
  saving: "no",
  clearing: false,
};

/** Decides what is shown of whiteboards, and done next. `now` is this machine's milliseconds since the epoch. */
export function stepBoards(state: BoardsState, event: BoardsEvent, now: number): BoardsStep {
  switch (event.kind) {
    case "openWished":
      return opened(state, event.board);
    case "closeWished":
      return same({ ...state, open: null, problem: null, saving: "no", clearing: false });
    case "drawingLoaded":
      return same({ ...state, drawing: "ready" });
    case "drawingFailed":
      return same({ ...state, drawing: "failed" });
    case "linkChanged":
      return same({ ...state, link: event.link });
    case "used":
      return same(used(state, event.board, event.from, now));
    case "noticeSeen":
      return same({ ...state, notice: null });
    case "refused":
      return same({ ...state, problem: { kind: problemOf(event.codes), until: now + PROBLEM_MS } });
    case "pictureFailed":
      return same({ ...state, problem: { kind: "picture", until: now + PROBLEM_MS } });
    case "saveWished":
      if (state.open === null || state.saving === "saving") return same(state);
      return { state: { ...state, saving: "saving" }, effects: [{ kind: "save", board: state.open }] };
    case "saved":
      return same({ ...state, saving: event.done ? "saved" : "failed" });
    case "clearAsked":
      return same({ ...state, clearing: event.on });
    case "clearWished":
      if (state.open === null) return same(state);
      return { state: { ...state, clearing: false }, effects: [{ kind: "clear", board: state.open }] };
    case "notCleared":
      return same({ ...state, problem: { kind: "not_cleared", until: now + PROBLEM_MS } });
    case "tick":
      return same(state.problem !== null && state.problem.until <= now ? { ...state, problem: null } : state);
  }
}

function same(state: BoardsState): BoardsStep {
  return { state, effects: [] };
}

function opened(state: BoardsState, board: string): BoardsStep {
  const load = state.drawing === "none" || state.drawing === "failed";
  const notice = state.notice?.board === board ? null : state.notice;
  const next: BoardsState = { ...state, open: board, notice, problem: null, saving: "no", clearing: false, drawing: load ? "loading" : state.drawing };
  return { state: next, effects: load ? [{ kind: "enter", board }, { kind: "load" }] : [{ kind: "enter", board }] };
}

function used(state: BoardsState, board: string, from: string, now: number): BoardsState {
  const before = state.usedAt.get(board);
  const news = before === undefined || now - before > QUIET_MS || !state.known.has(board);
  const next: BoardsState = { ...state, usedAt: new Map(state.usedAt).set(board, now), known: new Set(state.known).add(board) };
  return news && state.open !== board ? { ...next, notice: { board, from } } : next;
}

function problemOf(codes: readonly string[]): BoardProblem {
  if (codes.includes("not_allowed") || codes.includes("wrong_stage")) return "not_allowed";
  if (codes.includes("too_long")) return "too_large";
  return codes.includes("too_many") ? "full" : "not_kept";
}

/** The file whose picture a board is on; null: it is on none. */
export function snapshotOf(board: string): string | null {
  return board.startsWith("snapshot:") ? board.slice("snapshot:".length) : null;
}

const LOOKING: WhiteboardTools = { addFile: false, cursor: false, text: false, shape: false, pen: false, eraser: false };

/** What somebody may do on a board. On a snapshot it takes the snapshots, and to edit with others, as well. */
export function toolsOn(board: string, tools: Tools): WhiteboardTools {
  const { whiteboard, snapshot, liveEdit } = tools;
  if (whiteboard === null) return LOOKING;
  return snapshotOf(board) === null || (snapshot && liveEdit) ? whiteboard : { ...LOOKING, cursor: whiteboard.cursor };
}

/** Whether somebody may clear a board for all. */
export function mayClear(board: string, tools: Tools, admin: boolean): boolean {
  return admin && toolsOn(board, tools).eraser;
}
