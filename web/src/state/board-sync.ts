import { backoffMs } from "./backoff";
import { isNewer, type DrawnElement, type Elements } from "./board-element";

// Keeps one whiteboard equal on this page and on the server. The drawing itself holds the elements as the person sees them; this holds
// what the server is known to have, and what it has not been told yet. Newer wins, and what the server says wins over what it refused.

/** Elements are sent at most this often, in milliseconds: smooth to the eye of the others, and 20 commands a second at most. */
export const SEND_EVERY_MS = 50;
/** The server takes so many elements in one command. */
const BATCH_ELEMENTS = 200;
/** A frame has at most 512 kB; this leaves room for what is around the elements. */
const BATCH_BYTES = 450_000;
/** The server takes no element of more than 256 kB. */
export const ELEMENT_BYTES_MAX = 256_000;

/** `closed`: the server is not asked. `opening`: it was asked what is on the board. `denied`: it will not say. */
export type SyncLink = "closed" | "opening" | "open" | "denied";

export interface Sync {
  readonly link: SyncLink;
  /** What the server has, as far as it said. */
  readonly known: Elements;
  /** What the person changed and the server was not told. */
  readonly unsent: Elements;
  /** What is on its way to the server; null: nothing. One command at a time, so that answers are about what is next to them. */
  readonly sent: Elements | null;
  /** A moment to send was asked for. */
  readonly due: boolean;
  /** How often in a row the server had no time. */
  readonly failures: number;
  /** Elements of which the server refused the last change. Of those only what can be seen is tried again. */
  readonly refused: ReadonlySet<string>;
}

export type SyncEvent =
  /** The channel can be used. */
  | { readonly kind: "linked" }
  /** The channel is broken. Answers to what was sent will not come. */
  | { readonly kind: "unlinked" }
  /** The answer to `open`. */
  | { readonly kind: "opened"; readonly elements: readonly DrawnElement[] }
  /** The person changed these, as they are now. May tell of what did not change. */
  | { readonly kind: "changed"; readonly elements: readonly DrawnElement[] }
  | { readonly kind: "sendDue" }
  /** The answer to `draw`. `elements`: what the server has in place of what it did not keep. */
  | { readonly kind: "answered"; readonly kept: readonly string[]; readonly refused: readonly Refused[]; readonly elements: readonly DrawnElement[] }
  /** `draw` or `open` was refused as a whole. `passing`: another time it may work. */
  | { readonly kind: "failed"; readonly passing: boolean; readonly code: string }
  /** Somebody else changed these. */
  | { readonly kind: "drawn"; readonly elements: readonly DrawnElement[] }
  | { readonly kind: "cleared" };

export interface Refused {
  readonly id: string;
  readonly code: string;
}

export type SyncEffect =
  | { readonly kind: "open" }
  | { readonly kind: "draw"; readonly elements: readonly DrawnElement[] }
  | { readonly kind: "sendAfter"; readonly ms: number }
  | { readonly kind: "openAfter"; readonly ms: number }
  /** To be put into the drawing, whatever version it has there; `gone` are to be taken out. */
  | { readonly kind: "show"; readonly elements: readonly DrawnElement[]; readonly gone: readonly string[] }
  /** Something was put back; the person should know why. */
  | { readonly kind: "tellRefused"; readonly codes: readonly string[] };

export interface SyncStep {
  readonly state: Sync;
  readonly effects: readonly SyncEffect[];
}

const NOTHING: Elements = new Map();

export const syncStart: Sync = { link: "closed", known: NOTHING, unsent: NOTHING, sent: null, due: false, failures: 0, refused: new Set() };

/** Decides what is sent and what is shown. An event that does not concern a state changes nothing. */
export function syncStep(state: Sync, event: SyncEvent): SyncStep {
  switch (event.kind) {
    case "linked":
      return state.link === "closed" ? { state: { ...state, link: "opening" }, effects: [{ kind: "open" }] } : same(state);
    case "unlinked":
      return same({ ...state, link: "closed", unsent: withSentBack(state), sent: null, due: false, failures: 0 });
    case "opened":
      return state.link === "opening" ? opened(state, event.elements) : same(state);
    case "changed":
      return changed(state, event.elements);
    case "sendDue":
      return sendDue({ ...state, due: false });
    case "answered":
      return state.sent === null ? same(state) : answered(state, state.sent, event);
    case "failed":
      return failed(state, event);
    case "drawn":
      return drawn(state, event.elements);
    case "cleared":
      return cleared(state);
  }
}

