import { tokenIn } from "./protocol/link";
import { parseStay, stayText } from "./protocol/stay";
import type { Stay } from "./state/model";

// What outlives a reload of this tab, and nothing else.

const TOKEN = "teleconsultation.access_token";
const STAY = "teleconsultation.stay";

/**
 * Takes the token out of the address, where shoulders and histories see it, and keeps it for reloads of this tab.
 * Returns null if neither the address nor the tab has one.
 */
export function takeToken(): string | null {
  const token = tokenIn(location.pathname);
  if (token === null) return tabStorage()?.getItem(TOKEN) ?? null;
  tabStorage()?.setItem(TOKEN, token);
  history.replaceState(null, "", `/call${location.search}`);
  return token;
}

/** Takes the stay that a page of this tab kept a moment ago, so that a reload comes back into the call. */
export function takeStay(token: string | null): Stay | null {
  const text = tabStorage()?.getItem(STAY) ?? null;
  tabStorage()?.removeItem(STAY);
  return token === null ? null : parseStay(text, token, Date.now());
}

/** Keeps the stay of a page that goes away; null if it was not in a call. */
export function keepStay(token: string | null, stay: Stay | null): void {
  if (token === null || stay === null) tabStorage()?.removeItem(STAY);
  else tabStorage()?.setItem(STAY, stayText(stay, token, Date.now()));
}

/** Private windows refuse storage to a page in another origin's frame. Then the token lives as long as the page does. */
function tabStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
