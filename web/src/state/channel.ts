// The values of the call channel (docs/call-channel.md): what the protocol parses, and what the state of the room is made of.
import type { Quality } from "./model";

/** How far somebody has come. From `admitted` on they see what is in the room. */
export type Stage = "away" | "lobby" | "waiting" | "admitted" | "in";

export type DeviceVerdict = "ok" | "blocked" | "missing" | "busy" | "insecure" | "unsupported" | "failed" | "skipped";
export type NetworkVerdict = "good" | "weak" | "tcp_only" | "failed" | "skipped";

/** What somebody's check of devices and network found. */
export interface Check {
  readonly microphone: DeviceVerdict;
  readonly camera: DeviceVerdict;
  readonly speaker: DeviceVerdict;
  readonly network: NetworkVerdict;
  readonly uplinkKbps: number | null;
  readonly downlinkKbps: number | null;
  /** At most 60 characters, such as `Safari 17`. */
  readonly browser: string | null;
}

/** Somebody of the room, as the server tells of them. Moments are the server's, in milliseconds since the epoch. */
export interface Member {
  readonly userId: string;
  readonly name: string | null;
  readonly admin: boolean;
  readonly stage: Stage;
  /** Since when they are in their stage. */
  readonly since: number | null;
  /** Has knocked, and has not had the page open since then. */
  readonly awaySince: number | null;
  readonly handRaisedAt: number | null;
  /** Told to admins only. */
  readonly check: (Check & { readonly at: number }) | null;
  readonly quality: Quality;
}

export interface Message {
  /** Grows by one in a room, also across `waiting`. */
  readonly number: number;
  readonly from: string;
  /** Whose wait it belongs to: read by that person and the hosts. Null: for everybody in the call. */
  readonly waiting: string | null;
  readonly text: string;
  readonly at: number;
  /** Made by the page that wrote it, so that writing again is not writing twice. */
  readonly key: string | null;
}

export interface MessagePage {
  readonly messages: readonly Message[];
  /** There are older ones. */
  readonly more: boolean;
}

export type FileKind = "file" | "snapshot" | "board_image";

export interface RoomFile {
  readonly id: string;
  readonly from: string;
  readonly kind: FileKind;
  readonly name: string;
  readonly mediaType: string;
  /** In bytes. */
  readonly size: number;
  readonly at: number;
  /** Whose picture a snapshot shows. */
  readonly of: string | null;
}

export type PictureSource = "camera" | "screen_share";
export type MediaSource = "microphone" | PictureSource;

export interface Presented {
  readonly userId: string;
  readonly source: PictureSource;
}

/** An element of a whiteboard, as Excalidraw has it. Only that it is an object with a text `id` was checked. */
export type BoardElement = Readonly<Record<string, unknown>> & { readonly id: string };

/** Where a named pointer is: on whose picture, and where on it, from 0 to 1. Null: it is gone. */
export interface Pointer {
  readonly from: string;
  readonly userId: string;
  readonly source: PictureSource;
  readonly at: { readonly x: number; readonly y: number } | null;
}

/** All that somebody sees of the room who has just come, or whose stage has changed. */
export interface Welcome {
  readonly you: string;
  readonly stage: Stage;
  readonly serverTime: number;
  readonly room: string;
  readonly waitingRoom: boolean;
  readonly hostsPresent: boolean;
  readonly people: readonly Member[];
  /** Of all participants of the room, also of those who are away. Nobody's before the person is admitted. */
  readonly names: readonly { readonly userId: string; readonly name: string }[];
  readonly chat: MessagePage;
  readonly presented: Presented | null;
  readonly files: readonly RoomFile[];
  readonly boards: readonly string[];
}

/** Why a channel will not come back by itself. */
export type ChannelEnd = "invalid_link" | "room_closed" | "replaced";

/** What happens on the channel. */
export type ChannelEvent =
  | { readonly kind: "linkChanged"; readonly link: "connecting" | "open" | "broken" }
  | { readonly kind: "linkEnded"; readonly end: ChannelEnd }
  | { readonly kind: "welcome"; readonly welcome: Welcome }
  | { readonly kind: "stage"; readonly stage: Stage; readonly message: string | null; readonly removed: boolean }
  | { readonly kind: "person"; readonly person: Member }
  | { readonly kind: "personGone"; readonly userId: string }
  | { readonly kind: "hosts"; readonly present: boolean }
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "typing"; readonly userId: string; readonly waiting: string | null }
  | { readonly kind: "pointer"; readonly pointer: Pointer }
  | { readonly kind: "presented"; readonly presented: Presented | null }
  | { readonly kind: "muted"; readonly by: string; readonly source: MediaSource }
  | { readonly kind: "boardDrawn"; readonly board: string; readonly from: string; readonly elements: readonly BoardElement[] }
  | { readonly kind: "boardCursor"; readonly board: string; readonly from: string; readonly at: { readonly x: number; readonly y: number } | null }
  | { readonly kind: "boardCleared"; readonly board: string; readonly from: string }
  | { readonly kind: "file"; readonly file: RoomFile }
  | { readonly kind: "fileDeleted"; readonly fileId: string }
  | { readonly kind: "snapshotRequested"; readonly request: string; readonly by: string }
  | { readonly kind: "snapshotFailed"; readonly request: string; readonly reason: "no_camera" | "refused" | "failed" }
  | { readonly kind: "caption"; readonly from: string; readonly text: string; readonly final: boolean; readonly language: string | null };
