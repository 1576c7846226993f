import { tokenIn } from "./protocol/link";

const KEY = "teleconsultation.access_token";

/**
 * Takes the token out of the address, where shoulders and histories see it, and keeps it for reloads of this tab.
 * Returns null if neither the address nor the tab has one.
 */
export function takeToken(): string | null {
  const token = tokenIn(location.pathname);
  if (token === null) return tabStorage()?.getItem(KEY) ?? null;
  tabStorage()?.setItem(KEY, token);
  history.replaceState(null, "", `/call${location.search}`);
  return token;
}

/** Private windows refuse storage to a page in another origin's frame. Then the token lives as long as the page does. */
function tabStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}
