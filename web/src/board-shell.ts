import { BoardSession, type After } from "./protocol/board/session";
import { sendPicture, type PicturePorts } from "./protocol/board/pictures";
import { boardWire, type BoardChannel } from "./protocol/board/wire";
import { NO_BOARDS, snapshotOf, stepBoards, toolsOn, type BoardsEffect, type BoardsEvent, type BoardsState } from "./state/boards";
import type { ChannelEvent } from "./state/channel";
import type { Tools } from "./state/model";
import type { BoardOptions, BoardTexts, ShowBoard, ShownBoard } from "./view/board/options";

export interface BoardBrowser {
  readonly now: () => number;
  readonly after: After;
  /** Loads what draws boards: Excalidraw and what it needs. */
  readonly loadDrawing: () => Promise<{ readonly showBoard: ShowBoard }>;
  readonly sending: PicturePorts;
  /** Fetches a file of the room by its link. Null: it did not come. */
  readonly fetchFile: (url: string) => Promise<Blob | null>;
}

/** Who the person is, and how the page looks to them. */
export interface BoardPerson {
  readonly tools: Tools;
  readonly language: BoardOptions["language"];
  readonly theme: BoardOptions["theme"];
  readonly nameOf: (userId: string) => string;
  /** Whose picture a snapshot shows; null: nobody's. */
  readonly shownIn: (fileId: string) => string | null;
  readonly texts: BoardTexts & { readonly pictureName: string };
}

/** Holds the whiteboards of the stay in the call: carries out what is decided, and shows the one that is open. */
export class BoardShell {
  readonly #browser: BoardBrowser;
  readonly #channel: BoardChannel;
  readonly #changed: () => void;
  readonly #sessions = new Map<string, BoardSession>();
  #state: BoardsState = NO_BOARDS;
  #person: BoardPerson | null = null;
  #show: ShowBoard | null = null;
  #shown: { readonly board: string; readonly drawing: ShownBoard; readonly leave: () => void } | null = null;
  /** Whether the person is admitted, and the channel stands. */
  #linked = false;

  constructor(browser: BoardBrowser, channel: BoardChannel, changed: () => void) {
    this.#browser = browser;
    this.#channel = channel;
    this.#changed = changed;
    channel.on((event) => {
      this.#hear(event);
    });
  }

  get state(): BoardsState {
    return this.#state;
  }

