import type { BoardElement, Check, MediaSource, MessagePage, PictureSource } from "../../state/channel";
import type { Quality } from "../../state/model";
import { amountIn, textIn, type JsonObject } from "../json";
import { allOf, elementsIn, momentIn, parsePage } from "./parse";

/** Nothing but that it was done. */
type Done = Readonly<Record<string, never>>;

/** Whom a message is for: null is everybody in the call, and who waits writes to the hosts. */
interface To {
  readonly to: string | null;
}

/** What the page may ask for, and what it gets if it is done. */
export interface Commands {
  readonly check: { readonly members: Check; readonly ok: Done };
  readonly knock: { readonly members: Done; readonly ok: Done };
  readonly unknock: { readonly members: Done; readonly ok: Done };
  readonly admit: { readonly members: { readonly userId: string }; readonly ok: Done };
  readonly turn_away: { readonly members: { readonly userId: string; readonly message: string | null }; readonly ok: Done };
  readonly remove: { readonly members: { readonly userId: string }; readonly ok: Done };
  readonly mute: { readonly members: { readonly userId: string; readonly source: MediaSource }; readonly ok: Done };
  readonly hand: { readonly members: { readonly raised: boolean }; readonly ok: Done };
  readonly "chat.send": {
    readonly members: To & { readonly text: string; readonly key: string };
    readonly ok: { readonly number: number; readonly at: number };
  };
  readonly "chat.typing": { readonly members: To; readonly ok: Done };
  readonly "chat.older": { readonly members: { readonly before: number }; readonly ok: MessagePage };
  readonly point: {
    readonly members: { readonly userId: string; readonly source: PictureSource; readonly x: number | null; readonly y: number | null };
    readonly ok: Done;
  };
  /** Null ends it. */
  readonly present: { readonly members: { readonly source: PictureSource | null }; readonly ok: Done };
  readonly "board.open": { readonly members: { readonly board: string }; readonly ok: { readonly elements: readonly BoardElement[] } };
  readonly "board.draw": {
    readonly members: { readonly board: string; readonly elements: readonly BoardElement[] };
    readonly ok: {
      readonly kept: readonly string[];
      readonly refused: readonly { readonly id: string; readonly code: string }[];
      /** What the refused and the outdated ones really are. */
      readonly elements: readonly BoardElement[];
    };
  };
  /** Null: the cursor is gone. */
  readonly "board.cursor": {
    readonly members: { readonly board: string; readonly x: number | null; readonly y: number | null };
    readonly ok: Done;
  };
  readonly "board.clear": { readonly members: { readonly board: string }; readonly ok: Done };
  readonly "snapshot.request": { readonly members: { readonly userId: string }; readonly ok: { readonly request: string } };
  readonly "snapshot.failed": {
    readonly members: { readonly request: string; readonly reason: "no_camera" | "refused" | "failed" };
    readonly ok: Done;
  };
  readonly "file.link": {
    readonly members: { readonly fileId: string };
    readonly ok: { readonly url: string; readonly expiresAt: number | null };
  };
  readonly "file.delete": { readonly members: { readonly fileId: string }; readonly ok: Done };
  readonly caption: {
    readonly members: { readonly text: string; readonly final: boolean; readonly language: string };
    readonly ok: Done;
  };
  readonly quality: {
    readonly members: {
      readonly quality: Exclude<Quality, "unknown">;
      readonly roundTripMs: number | null;
      readonly lossPercent: number | null;
      readonly uplinkKbps: number | null;
      readonly downlinkKbps: number | null;
    };
    readonly ok: Done;
  };
  readonly rate: { readonly members: { readonly stars: number; readonly comment: string | null }; readonly ok: Done };
}

export type CommandName = keyof Commands;

/** Why a command was not carried out. `lost`: no answer came, so it may have been carried out or not. */
export type RefusalCode = "invalid" | "not_allowed" | "wrong_stage" | "unknown" | "too_many" | "unavailable" | "lost";

export type Reply<Ok> =
  | { readonly kind: "ok"; readonly ok: Ok }
  | { readonly kind: "refused"; readonly code: RefusalCode; readonly field: string | null };

const done = (): Done => ({});

/** Reads what comes with an `ok`. Null: not what was agreed. */
export const READ_OK: { readonly [Name in CommandName]: (ok: JsonObject) => Commands[Name]["ok"] | null } = {
  check: done,
  knock: done,
  unknock: done,
  admit: done,
  turn_away: done,
  remove: done,
  mute: done,
  hand: done,
  "chat.send": (ok) => {
    const [number, at] = [amountIn(ok, "number"), momentIn(ok, "at")];
    return number === null || at === null ? null : { number, at };
  },
  "chat.typing": done,
  "chat.older": parsePage,
  point: done,
  present: done,
  "board.open": (ok) => ({ elements: elementsIn(ok, "elements") }),
  "board.draw": (ok) => ({
    kept: allOf(ok.kept, (id) => (typeof id === "string" ? id : null)),
    refused: allOf(ok.refused, (item) => refusedElement(item)),
    elements: elementsIn(ok, "elements"),
  }),
  "board.cursor": done,
  "board.clear": done,
  "snapshot.request": (ok) => {
    const request = textIn(ok, "request");
    return request === null ? null : { request };
  },
  "snapshot.failed": done,
  "file.link": (ok) => {
    const url = textIn(ok, "url");
    // A path of our own, and nothing that a browser takes for another host's.
    return url === null || !/^\/(?![/\\])/.test(url) ? null : { url, expiresAt: momentIn(ok, "expires_at") };
  },
  "file.delete": done,
  caption: done,
  quality: done,
  rate: done,
};

function refusedElement(item: unknown): { id: string; code: string } | null {
  const value = typeof item === "object" && item !== null && !Array.isArray(item) ? { ...item } : null;
  const [id, code] = [textIn(value, "id"), textIn(value, "code")];
  return id === null || code === null ? null : { id, code };
}

/** Writes a command down: members have underscores on the wire, and those that are null are left out where that says the same. */
export function commandText(id: number, name: string, members: Readonly<Record<string, unknown>>): string {
  const wire: Record<string, unknown> = { id, do: name };
  for (const [member, value] of Object.entries(members)) {
    const optional = value === null && (member === "to" || member === "message" || member === "comment");
    if (!optional) wire[member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] = value;
  }
  return JSON.stringify(wire);
}
