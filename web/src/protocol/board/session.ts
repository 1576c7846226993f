import { isNewer, type DrawnElement } from "../../state/board-element";
import { shownRevision, syncStart, syncStep, type Sync, type SyncEffect, type SyncEvent, type SyncLink } from "../../state/board-sync";
import { parseElement, parseElements } from "./element";
import type { BoardWire, DrawReply, Place } from "./wire";

/** Pointers move this often: smooth enough for a hand, and cheap. */
const CURSOR_EVERY_MS = 80;

/** The drawing in which somebody sees the board. */
export interface BoardView {
  /** Puts elements in, whatever version the drawing has of them, and takes out those that are gone. */
  readonly show: (elements: readonly DrawnElement[], gone: readonly string[]) => void;
  /** Something of the own was not taken and has been put back, for these reasons. */
  readonly refused: (codes: readonly string[]) => void;
  readonly cursorsChanged: (cursors: ReadonlyMap<string, Place>) => void;
}

function hasLink(element: object): boolean {
  return "link" in element && element.link !== null;
}

/** How the session lets time pass. Returns how to call it off. */
export type After = (ms: number, run: () => void) => () => void;

/**
 * One whiteboard, from when it is first opened to the end of the stay in the call: it goes on without anybody looking, so that what was drawn is told
 * though the board was closed at once, and coming back costs nothing.
 */
export class BoardSession {
  readonly #board: string;
  readonly #wire: BoardWire;
  readonly #after: After;
  readonly #linkChanged: (link: SyncLink) => void;
  #state: Sync = syncStart;
  #view: BoardView | null = null;
  #cursors: ReadonlyMap<string, Place> = new Map();
  #cursor: { sent: Place | null; wished: Place | null; pausing: boolean } = { sent: null, wished: null, pausing: false };
  readonly #timers = new Set<() => void>();
  #closed = false;

  /** `linkChanged` is told whenever the board begins or ceases to be the same as on the server. */
  constructor(board: string, wire: BoardWire, after: After, linkChanged: (link: SyncLink) => void) {
    this.#linkChanged = linkChanged;
    this.#board = board;
    this.#wire = wire;
    this.#after = after;
  }

  get link(): SyncLink {
    return this.#state.link;
  }

  /** All that is to be seen, and what was removed. */
  elements(): readonly DrawnElement[] {
    const { known, sent, unsent } = this.#state;
    const ids = new Set([...known.keys(), ...(sent?.keys() ?? []), ...unsent.keys()]);
    return [...ids].map((id) => shownRevision(this.#state, id)).filter((element) => element !== undefined);
  }

  cursors(): ReadonlyMap<string, Place> {
    return this.#cursors;
  }

  /** Shows the board in a drawing, which is to begin with `elements`. Returns how to stop. */
  attach(view: BoardView): () => void {
    this.#view = view;
    return () => {
      if (this.#view !== view) return;
      this.#view = null;
      this.point(null);
    };
  }

  linked(): void {
    this.#take({ kind: "linked" });
  }

  unlinked(): void {
    this.#setCursors(new Map());
    this.#cursor = { ...this.#cursor, sent: null };
    this.#take({ kind: "unlinked" });
  }

  /** Takes the elements as the drawing has them, changed or not. */
  changed(elements: readonly Readonly<{ id: string; version: number; versionNonce: number }>[]): void {
    const news: DrawnElement[] = [];
    for (const element of elements) {
      const shown = shownRevision(this.#state, element.id);
      if (shown?.version === element.version && shown.versionNonce === element.versionNonce) continue;
      const read = parseElement(element);
      if (read !== null) {
        news.push(read);
        // Nobody else gets to see the link; so it must not seem to be there.
        if (hasLink(element)) this.#view?.show([read], []);
      } else if (shown !== undefined && isNewer(shown, element)) {
        // Not finished, or not for others; but what they have of it must not go by.
        this.#view?.show([shown], []);
      }
    }
    if (news.length > 0) this.#take({ kind: "changed", elements: news });
  }

  /** What somebody else has drawn. */
  drawn(elements: readonly unknown[]): void {
    this.#take({ kind: "drawn", elements: parseElements(elements) });
  }

  /** Somebody has cleared the board. */
  cleared(): void {
    this.#take({ kind: "cleared" });
  }

  /** Clears the board for all. Returns whether it was done. */
  async clear(): Promise<boolean> {
    const done = await this.#wire.clear(this.#board);
    if (done) this.cleared();
    return done;
  }

  /** Where somebody's pointer is; null: it is gone. */
  cursorMoved(userId: string, at: Place | null): void {
    const cursors = new Map(this.#cursors);
    if (at === null) cursors.delete(userId);
    else cursors.set(userId, at);
    this.#setCursors(cursors);
  }

  /** Where the own pointer is; null: it has left the board. */
  point(at: Place | null): void {
    this.#cursor.wished = at;
    this.#tellCursor();
  }

  /** The pointer has left the board, unless it has moved on from `at`. */
  unpoint(at: Place): void {
    if (this.#cursor.wished === at) this.point(null);
  }

  /** Ends it. Nothing is sent or shown after that. */
  close(): void {
    this.#closed = true;
    this.#view = null;
    for (const stop of this.#timers) stop();
    this.#timers.clear();
  }

  #take(event: SyncEvent): void {
    if (this.#closed) return;
    const before = this.#state.link;
    const { state, effects } = syncStep(this.#state, event);
    this.#state = state;
    if (state.link !== before) this.#linkChanged(state.link);
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: SyncEffect): void {
    switch (effect.kind) {
      case "open":
        void this.#open();
        return;
      case "draw":
        void this.#draw(effect.elements);
        return;
      case "openAfter":
        this.#later(effect.ms, () => {
          if (this.#state.link === "opening") void this.#open();
        });
        return;
      case "sendAfter":
        this.#later(effect.ms, () => {
          this.#take({ kind: "sendDue" });
        });
        return;
      case "show":
        this.#view?.show(effect.elements, effect.gone);
        return;
      case "tellRefused":
        this.#view?.refused(effect.codes);
    }
  }

  async #open(): Promise<void> {
    const reply = await this.#wire.open(this.#board);
    if (reply.kind === "opened") this.#take({ kind: "opened", elements: parseElements(reply.elements) });
    else if (reply.kind === "refused") this.#take({ kind: "failed", passing: reply.passing, code: reply.code });
  }

  async #draw(elements: readonly DrawnElement[]): Promise<void> {
    const reply: DrawReply = await this.#wire.draw(this.#board, elements);
    if (reply.kind === "answered") this.#take({ ...reply, elements: parseElements(reply.elements) });
    else if (reply.kind === "refused") this.#take({ kind: "failed", passing: reply.passing, code: reply.code });
    // Else the connection broke: `unlinked` says so.
  }

  #tellCursor(): void {
    const { sent, wished, pausing } = this.#cursor;
    if (this.#closed || pausing || this.#state.link !== "open") return;
    if (wished === sent || (wished !== null && sent !== null && wished.x === sent.x && wished.y === sent.y)) return;
    this.#cursor = { sent: wished, wished, pausing: true };
    this.#wire.cursor(this.#board, wished);
    this.#later(CURSOR_EVERY_MS, () => {
      this.#cursor.pausing = false;
      this.#tellCursor();
    });
  }

  #setCursors(cursors: ReadonlyMap<string, Place>): void {
    this.#cursors = cursors;
    this.#view?.cursorsChanged(cursors);
  }

  #later(ms: number, run: () => void): void {
    const stop = this.#after(ms, () => {
      this.#timers.delete(stop);
      run();
    });
    this.#timers.add(stop);
  }
}
