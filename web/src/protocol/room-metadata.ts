import type { RoomMetadata } from "../state/model";
import { amountIn, isObject, parseJson, textIn } from "./json";

const STATUSES: readonly RoomMetadata["status"][] = ["NOT_RUNNING", "RUNNING", "CLOSED"];

/** Reads the metadata that the server gives a room. Returns null if it is not ours. */
export function parseRoomMetadata(text: string | undefined): RoomMetadata | null {
  const value = parseJson(text ?? "");
  if (!isObject(value)) return null;
  const status = STATUSES.find((known) => known === value.status);
  if (status === undefined) return null;
  const runningSince = Date.parse(textIn(value, "running_since") ?? "");
  return {
    status,
    durationSeconds: amountIn(value, "duration_seconds"),
    usedSeconds: amountIn(value, "duration_used_seconds") ?? 0,
    runningSince: Number.isNaN(runningSince) ? null : runningSince,
  };
}
