import type { ChannelPort } from "../../room-shell";
import type { Translate } from "../../i18n/translate";
import type { CallEvent } from "../../state/call";
import type { Person } from "../../state/model";
import type { RoomState } from "../../state/room";

/** What the view of the call needs besides the state. */
export interface Ports {
  readonly t: Translate;
  readonly send: (event: CallEvent) => void;
  /** Shows or plays a track in an element. Returns how to stop, or null if there is no such track. */
  readonly attach: (key: string, element: HTMLMediaElement) => (() => void) | null;
  /** What is known of the room from the call channel. */
  readonly room: RoomState;
  readonly channel: ChannelPort;
  /** How loud the own microphone is, from 0 to 1. */
  readonly level: () => number;
  /** The browser can share a screen. */
  readonly screenSharing: boolean;
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
