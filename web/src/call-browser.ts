import type { BoardBrowser } from "./board-shell";
import type * as engineModule from "./engine";
import type { Media } from "./protocol/devices";
import type { MakeProcessor } from "./protocol/dressing";
import type { EndedMessage, RefusedMessage } from "./protocol/messages";
import type { NetworkCheckParts } from "./protocol/network-check";
import type { PermissionSource } from "./protocol/permissions";
import type { RoomBrowser } from "./room-shell";
import type { Background, BackgroundPhase, OwnBackground } from "./state/background";
import type { KeptBackground } from "./state/call";
import type { CheckFacts } from "./state/check";
import type { Stay } from "./state/model";

/** What the shell needs of the browser. */
export interface Browser extends RoomBrowser {
  readonly media: Media;
  readonly loadEngine: () => Promise<typeof engineModule>;
  readonly after: (ms: number, run: () => void) => void;
  readonly speakerChoice: boolean;
  readonly boards: Omit<BoardBrowser, "now" | "sending"> & { readonly loadTus: BoardBrowser["sending"]["load"] };
  /** Whether the page cannot be seen. */
  readonly hidden: () => boolean;
  readonly tellParent: (message: EndedMessage | RefusedMessage) => void;
  /** Leaves for another page. */
  readonly goTo: (url: string) => void;
  readonly photoOf: (track: MediaStreamTrack) => Promise<Blob | null>;
  readonly frameOf: (track: MediaStreamTrack) => Promise<Blob | null>;
  /** Writes down what is said, on this device only. */
  readonly speech: {
    readonly language: string;
    readonly possible: () => Promise<boolean>;
    readonly transcribe: (said: (text: string, final: boolean) => void, failed: () => void) => () => void;
  };
  /** What is put behind the person. `told` hears how far that is. */
  readonly backdrops: (told: (phase: BackgroundPhase) => void) => Backdrops;
  /** Keeps what was chosen for all calls to come on this device. */
  readonly keepBackground: (wish: Background) => void;
  /** The window above all others. `open` is to be called inside a click, and tells whether the window is there. */
  readonly smallWindow: { readonly open: () => Promise<boolean>; readonly close: () => void };
  readonly permissions: PermissionSource | null;
  /** The browser's name and version, for people. */
  readonly label: string | null;
  readonly testPicture: NetworkCheckParts["picture"];
  /** Plays a sound; whether it was heard the person says. */
  readonly playTestSound: (speaker: string | null) => Promise<boolean>;
}

export interface Backdrops {
  readonly wish: (background: OwnBackground) => void;
  readonly retry: () => void;
  readonly makeProcessor: MakeProcessor;
}

/** What an earlier page of this tab left, or of this device. */
export interface Kept {
  readonly stay: Stay | null;
  /** The newest message that was in view. */
  readonly readUpTo: number;
  readonly check: Pick<CheckFacts, "speaker" | "network"> | null;
  readonly background: KeptBackground;
}
