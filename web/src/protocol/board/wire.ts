import type { DrawnElement } from "../../state/board-element";
import type { Refused } from "../../state/board-sync";
import type { ChannelEvent } from "../../state/channel";
import type { CommandName, Commands, RefusalCode, Reply } from "../channel/commands";

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

/** The call channel, as far as boards need it. */
export interface BoardChannel {
  readonly send: <Name extends CommandName>(name: Name, members: Commands[Name]["members"]) => Promise<Reply<Commands[Name]["ok"]>>;
  /** Returns how to stop. */
  readonly on: (listener: (event: ChannelEvent) => void) => () => void;
}

/** Puts what boards need on the channel. */
export function boardWire({ send }: BoardChannel): BoardWire {
  return {
    open: async (board) => {
      const reply = await send("board.open", { board });
      return reply.kind === "ok" ? { kind: "opened", elements: reply.ok.elements } : refusalOf(reply.code);
    },
    draw: async (board, elements) => {
      const reply = await send("board.draw", { board, elements });
      return reply.kind === "ok" ? { kind: "answered", ...reply.ok } : refusalOf(reply.code);
    },
    cursor: (board, at) => {
      void send("board.cursor", { board, x: at?.x ?? null, y: at?.y ?? null });
    },
    clear: async (board) => (await send("board.clear", { board })).kind === "ok",
  };
}

function refusalOf(code: RefusalCode): CommandRefused | Lost {
  if (code === "lost") return { kind: "lost" };
  // The limit that a command as a whole runs into is how fast they may come.
  return { kind: "refused", code, passing: code === "unavailable" || code === "too_many" };
}
