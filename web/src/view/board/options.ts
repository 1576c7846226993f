import type { Language } from "../../i18n/language";
import type { BoardSession } from "../../protocol/board/session";
import type { WhiteboardTools } from "../../state/model";

/** What is needed to draw one whiteboard. Knows neither Preact nor React: it goes from one to the other. */
export interface BoardOptions {
  readonly session: BoardSession;
  readonly tools: WhiteboardTools;
  readonly language: Language;
  readonly theme: "light" | "dark";
  /** A picture below everything, which nobody can move: the file of the snapshot that is annotated. */
  readonly background: string | null;
  /** What somebody is called, to be written beside their pointer. */
  readonly nameOf: (userId: string) => string;
  readonly pictures: BoardPictures;
  readonly texts: BoardTexts;
  /** Escape was pressed when there was nothing in the drawing to escape from: the keyboard is to go back to the page. */
  readonly onLeave: () => void;
  /** Something of the own could not be kept. */
  readonly onRefused: (codes: readonly string[]) => void;
  /** A picture could not be loaded or sent. */
  readonly onPictureFailed: () => void;
}

/** Pictures on boards are files of the room. */
export interface BoardPictures {
  /** Sends a picture. Returns the id of its file. Rejects if it could not be sent. */
  readonly send: (picture: Blob, name: string) => Promise<string>;
  /** Loads one. Null: it cannot be loaded now. */
  readonly load: (fileId: string) => Promise<Blob | null>;
}

export interface BoardTexts {
  readonly pictureType: string;
  readonly pictureFailed: string;
}

/** A whiteboard that is being shown. */
export interface ShownBoard {
  /** Takes over what is different: session and background must be the same. */
  readonly update: (options: BoardOptions) => void;
  /** All that is on the board, as a PNG picture; null if that is nothing. */
  readonly picture: () => Promise<Blob | null>;
  readonly close: () => void;
}

/** Draws a whiteboard into an element. */
export type ShowBoard = (host: HTMLElement, options: BoardOptions) => ShownBoard;
