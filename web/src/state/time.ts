import type { RoomMetadata } from "./model";

/** The person is warned when this much time or less remains (contract: 30 s before the end). */
export const WARNING_MS = 30_000;

/** Returns how long the call may still last, in milliseconds, or null if its length is not limited. */
export function remainingMs(metadata: RoomMetadata | null, serverNow: number): number | null {
  if (metadata?.durationSeconds == null) return null;
  const running = metadata.runningSince === null ? 0 : Math.max(0, serverNow - metadata.runningSince);
  return Math.max(0, (metadata.durationSeconds - metadata.usedSeconds) * 1000 - running);
}

/** Returns whether the end is near and the time is running. */
export function endIsNear(metadata: RoomMetadata | null, serverNow: number): boolean {
  const remaining = remainingMs(metadata, serverNow);
  return metadata?.status === "RUNNING" && remaining !== null && remaining <= WARNING_MS;
}
