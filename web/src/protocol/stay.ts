import type { Stay } from "../state/model";
import { amountIn, flagIn, isObject, objectIn, parseJson, textIn } from "./json";

/**
 * A page that comes back within this time was reloaded, or closed by mistake: it goes on where it was. Later the person may
 * not expect to be seen at once, so they see themselves first.
 */
const RELOAD_MS = 60_000;

/** Writes down a stay, for the same link only. `now` is this machine's milliseconds since the epoch. */
export function stayText(stay: Stay, token: string, now: number): string {
  return JSON.stringify({ ...stay, token, at: now });
}

/** Reads what `stayText` wrote. Returns null if it is of another link, too old or no such thing. */
export function parseStay(text: string | null, token: string, now: number): Stay | null {
  const value = parseJson(text ?? "");
  if (!isObject(value) || textIn(value, "token") !== token) return null;
  const age = now - (amountIn(value, "at") ?? 0);
  if (age < 0 || age > RELOAD_MS) return null;
  const chosen = objectIn(value, "chosen");
  return {
    microphone: flagIn(value, "microphone"),
    camera: flagIn(value, "camera"),
    chosen: { microphone: textIn(chosen, "microphone"), camera: textIn(chosen, "camera"), speaker: textIn(chosen, "speaker") },
  };
}
