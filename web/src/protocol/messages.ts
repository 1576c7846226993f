import type { EndReason } from "../state/model";
import { isObject } from "./json";

/** Tells the page around the call page that the call is over. */
export const CALL_ENDED = "teleconsultation:ended";

/** Tells the page around the call page that its link opens the call no more. */
export const LINK_REFUSED = "teleconsultation:link-refused";

const END_REASONS: readonly EndReason[] = ["left", "time_up", "other_left", "closed", "removed"];

export interface EndedMessage {
  readonly type: typeof CALL_ENDED;
  readonly reason: EndReason;
}

/** Reads a message from the call page. Returns null if it is something else. A missing or unknown reason is "closed". */
export function parseEnded(data: unknown): EndedMessage | null {
  if (!isObject(data) || data.type !== CALL_ENDED) return null;
  return { type: CALL_ENDED, reason: END_REASONS.find((reason) => reason === data.reason) ?? "closed" };
}

export interface RefusedMessage {
  readonly type: typeof LINK_REFUSED;
}

export function isLinkRefused(data: unknown): boolean {
  return isObject(data) && data.type === LINK_REFUSED;
}
