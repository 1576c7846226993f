import { checkText, parseCheck } from "../protocol/kept-check";
import { tokenIn } from "../protocol/link";
import { parseStay, stayText } from "../protocol/stay";
import type { CheckFacts } from "../state/check";
import type { Stay } from "../state/model";

// What outlives a reload of this tab, and nothing else.

const TOKEN = "teleconsultation.access_token";
const STAY = "teleconsultation.stay";
const READ = "teleconsultation.read";
const CHECK = "teleconsultation.check";

/**
 * Takes the token out of the address, where shoulders and histories see it, and keeps it for reloads of this tab.
 * Returns null if neither the address nor the tab has one.
 */
export function takeToken(): string | null {
  const token = tokenIn(location.pathname);
  if (token === null) return remembered(TOKEN);
  remember(TOKEN, token);
  history.replaceState(null, "", `/call${location.search}`);
  return token;
}

/** Takes the stay that a page of this tab kept a moment ago, so that a reload comes back into the call. */
export function takeStay(token: string | null): Stay | null {
  const text = remembered(STAY);
  remember(STAY, null);
  return token === null ? null : parseStay(text, token, Date.now());
}

/** Keeps the stay of a page that goes away; null if it was not in a call. */
export function keepStay(token: string | null, stay: Stay | null): void {
  remember(STAY, token === null || stay === null ? null : stayText(stay, token, Date.now()));
}

/** The number of the newest message that was in view in this tab; 0 if none was, or for another link. */
export function takeRead(token: string | null): number {
  const [of, number] = (remembered(READ) ?? "").split(" ");
  return token !== null && of === token.slice(-8) ? Number(number) || 0 : 0;
}

export function keepRead(token: string | null, number: number): void {
  if (token !== null) remember(READ, `${token.slice(-8)} ${number}`);
}

/** What the check of an earlier page of this tab found, if that is not long ago. */
export function keptCheck(): ReturnType<typeof parseCheck> {
  return parseCheck(remembered(CHECK), Date.now());
}

/** Keeps what a page that goes away found out. */
export function keepCheck(check: CheckFacts): void {
  remember(CHECK, checkText(check, Date.now()));
}

// Storage is refused to a private window's frame of another origin, and where it is full. Then the token lives as long as the page.

function remembered(name: string): string | null {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
  }
}

/** Null forgets. */
function remember(name: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, text);
  } catch {
    // As above.
  }
}
