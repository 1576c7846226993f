import type {
  BoardElement,
  ChannelEvent,
  Check,
  DeviceVerdict,
  FileKind,
  MediaSource,
  Member,
  Message,
  MessagePage,
  NetworkVerdict,
  PictureSource,
  Presented,
  RoomFile,
  Stage,
  Welcome,
} from "../../state/channel";
import type { Quality } from "../../state/model";
import { amountIn, flagIn, isObject, objectIn, textIn, type JsonObject } from "../json";

// Reads what the server sends. What is not as agreed is left out, as if it had not been sent: a newer server may know more.

const STAGES: readonly Stage[] = ["away", "lobby", "waiting", "admitted", "in"];
const QUALITIES: readonly Quality[] = ["good", "weak", "lost", "unknown"];
const DEVICE_VERDICTS: readonly DeviceVerdict[] = ["ok", "blocked", "missing", "busy", "insecure", "unsupported", "failed", "skipped"];
const NETWORK_VERDICTS: readonly NetworkVerdict[] = ["good", "weak", "tcp_only", "failed", "skipped"];
const FILE_KINDS: readonly FileKind[] = ["file", "snapshot", "board_image"];
const PICTURES: readonly PictureSource[] = ["camera", "screen_share"];
const SOURCES: readonly MediaSource[] = ["microphone", ...PICTURES];
const SNAPSHOT_FAILURES = ["no_camera", "refused", "failed"] as const;

/** Reads one event. Returns null if it is unknown, or not what its name says. */
export function parseEvent(value: JsonObject): ChannelEvent | null {
  switch (value.event) {
    case "welcome": {
      const welcome = parseWelcome(value);
      return welcome && { kind: "welcome", welcome };
    }
    case "stage": {
      const stage = oneOf(STAGES, value.stage);
      return stage && { kind: "stage", stage, message: textIn(value, "message"), removed: flagIn(value, "removed") };
    }
    case "person": {
      const person = parseMember(value.person);
      return person && { kind: "person", person };
    }
    case "people.gone": {
      const userId = textIn(value, "user_id");
      return userId === null ? null : { kind: "personGone", userId };
    }
    case "hosts":
      return { kind: "hosts", present: flagIn(value, "present") };
    case "chat.message": {
      const message = parseMessage(value.message);
      return message && { kind: "message", message };
    }
    case "chat.typing": {
      const userId = textIn(value, "user_id");
      return userId === null ? null : { kind: "typing", userId, waiting: textIn(value, "waiting") };
    }
    case "pointer": {
      const [from, userId, source] = [textIn(value, "from"), textIn(value, "user_id"), oneOf(PICTURES, value.source)];
      if (from === null || userId === null || source === null) return null;
      return { kind: "pointer", pointer: { from, userId, source, at: placeIn(value) } };
    }
    case "presented":
      return { kind: "presented", presented: parsePresented(value) };
    case "muted": {
      const [by, source] = [textIn(value, "by"), oneOf(SOURCES, value.source)];
      return by === null || source === null ? null : { kind: "muted", by, source };
    }
    case "board.drawn": {
      const [board, from] = [textIn(value, "board"), textIn(value, "from")];
      return board === null || from === null ? null : { kind: "boardDrawn", board, from, elements: elementsIn(value, "elements") };
    }
    case "board.cursor": {
      const [board, from] = [textIn(value, "board"), textIn(value, "from")];
      return board === null || from === null ? null : { kind: "boardCursor", board, from, at: placeIn(value) };
    }
    case "board.cleared": {
      const [board, from] = [textIn(value, "board"), textIn(value, "from")];
      return board === null || from === null ? null : { kind: "boardCleared", board, from };
    }
    case "file": {
      const file = parseFile(value.file);
      return file && { kind: "file", file };
    }
    case "file.deleted": {
      const fileId = textIn(value, "file_id");
      return fileId === null ? null : { kind: "fileDeleted", fileId };
    }
    case "snapshot.requested": {
      const [request, by] = [textIn(value, "request"), textIn(value, "by")];
      return request === null || by === null ? null : { kind: "snapshotRequested", request, by };
    }
    case "snapshot.failed": {
      const request = textIn(value, "request");
      return request === null ? null : { kind: "snapshotFailed", request, reason: oneOf(SNAPSHOT_FAILURES, value.reason) ?? "failed" };
    }
    case "caption": {
      const [from, text] = [textIn(value, "from"), textIn(value, "text")];
      if (from === null || text === null) return null;
      return { kind: "caption", from, text, final: flagIn(value, "final"), language: textIn(value, "language") };
    }
    default:
      return null;
  }
}