  /** Takes over who the person is now, and how the page looks. */
  dress(person: BoardPerson): void {
    this.#person = person;
    if (this.#shown === null) return;
    const { board, drawing, leave } = this.#shown;
    drawing.update(this.#options(board, person, leave));
  }

  readonly take = (event: BoardsEvent): void => {
    const { state, effects } = stepBoards(this.#state, event, this.#browser.now());
    const changed = state !== this.#state;
    this.#state = state;
    for (const effect of effects) this.#run(effect);
    if (changed) this.#changed();
  };

  /** Shows a board in an element, once what draws it is there. `leave` takes the keyboard back to the page. Returns how to stop. */
  readonly mount = (host: HTMLElement, board: string, leave: () => void): (() => void) => {
    if (this.#show === null || this.#person === null) return () => undefined;
    const drawing = this.#show(host, this.#options(board, this.#person, leave));
    this.#shown = { board, drawing, leave };
    return () => {
      if (this.#shown?.drawing === drawing) this.#shown = null;
      drawing.close();
    };
  };

  /** The stay in the call is over. */
  end(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
    if (this.#state !== NO_BOARDS) this.#state = { ...NO_BOARDS, drawing: this.#state.drawing };
  }

  #session(board: string): BoardSession {
    const known = this.#sessions.get(board);
    if (known !== undefined) return known;
    const session = new BoardSession(board, boardWire(this.#channel), this.#browser.after, () => {
      this.#tellLink(board);
    });
    this.#sessions.set(board, session);
    if (this.#linked) session.linked();
    return session;
  }

  #tellLink(board: string): void {
    const link = this.#sessions.get(board)?.link;
    if (this.#state.open === board) this.take({ kind: "linkChanged", link: link === "open" || link === "denied" ? link : "waiting" });
  }

  #options(board: string, person: BoardPerson, leave: () => void): BoardOptions {
    return {
      session: this.#session(board),
      tools: toolsOn(board, person.tools),
      language: person.language,
      // A darkened picture is another picture.
      theme: snapshotOf(board) === null ? person.theme : "light",
      background: snapshotOf(board),
      nameOf: person.nameOf,
      pictures: {
        send: (picture, name) => sendPicture(this.#browser.sending, picture, { kind: "board_image", name, of: null }),
        load: (fileId) => this.#loadPicture(fileId),
      },
      texts: person.texts,
      onLeave: leave,
      onRefused: (codes) => {
        this.take({ kind: "refused", codes });
      },
      onPictureFailed: () => {
        this.take({ kind: "pictureFailed" });
      },
    };
  }

  async #loadPicture(fileId: string): Promise<Blob | null> {
    const reply = await this.#channel.send("file.link", { fileId });
    return reply.kind === "ok" ? this.#browser.fetchFile(reply.ok.url) : null;
  }

  #run(effect: BoardsEffect): void {
    switch (effect.kind) {
      case "enter":
        this.#session(effect.board);
        this.#tellLink(effect.board);
        return;
      case "load":
        void this.#load();
        return;
      case "save":
        void this.#save(effect.board);
        return;
      case "clear":
        void this.#session(effect.board)
          .clear()
          .then((done) => {
            if (!done) this.take({ kind: "notCleared" });
          });
        return;
    }
  }

  async #load(): Promise<void> {
    try {
      this.#show = (await this.#browser.loadDrawing()).showBoard;
      this.take({ kind: "drawingLoaded" });
    } catch {
      // The network is gone, or a new version has come in the meantime.
      this.take({ kind: "drawingFailed" });
    }
  }

  async #save(board: string): Promise<void> {
    const snapshot = snapshotOf(board);
    const [drawing, person] = [this.#shown?.drawing, this.#person];
    try {
      const picture = (await drawing?.picture()) ?? null;
      if (picture === null || person === null) throw new Error("there is nothing to save");
      const of = snapshot === null ? null : person.shownIn(snapshot);
      await sendPicture(this.#browser.sending, picture, { kind: "snapshot", name: person.texts.pictureName, of });
      this.take({ kind: "saved", done: true });
    } catch {
      this.take({ kind: "saved", done: false });
    }
  }

  #hear(event: ChannelEvent): void {
    switch (event.kind) {
      case "welcome":
        this.#linked = event.welcome.stage === "admitted" || event.welcome.stage === "in";
        for (const session of this.#sessions.values()) {
          if (this.#linked && session.link === "open") continue;
          session.unlinked();
          if (this.#linked) session.linked();
        }
        return;
      case "linkChanged":
      case "linkEnded":
        if (event.kind === "linkChanged" && event.link === "open") return;
        this.#linked = false;
        for (const session of this.#sessions.values()) session.unlinked();
        return;
      case "person":
        if (event.person.stage !== "in" && event.person.stage !== "admitted") this.#forget(event.person.userId);
        return;
      case "personGone":
        this.#forget(event.userId);
        return;
      case "boardDrawn":
        this.#sessions.get(event.board)?.drawn(event.elements);
        this.take({ kind: "used", board: event.board, from: event.from });
        return;
      case "boardCursor":
        this.#sessions.get(event.board)?.cursorMoved(event.from, event.at);
        if (event.at !== null) this.take({ kind: "used", board: event.board, from: event.from });
        return;
      case "boardCleared":
        this.#sessions.get(event.board)?.cleared();
        return;
      default:
    }
  }

  #forget(userId: string): void {
    for (const session of this.#sessions.values()) if (session.cursors().has(userId)) session.cursorMoved(userId, null);
  }
}
