import type { DrawnElement } from "../../state/board-element";
import type { Refused } from "../../state/board-sync";

/** A place on a board, in its own coordinates. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The whole command was refused. `passing`: another time it may work. */
interface CommandRefused {
  readonly kind: "refused";
  readonly passing: boolean;
  readonly code: string;
}

/** No answer came, because the connection broke. */
interface Lost {
  readonly kind: "lost";
}

export type OpenReply = { readonly kind: "opened"; readonly elements: readonly unknown[] } | CommandRefused | Lost;

export type DrawReply =
  | { readonly kind: "answered"; readonly kept: readonly string[]; readonly refused: readonly Refused[]; readonly elements: readonly unknown[] }
  | CommandRefused
  | Lost;

/** What a whiteboard needs of the call channel (docs/call-channel.md). */
export interface BoardWire {
  readonly open: (board: string) => Promise<OpenReply>;
  readonly draw: (board: string, elements: readonly DrawnElement[]) => Promise<DrawReply>;
  /** Null: the pointer has left the board. */
  readonly cursor: (board: string, at: Place | null) => void;
  /** Returns whether it was done. */
  readonly clear: (board: string) => Promise<boolean>;
}