function parseWelcome(value: JsonObject): Welcome | null {
  const [you, room, stage] = [textIn(value, "you"), textIn(value, "room"), oneOf(STAGES, value.stage)];
  if (you === null || room === null || stage === null) return null;
  return {
    you,
    stage,
    serverTime: momentIn(value, "server_time") ?? 0,
    room,
    waitingRoom: flagIn(value, "waiting_room"),
    hostsPresent: flagIn(value, "hosts_present"),
    people: allOf(value.people, parseMember),
    names: allOf(value.names, parseName),
    chat: parsePage(objectIn(value, "chat")),
    presented: parsePresented(objectIn(value, "presented")),
    files: allOf(value.files, parseFile),
    boards: allOf(value.boards, (board) => (typeof board === "string" ? board : null)),
  };
}

export function parsePage(value: JsonObject | null): MessagePage {
  return { messages: allOf(value?.messages, parseMessage), more: flagIn(value, "more") };
}

function parseName(value: unknown): Welcome["names"][number] | null {
  const named = isObject(value) ? value : null;
  const [userId, name] = [textIn(named, "user_id"), textIn(named, "display_name")];
  return userId === null || name === null ? null : { userId, name };
}

function parseMember(value: unknown): Member | null {
  if (!isObject(value)) return null;
  const [userId, stage] = [textIn(value, "user_id"), oneOf(STAGES, value.stage)];
  if (userId === null || stage === null) return null;
  return {
    userId,
    name: textIn(value, "display_name"),
    admin: flagIn(value, "is_admin"),
    stage,
    since: momentIn(value, "since"),
    awaySince: momentIn(value, "away_since"),
    handRaisedAt: momentIn(value, "hand_raised_at"),
    check: parseCheck(objectIn(value, "check")),
    quality: oneOf(QUALITIES, value.quality) ?? "unknown",
  };
}

function parseCheck(value: JsonObject | null): (Check & { at: number }) | null {
  if (value === null) return null;
  const device = (name: string): DeviceVerdict => oneOf(DEVICE_VERDICTS, value[name]) ?? "skipped";
  return {
    microphone: device("microphone"),
    camera: device("camera"),
    speaker: device("speaker"),
    network: oneOf(NETWORK_VERDICTS, value.network) ?? "skipped",
    uplinkKbps: amountIn(value, "uplink_kbps"),
    downlinkKbps: amountIn(value, "downlink_kbps"),
    browser: textIn(value, "browser"),
    at: momentIn(value, "at") ?? 0,
  };
}

function parseMessage(value: unknown): Message | null {
  if (!isObject(value)) return null;
  const [number, from, text] = [amountIn(value, "number"), textIn(value, "from"), textIn(value, "text")];
  if (number === null || from === null || text === null) return null;
  return { number, from, waiting: textIn(value, "waiting"), text, at: momentIn(value, "at") ?? 0, key: textIn(value, "key") };
}

function parseFile(value: unknown): RoomFile | null {
  if (!isObject(value)) return null;
  const [id, from, kind] = [textIn(value, "file_id"), textIn(value, "from"), oneOf(FILE_KINDS, value.kind)];
  if (id === null || from === null || kind === null) return null;
  return {
    id,
    from,
    kind,
    name: textIn(value, "name") ?? "",
    mediaType: textIn(value, "media_type") ?? "application/octet-stream",
    size: amountIn(value, "size") ?? 0,
    at: momentIn(value, "at") ?? 0,
    of: textIn(value, "of"),
  };
}

function parsePresented(value: JsonObject | null): Presented | null {
  const [userId, source] = [textIn(value, "user_id"), oneOf(PICTURES, value?.source)];
  return userId === null || source === null ? null : { userId, source };
}

/** The elements that are objects with an id. */
export function elementsIn(value: JsonObject, name: string): readonly BoardElement[] {
  return allOf(value[name], (element) => {
    const id = isObject(element) ? element.id : null;
    return isObject(element) && typeof id === "string" ? { ...element, id } : null;
  });
}

export function allOf<T>(value: unknown, parse: (item: unknown) => T | null): readonly T[] {
  return Array.isArray(value) ? value.map(parse).filter((item) => item !== null) : [];
}

export function oneOf<T>(known: readonly T[], value: unknown): T | null {
  return known.find((each) => each === value) ?? null;
}

/** A moment in the server's milliseconds since the epoch. */
export function momentIn(value: JsonObject, name: string): number | null {
  const moment = Date.parse(textIn(value, name) ?? "");
  return Number.isNaN(moment) ? null : moment;
}

function placeIn(value: JsonObject): { x: number; y: number } | null {
  const { x, y } = value;
  return typeof x === "number" && typeof y === "number" ? { x, y } : null;
}