/** What the person sees of an element: the newest of what this page knows. */
export function shownRevision(state: Sync, id: string): DrawnElement | undefined {
  return state.unsent.get(id) ?? newest(state.sent?.get(id), state.known.get(id));
}

function newest(a: DrawnElement | undefined, b: DrawnElement | undefined): DrawnElement | undefined {
  if (a === undefined) return b;
  return isNewer(a, b) ? a : b;
}

function same(state: Sync): SyncStep {
  return { state, effects: [] };
}

function show(elements: readonly DrawnElement[], gone: readonly string[]): readonly SyncEffect[] {
  return elements.length + gone.length === 0 ? [] : [{ kind: "show", elements, gone }];
}

/** What was on its way when it could not be known whether it arrived is to be sent again, unless it was changed since. */
function withSentBack(state: Sync): Elements {
  return state.sent === null ? state.unsent : new Map([...state.sent, ...state.unsent]);
}

function opened(state: Sync, elements: readonly DrawnElement[]): SyncStep {
  const known = new Map(elements.map((element) => [element.id, element]));
  const unsent = new Map([...state.unsent].filter(([id, element]) => isNewer(element, known.get(id))));
  // What the server once had and has no more was cleared away in the meantime; what was changed here since stays.
  const gone = [...state.known.keys()].filter((id) => !known.has(id) && !unsent.has(id));
  const shown = elements.filter((element) => !unsent.has(element.id));
  const next: Sync = { ...state, link: "open", known, unsent, failures: 0 };
  return scheduled(next, 0, show(shown, gone));
}

function changed(state: Sync, elements: readonly DrawnElement[]): SyncStep {
  const unsent = new Map(state.unsent);
  const older: DrawnElement[] = [];
  for (const element of elements) {
    const shown = shownRevision(state, element.id);
    if (shown !== undefined && isNewer(shown, element)) {
      // The drawing went on from a version that has been overtaken, for instance when somebody finished a text that another changed.
      if (!state.unsent.has(element.id)) older.push(shown);
    } else if (isNewer(element, shown) && isWorthSending(state, element, shown)) {
      unsent.set(element.id, element);
    }
  }
  for (const [id, element] of unsent) {
    // Drawn and taken back before anybody was told of it.
    if (element.isDeleted && !state.known.has(id) && state.sent?.has(id) !== true) unsent.delete(id);
  }
  return scheduled({ ...state, unsent }, SEND_EVERY_MS, show(older, []));
}

/**
 * The drawing gives elements another place in the pile by itself where two have the same. Of an element that this person may not
 * change that is refused, put back, and done by the drawing again, without end.
 */
function isWorthSending(state: Sync, element: DrawnElement, shown: DrawnElement | undefined): boolean {
  return shown === undefined || !state.refused.has(element.id) || contentOf(element) !== contentOf(shown);
}

function contentOf(element: DrawnElement): string {
  return JSON.stringify({ ...element, version: 0, versionNonce: 0, index: null, updated: 0 });
}

function scheduled(state: Sync, ms: number, effects: readonly SyncEffect[]): SyncStep {
  if (state.link !== "open" || state.sent !== null || state.due || state.unsent.size === 0) return { state, effects };
  return { state: { ...state, due: true }, effects: [...effects, { kind: "sendAfter", ms }] };
}

function sendDue(state: Sync): SyncStep {
  if (state.link !== "open" || state.sent !== null || state.unsent.size === 0) return same(state);
  const sent = new Map<string, DrawnElement>();
  const unsent = new Map(state.unsent);
  const tooLong: string[] = [];
  let bytes = 0;
  for (const [id, element] of state.unsent) {
    const own = bytesOf(element);
    if (own > ELEMENT_BYTES_MAX) {
      tooLong.push(id);
      unsent.delete(id);
      continue;
    }
    if (sent.size > 0 && (bytes + own > BATCH_BYTES || sent.size >= BATCH_ELEMENTS)) break;
    bytes += own;
    sent.set(id, element);
    unsent.delete(id);
  }
  const next: Sync = { ...state, unsent, sent: sent.size === 0 ? null : sent };
  const effects: SyncEffect[] = [...putBack(next, tooLong, ["too_long"])];
  if (sent.size > 0) effects.push({ kind: "draw", elements: [...sent.values()] });
  return { state: next, effects };
}

