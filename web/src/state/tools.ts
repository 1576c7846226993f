import type { Answer, Unheard } from "./answers";
import type { CallEvent } from "./call";
import type { ChannelEvent, MediaSource, MessagePage, PictureSource } from "./channel";
import { NOTHING_LASTING, type Lasting } from "./lasting";
import { NO_ROOM, type RoomState } from "./room";
import type { Toast } from "./toasts";

/** The parts of the panel beside the call. */
export type Tab = "chat" | "people" | "files";

/** Why the server did not do something, by what the person can do about it. */
export type Refusal = "not_allowed" | "gone" | "too_many" | "not_done";

/** A message that is not in the room yet. */
export interface Outgoing {
  readonly key: string;
  readonly to: string | null;
  readonly text: string;
  /** Null: it is under way, or waits for the connection. */
  readonly refusal: Refusal | null;
}

export type UploadProblem = "too_large" | "type" | "no_space" | "too_many" | "not_allowed" | "expired" | "offline" | "failed";

/** A file on its way to the room. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly sent: number;
  readonly problem: UploadProblem | null;
  /** The request that it answers with a picture of the own room; null if it is anything else. */
  readonly plainFor: string | null;
}

/** What is asked once more before it is done. */
export type Confirm =
  | { readonly act: "remove"; readonly userId: string }
  | { readonly act: "turn_away"; readonly userId: string }
  | { readonly act: "mute"; readonly userId: string; readonly source: MediaSource }
  | { readonly act: "delete"; readonly fileId: string };

export interface Rating {
  readonly stars: number | null;
  readonly comment: string;
  /** `over`: it came too late. */
  readonly status: "open" | "sending" | "failed" | "over" | "thanked" | "commented";
}

/** A still that was asked for, until it comes. */
export interface Still {
  readonly userId: string;
  readonly request: string | null;
  readonly since: number;
}

/** The room, and what the person does with the tools in it. */
export interface ToolsState {
  readonly room: RoomState;
  /** What the person goes on with after the server has forgotten it. */
  readonly lasting: Lasting;
  /** Names of everybody who was seen, also of who has left since: what they wrote stays. */
  readonly names: ReadonlyMap<string, string>;
  readonly panel: Tab | null;
  /** The buttons that have no room on a phone are shown. */
  readonly more: boolean;
  /** The own pointer is shown to the others. */
  readonly pointing: boolean;
  /** What is being written, by whom it is for; "" is everybody. */
  readonly drafts: ReadonlyMap<string, string>;
  readonly outgoing: readonly Outgoing[];
  readonly typedAt: number;
  readonly loadingOlder: boolean;
  /** Number of the newest message that was in view. */
  readonly readUpTo: number;
  readonly uploads: readonly Upload[];
  readonly confirm: Confirm | null;
  /** To who is at the door. */
  readonly unheard: readonly Unheard[];
  readonly stills: readonly Still[];
  /** A picture of the own camera has just been taken, and by whom. */
  readonly photo: { readonly by: string; readonly until: number } | null;
  readonly rating: Rating;
  readonly toasts: readonly Toast[];
}

