import type { ChannelPort } from "../../room-shell";
import type { Translate } from "../../i18n/translate";
import type { BoardsEvent, BoardsState } from "../../state/boards";
import type { CallEvent } from "../../state/call";
import type { Person } from "../../state/model";
import type { Platform } from "../../state/platform";
import type { RoomState } from "../../state/room";
import type { ToolsEvent, ToolsState } from "../../state/tools";

/** What the view of the call needs besides the state. */
export interface Ports {
  readonly t: Translate;
  readonly send: (event: CallEvent) => void;
  /** Shows or plays a track in an element. Returns how to stop, or null if there is no such track. */
  readonly attach: (key: string, element: HTMLMediaElement) => (() => void) | null;
  /** The same in the small window. */
  readonly attachAbove: Ports["attach"];
  /** What is known of the room from the call channel. */
  readonly room: RoomState;
  readonly channel: ChannelPort;
  /** The tools, and how to use them. */
  readonly tools: ToolsState;
  readonly use: (event: ToolsEvent) => void;
  readonly sendFiles: (files: readonly File[]) => void;
  readonly boards: BoardsPort;
  /** For times and sizes. */
  readonly language: string;
  /** Something that nobody else makes. */
  readonly newKey: () => string;
  /** How loud the own microphone is, from 0 to 1. */
  readonly level: () => number;
  readonly platform: Platform;
  /** Where a link opens that leads away from here: in place of the page around this one where that is ours too. */
  readonly outward: "_self" | "_parent";
  /** The own link, to be opened in another browser; null if there is none. */
  readonly link: string | null;
  /** A part of the page does not come, although it is asked for again and again. */
  readonly incomplete: boolean;
  readonly reload: () => void;
  /** The browser can share a screen. */
  readonly screenSharing: boolean;
  /** The browser has a window above all others that can hold more than one picture. */
  readonly smallWindow: boolean;
}

/** The whiteboards. */
export interface BoardsPort {
  readonly state: BoardsState;
  readonly use: (event: BoardsEvent) => void;
  /** Shows a board in an element, once what draws it is there. `leave` takes the keyboard back to the page. Returns how to stop. */
  readonly mount: (host: HTMLElement, board: string, leave: () => void) => () => void;
}

export function nameOf(person: Pick<Person, "name" | "own">, t: Translate): string {
  if (person.own) return person.name === null ? t("person.you") : t("person.named_you", { name: person.name });
  return person.name ?? t("person.unnamed");
}

/** Returns up to two letters that stand for a person where there is no picture; empty if there is no name. */
export function initialsOf(name: string | null): string {
  const words = (name ?? "").split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  const first = words[0];
  const last = words.length > 1 ? words.at(-1) : undefined;
  return [first, last].map((word) => /^\p{L}\p{M}*/u.exec(word ?? "")?.[0] ?? "").join("").toLocaleUpperCase();
}

/** Returns somebody's name as the room knows it, also after they have left. */
export function memberName(userId: string, { tools, t }: Pick<Ports, "tools" | "t">): string {
  return tools.names.get(userId) ?? t("person.unnamed");
}

/** The time of the day, for a moment of the server. */
export function clockTime(at: number, { language }: Pick<Ports, "language">): string {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** A size in the unit that people know it by. */
export function sizeText(bytes: number, { language }: Pick<Ports, "language">): string {
  const [value, unit] = bytes < 1_000_000 ? [Math.max(1, Math.round(bytes / 1000)), "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(value);
}
