import type { CallType, Entry, EnterProblem } from "../state/model";
import { ask, type Fetch } from "./http";
import { flagIn, isObject, objectIn, textIn } from "./json";

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
  const serverToken = textIn(livekit, "token");
  if (!isObject(body) || serverToken === null || room === null || participant === null) return null;
  const callType = CALL_TYPES.find((type) => type === room.call_type) ?? "audio_video";
  return {
    serverUrl: textIn(livekit, "url") ?? "",
    serverToken,
    callType,
    live: flagIn(room, "live"),
    displayName: textIn(participant, "display_name"),
    language: textIn(participant, "language"),
    camera: callType !== "audio_only" && participant.camera !== false,
    screenSharing: flagIn(objectIn(participant, "tools"), "screen_sharing"),
    at,
    clockOffsetMs,
  };
}