export type ToolsEvent =
  | { readonly kind: "channel"; readonly event: ChannelEvent }
  | { readonly kind: "tabWished"; readonly tab: Tab | null }
  | { readonly kind: "moreWished"; readonly on: boolean }
  | { readonly kind: "pointingWished"; readonly on: boolean }
  | { readonly kind: "drafted"; readonly to: string | null; readonly text: string }
  | { readonly kind: "sendWished"; readonly to: string | null; readonly key: string }
  | { readonly kind: "resendWished"; readonly key: string }
  | { readonly kind: "dropWished"; readonly key: string }
  | { readonly kind: "sent"; readonly key: string; readonly number: number; readonly at: number }
  | { readonly kind: "notSent"; readonly key: string; readonly refusal: Refusal | null }
  | { readonly kind: "olderWished" }
  | { readonly kind: "olderCame"; readonly page: MessagePage | null }
  | { readonly kind: "handWished"; readonly raised: boolean }
  | { readonly kind: "admitWished"; readonly userId: string }
  /** The connection broke before the server said that it was done. */
  | { readonly kind: "answerLost"; readonly answer: Answer }
  /** The server did it, or said why not. */
  | { readonly kind: "answerHeard"; readonly userId: string }
  | { readonly kind: "confirmWished"; readonly confirm: Confirm | null }
  | { readonly kind: "confirmed" }
  | { readonly kind: "presentWished"; readonly source: PictureSource | null }
  | { readonly kind: "stillWished"; readonly userId: string }
  | { readonly kind: "stillAsked"; readonly userId: string; readonly request: string | null }
  /** The frame in place of the still did not come about. */
  | { readonly kind: "stillFailed"; readonly userId: string }
  | { readonly kind: "uploadAdded"; readonly id: string; readonly name: string; readonly size: number; readonly plainFor: string | null }
  | { readonly kind: "uploadMoved"; readonly id: string; readonly sent: number }
  /** From now on nobody may see what is behind the person. */
  | { readonly kind: "roomHidden" }
  | { readonly kind: "uploadFailed"; readonly id: string; readonly problem: UploadProblem }
  | { readonly kind: "uploadDone"; readonly id: string }
  | { readonly kind: "uploadCancelWished"; readonly id: string }
  | { readonly kind: "uploadAgainWished"; readonly id: string }
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | { readonly kind: "rateWished"; readonly stars: number }
  | { readonly kind: "commentDrafted"; readonly text: string }
  | { readonly kind: "commentWished" }
  | { readonly kind: "rated"; readonly result: "done" | "over" | "failed" }
  | { readonly kind: "tick" };

export type ToolsEffect =
  | { readonly kind: "send"; readonly to: string | null; readonly text: string; readonly key: string }
  | { readonly kind: "typing"; readonly to: string | null }
  | { readonly kind: "older"; readonly before: number }
  | { readonly kind: "hand"; readonly raised: boolean }
  | Answer
  | { readonly kind: "remove"; readonly userId: string }
  | { readonly kind: "mute"; readonly userId: string; readonly source: MediaSource }
  | { readonly kind: "present"; readonly source: PictureSource | null }
  /** Asks somebody's page for a still. */
  | { readonly kind: "askStill"; readonly userId: string }
  /** Takes a still of the own camera, which somebody asked for. */
  | { readonly kind: "takeStill"; readonly request: string }
  /** Tells who asked for it that there will be none. */
  | { readonly kind: "tellStillFailed"; readonly request: string; readonly reason: "refused" }
  /** Takes a frame of the picture that comes from somebody, because their page sent no still. */
  | { readonly kind: "takeFrame"; readonly userId: string }
  | { readonly kind: "deleteFile"; readonly fileId: string }
  | { readonly kind: "cancelUpload" | "uploadAgain"; readonly id: string }
  | { readonly kind: "rate"; readonly stars: number; readonly comment: string | null }
  | { readonly kind: "keepRead"; readonly number: number }
  | { readonly kind: "chime" }
  | { readonly kind: "tellCall"; readonly event: CallEvent };

export interface ToolsStep {
  readonly state: ToolsState;
  readonly effects: readonly ToolsEffect[];
}

/** `readUpTo` is what a page of this tab had in view before it was reloaded. */
export function toolsStart(readUpTo: number): ToolsState {
  return {
    room: NO_ROOM,
    lasting: NOTHING_LASTING,
    names: new Map(),
    panel: null,
    more: false,
    pointing: false,
    drafts: new Map(),
    outgoing: [],
    typedAt: 0,
    loadingOlder: false,
    readUpTo,
    uploads: [],
    confirm: null,
    unheard: [],
    stills: [],
    photo: null,
    rating: { stars: null, comment: "", status: "open" },
    toasts: [],
  };
}

/** How many messages for everybody came from others and were not in view yet. */
export function unreadCount({ room, readUpTo }: ToolsState): number {
  return room.messages.filter((message) => message.number > readUpTo && message.waiting === null && message.from !== room.you).length;
}

/** Whether one's own hand is up. */
export function handIsUp({ room }: ToolsState): boolean {
  return room.you !== null && room.people.get(room.you)?.handRaisedAt != null;
}

/** The name of somebody, also of who has left; null if it was never told. */
export function nameIn(state: ToolsState, userId: string): string | null {
  return state.names.get(userId) ?? null;
}