const encoder = new TextEncoder();

function bytesOf(element: DrawnElement): number {
  return encoder.encode(JSON.stringify(element)).length;
}

/** Shows what the server has in place of what it does not take. */
function putBack(state: Sync, ids: readonly string[], codes: readonly string[]): readonly SyncEffect[] {
  if (ids.length === 0) return [];
  const elements = ids.map((id) => state.known.get(id)).filter((element) => element !== undefined);
  return [...show(elements, ids.filter((id) => !state.known.has(id))), { kind: "tellRefused", codes: [...new Set(codes)] }];
}

function answered(state: Sync, sent: Elements, event: Extract<SyncEvent, { kind: "answered" }>): SyncStep {
  const known = new Map(state.known);
  for (const id of event.kept) {
    const element = sent.get(id);
    // Somebody else may have overtaken it before the answer came.
    if (element !== undefined && isNewer(element, known.get(id))) known.set(id, element);
  }
  for (const element of event.elements) known.set(element.id, element);
  const refusedIds = event.refused.map(({ id }) => id).filter((id) => sent.has(id));
  const told = new Set(event.elements.map(({ id }) => id));
  // Refused, and the server has nothing of that name.
  for (const id of refusedIds) if (!told.has(id)) known.delete(id);
  const unsent = new Map(state.unsent);
  // What was built on something refused would be refused as well.
  for (const id of refusedIds) unsent.delete(id);
  for (const element of event.elements) {
    const mine = unsent.get(element.id);
    if (mine !== undefined && !isNewer(mine, element)) unsent.delete(element.id);
  }
  const refused = new Set([...state.refused, ...refusedIds]);
  for (const id of event.kept) refused.delete(id);
  const next: Sync = { ...state, known, unsent, sent: null, failures: 0, refused };
  const overtaken = event.elements.filter(({ id }) => !unsent.has(id) && !refusedIds.includes(id));
  const codes = event.refused.map(({ code }) => code);
  return scheduled(next, SEND_EVERY_MS, [...show(overtaken, []), ...putBack(next, refusedIds, codes)]);
}

function failed(state: Sync, { passing, code }: Extract<SyncEvent, { kind: "failed" }>): SyncStep {
  const failures = state.failures + 1;
  if (state.link === "opening") {
    return passing ? { state: { ...state, failures }, effects: [{ kind: "openAfter", ms: backoffMs(failures) }] } : same({ ...state, link: "denied" });
  }
  if (state.sent === null) return same(state);
  if (passing) return scheduled({ ...state, unsent: withSentBack(state), sent: null, failures }, backoffMs(failures), []);
  const ids = [...state.sent.keys()];
  const unsent = new Map([...state.unsent].filter(([id]) => !ids.includes(id)));
  const next: Sync = { ...state, unsent, sent: null, failures, refused: new Set([...state.refused, ...ids]) };
  return scheduled(next, backoffMs(failures), putBack(next, ids, [code]));
}

function drawn(state: Sync, elements: readonly DrawnElement[]): SyncStep {
  // Before the board is open its answer is still to come, and has these too.
  if (state.link !== "open") return same(state);
  const known = new Map(state.known);
  const unsent = new Map(state.unsent);
  const shown: DrawnElement[] = [];
  for (const element of elements) {
    if (!isNewer(element, known.get(element.id))) continue;
    const before = shownRevision({ ...state, unsent }, element.id);
    known.set(element.id, element);
    if (!isNewer(element, before)) continue;
    unsent.delete(element.id);
    shown.push(element);
  }
  return { state: { ...state, known, unsent }, effects: show(shown, []) };
}

function cleared(state: Sync): SyncStep {
  if (state.link !== "open") return same(state);
  // What is on its way comes after the clearing, and so does what has not been sent.
  const gone = [...state.known.keys()].filter((id) => state.sent?.has(id) !== true && !state.unsent.has(id));
  const left = [...(state.sent?.values() ?? [])].filter(({ id }) => state.known.has(id) && !state.unsent.has(id));
  return { state: { ...state, known: NOTHING }, effects: show(left, gone) };
}
