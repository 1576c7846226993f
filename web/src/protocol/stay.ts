import type { Stay } from "../state/model";
import { amountIn, flagIn, isObject, objectIn, parseJson, textIn } from "./json";

/**
 * A page that comes back within this time was reloaded, or closed by mistake: it goes on where it was. Later the person may
 * not expect to be seen at once, so they see themselves first.
 */
const RELOAD_MS = 60_000;
/** Who waits to be let in has joined nothing: a phone that dropped the page for a while brings it back as it was. */
const WAITING_MS = 2 * 3_600_000;

/** Writes down a stay, for the same link only. `now` is this machine's milliseconds since the epoch. */
export function stayText(stay: Stay, token: string, now: number): string {
  return JSON.stringify({ ...stay, token, at: now });
}

/** Reads what `stayText` wrote. Returns null if it is of another link, too old or no such thing. */
export function parseStay(text: string | null, token: string, now: number): Stay | null {
  const value = parseJson(text ?? "");
  if (!isObject(value) || textIn(value, "token") !== token) return null;
  const age = now - (amountIn(value, "at") ?? 0);
  const waiting = flagIn(value, "waiting");
  if (age < 0 || age > (waiting ? WAITING_MS : RELOAD_MS)) return null;
  const chosen = objectIn(value, "chosen");
  return {
    waiting,
    microphone: flagIn(value, "microphone"),
    camera: flagIn(value, "camera"),
    chosen: { microphone: textIn(chosen, "microphone"), camera: textIn(chosen, "camera"), speaker: textIn(chosen, "speaker") },
  };
}
