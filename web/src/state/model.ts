// The values that the protocol parses and the state is made of. Plain data, no behaviour.
import type { Background } from "./background";

/** What a personal link wishes, in its query. */
export interface LinkWishes {
  readonly microphoneOff: boolean;
  readonly cameraOff: boolean;
  readonly displayName: string | null;
  readonly language: string | null;
  readonly theme: "light" | "dark" | null;
  readonly backCamera: boolean;
  /** Whether the own picture is the large one to begin with. */
  readonly ownLarge: boolean;
  /** What is to be behind the person unless they have chosen something else on this device. */
  readonly background: Background | null;
}

export type CallType = "audio_only" | "audio_upgradable" | "audio_video";

export interface ServerAccess {
  /** `""` means the page's own origin. */
  readonly url: string;
  readonly token: string;
}

/** The parts of the whiteboard, each by itself. */
export interface WhiteboardTools {
  readonly addFile: boolean;
  readonly cursor: boolean;
  readonly text: boolean;
  readonly shape: boolean;
  readonly pen: boolean;
  readonly eraser: boolean;
}

/** What the person may use in the call. The server decides; the page shows no button for what it would refuse. */
export interface Tools {
  readonly chat: boolean;
  readonly screenSharing: boolean;
  readonly fileUpload: boolean;
  readonly whiteboard: WhiteboardTools | null;
  readonly snapshot: boolean;
  readonly liveEdit: boolean;
  readonly livePointer: boolean;
  readonly presentToEveryone: boolean;
}

/** Where the company wants people to go after the call, and how long after it. */
export interface Farewell {
  /** An address of HTTP, without a user or a password. */
  readonly url: string;
  /** Its host, for people. */
  readonly host: string;
  readonly waitMs: number;
}

/** What `POST /call/enter` answers: who the link is for, and how to connect. */
export interface Entry {
  /** How to reach the media engine: null until the person is admitted. */
  readonly server: ServerAccess | null;
  readonly callType: CallType;
  /** A live room ends when fewer than two people remain. */
  readonly live: boolean;
  readonly displayName: string | null;
  readonly language: string | null;
  /** The person may send a picture: the call is not by voice only, and their role allows it. */
  readonly camera: boolean;
  readonly userId: string;
  /** The person may admit, mute and remove others. */
  readonly admin: boolean;
  readonly tools: Tools;
  /** The path of the company's image that people can have behind them; null: there is none. */
  readonly background: string | null;
  readonly farewell: Farewell | null;
  /** When the answer came, in this machine's milliseconds since the epoch. */
  readonly at: number;
  /** What to add to this machine's clock to get the server's, in milliseconds. */
  readonly clockOffsetMs: number;
}

/** Why entering failed, by what the person can do about it. */
export type EnterProblem = "invalid_link" | "room_closed" | "busy" | "unavailable" | "offline" | "no_token";

/** Room metadata, written by the server. */
export interface RoomMetadata {
  readonly status: "NOT_RUNNING" | "RUNNING" | "CLOSED";
  readonly durationSeconds: number | null;
  readonly usedSeconds: number;
  /** The server's milliseconds since the epoch; null while the time does not run. */
  readonly runningSince: number | null;
}

export type Quality = "good" | "weak" | "lost" | "unknown";

export interface Person {
  readonly id: string;
  readonly own: boolean;
  readonly name: string | null;
  readonly microphone: boolean;
  readonly speaking: boolean;
  readonly quality: Quality;
  /** Keys of tracks to attach; null when there is nothing to show. */
  readonly camera: string | null;
  /** The picture is held back because the connection is too weak for it. */
  readonly cameraHeld: boolean;
  readonly mirrored: boolean;
  readonly screen: string | null;
  /** Keys of sounds to play: voice and, perhaps, the sound of a shared screen. */
  readonly sounds: readonly string[];
}

export type People = ReadonlyMap<string, Person>;

export type DeviceKind = "microphone" | "camera" | "speaker";

export interface Device {
  readonly id: string;
  readonly label: string;
}

export type DeviceList = Readonly<Record<DeviceKind, readonly Device[]>>;

/** Why a device does not work, by what the person can do about it. */
export type DeviceProblem = "blocked" | "missing" | "busy" | "insecure" | "unsupported" | "failed";

/** How somebody was in a call, or waited to be let in, when their page went away. */
export interface Stay {
  readonly waiting: boolean;
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly chosen: Readonly<Record<DeviceKind, string | null>>;
}

/** Whether one of the own devices is sending, or wished to. */
export type Capture =
  | { readonly kind: "off" }
  | { readonly kind: "starting" }
  | { readonly kind: "on" }
  | { readonly kind: "failed"; readonly problem: DeviceProblem };

/** What camera and microphone do before the call. */
export interface PreviewReport {
  readonly microphone: Capture;
  readonly camera: Capture;
  /** Key of the picture to attach. */
  readonly picture: string | null;
  readonly mirrored: boolean;
  /** The devices in use. */
  readonly active: { readonly microphone: string | null; readonly camera: string | null };
}

/** Why the connection ended. */
export type DisconnectCause = "closed" | "elsewhere" | "removed" | "lost";

/** What happens to one stay in one room. */
export type ConnectionEvent =
  | { readonly kind: "connected"; readonly people: People }
  | { readonly kind: "connectFailed" }
  | { readonly kind: "peopleChanged"; readonly people: People }
  | { readonly kind: "metadataChanged"; readonly metadata: RoomMetadata | null }
  | { readonly kind: "reconnecting" }
  | { readonly kind: "reconnected" }
  | { readonly kind: "playbackChanged"; readonly blocked: boolean }
  | { readonly kind: "ownMediaChanged"; readonly microphone: boolean; readonly camera: boolean; readonly screen: boolean }
  | { readonly kind: "ownMediaFailed"; readonly device: DeviceKind | "screen"; readonly problem: DeviceProblem }
  /** A device that is on gives nothing, and restarting it did not help. */
  | { readonly kind: "ownMediaStopped"; readonly device: "microphone" | "camera" }
  /** It gives something again. `told`: the person knew that it did not. */
  | { readonly kind: "ownMediaMended"; readonly device: "microphone" | "camera"; readonly told: boolean }
  | { readonly kind: "lineSeen"; readonly weak: boolean; readonly uplinkKbps: number | null }
  | { readonly kind: "disconnected"; readonly cause: DisconnectCause };

/** Why the call is over for the person. */
export type EndReason = "left" | "time_up" | "other_left" | "closed" | "removed";

/** Why the person is out of the call: it is over for them, goes on in another window, or could not be taken up again. */
export type LeaveReason = EndReason | "elsewhere" | "lost";

/** What the server said about the teleconsultation, as far as the waiting page cares. */
export type LinkAnswer =
  | { readonly kind: "link"; readonly url: string }
  | { readonly kind: "pending" }
  | { readonly kind: "stranger" }
  | { readonly kind: "trouble" };
