import type { CallType, Entry, EnterProblem, Farewell, Tools } from "../state/model";
import { ask, type Fetch } from "./http";
import { amountIn, flagIn, isObject, objectIn, textIn, type JsonObject } from "./json";

export type EnterResult =
  | { readonly kind: "entered"; readonly entry: Entry }
  | { readonly kind: "refused"; readonly problem: EnterProblem };

const CALL_TYPES: readonly CallType[] = ["audio_only", "audio_upgradable", "audio_video"];

/** Asks who the link is for and how to connect. It has no effect besides a fresh media token, so it may be repeated. */
export async function enter(fetch: Fetch, accessToken: string, now: () => number): Promise<EnterResult> {
  const answer = await ask(fetch, "POST", "/call/enter", { access_token: accessToken });
  if (answer === null) return { kind: "refused", problem: "offline" };
  if (answer.status !== 200) return { kind: "refused", problem: problemOf(answer.status) };
  const at = now();
  // `Date` has whole seconds: half a second is the best guess of the part that it leaves out.
  const entry = parseEntry(answer.body, at, answer.date === null ? 0 : answer.date + 500 - at);
  return entry === null ? { kind: "refused", problem: "unavailable" } : { kind: "entered", entry };
}

function problemOf(status: number): EnterProblem {
  switch (status) {
    case 410:
      return "room_closed";
    case 429:
      return "busy";
    case 400:
    case 401:
    case 403:
    case 404:
    case 422:
      return "invalid_link";
    default:
      return "unavailable";
  }
}

/** Reads the body of a 200. Returns null if what is needed to connect is missing. */
export function parseEntry(body: unknown, at: number, clockOffsetMs: number): Entry | null {
  const livekit = objectIn(body, "livekit");
  const room = objectIn(body, "room");
  const participant = objectIn(body, "participant");
  const token = textIn(livekit, "token");
  if (!isObject(body) || room === null || participant === null) return null;
  // Whoever has not been admitted yet gets no way to the media engine; for all others its lack is a broken answer.
  if (token === null && body.admission !== "required") return null;
  const callType = CALL_TYPES.find((type) => type === room.call_type) ?? "audio_video";
  return {
    server: token === null ? null : { url: textIn(livekit, "url") ?? "", token },
    callType,
    live: flagIn(room, "live"),
    displayName: textIn(participant, "display_name"),
    language: textIn(participant, "language"),
    camera: callType !== "audio_only" && participant.camera !== false,
    userId: textIn(participant, "user_id") ?? "",
    admin: flagIn(participant, "is_admin"),
    tools: parseTools(objectIn(participant, "tools")),
    background: ownPath(textIn(room, "background")),
    farewell: farewellIn(room),
    at,
    clockOffsetMs,
  };
}

/** A path on the page's own origin, from which alone the page may draw an image that it sends on. */
function ownPath(path: string | null): string | null {
  return path !== null && /^\/[^/\\]/.test(path) ? path : null;
}

/** The server takes no longer wait (kaleyra-video-api.md §7.1). */
const FAREWELL_MS_MAX = 60_000;

/** Where to go after the call. Whatever is no plain web address is left out: nothing that a browser would run may become a link. */
function farewellIn(room: JsonObject): Farewell | null {
  const url = urlOf(textIn(room, "end_call_redirect_url") ?? "");
  const plain = url !== null && url.username === "" && url.password === "";
  if (!plain || (url.protocol !== "https:" && url.protocol !== "http:")) return null;
  return { url: url.href, host: url.host, waitMs: Math.min(amountIn(room, "end_call_redirect_timeout_ms") ?? 0, FAREWELL_MS_MAX) };
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function parseTools(tools: JsonObject | null): Tools {
  const whiteboard = objectIn(tools, "whiteboard");
  return {
    chat: flagIn(tools, "chat"),
    screenSharing: flagIn(tools, "screen_sharing"),
    fileUpload: flagIn(tools, "file_upload"),
    whiteboard: whiteboard && {
      addFile: flagIn(whiteboard, "wb_add_file"),
      cursor: flagIn(whiteboard, "wb_cursor"),
      text: flagIn(whiteboard, "wb_text"),
      shape: flagIn(whiteboard, "wb_shape"),
      pen: flagIn(whiteboard, "wb_pen"),
      eraser: flagIn(whiteboard, "wb_eraser"),
    },
    snapshot: flagIn(tools, "snapshot"),
    liveEdit: flagIn(tools, "live_edit"),
    livePointer: flagIn(tools, "live_pointer"),
    presentToEveryone: flagIn(tools, "present_to_everyone"),
  };
}
