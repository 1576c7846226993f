import { bookingOf, draftOf, newDraft, problemsOf, refusalAt, withField, withPerson, withoutPerson, type Booking, type Draft, type Problems } from "./draft";
import type { Answered, CallReport, Consultation, Page, Rules } from "./model";
import type { Filter } from "./status";

/** How often the list is read anew although nothing was told: what other instances of the service change is not told. */
const RELOAD_MS = 60_000;
const RETRY_MS = 3_000;
const DAY_MS = 24 * 3_600_000;

/** What lies over the list. */
export type Over =
  | { readonly kind: "form"; readonly draft: Draft; readonly problems: Problems; readonly busy: boolean }
  | { readonly kind: "cancel"; readonly of: Consultation; readonly busy: boolean; readonly failed: boolean };

export type NoticeKey = "notice.booked" | "notice.changed" | "notice.cancelled" | "notice.copied" | "notice.no_calendar";
/** `link`: the browser does not let the page copy, so the reader does it. */
export type Notice = { readonly kind: "said"; readonly key: NoticeKey; readonly count: number } | { readonly kind: "link"; readonly link: string; readonly name: string };

export interface Open {
  readonly kind: "open";
  readonly key: string;
  readonly rules: Rules;
  readonly now: number;
  /** The first day that is listed, at its beginning; null: today. */
  readonly day: number | null;
  readonly list: readonly Consultation[] | null;
  readonly next: string | null;
  readonly unreadable: number;
  readonly live: boolean;
  readonly loading: boolean;
  readonly loadedAt: number;
  /** Being read anew one by one; true: it changed once more meanwhile. */
  readonly fetching: ReadonlyMap<string, boolean>;
  readonly filter: Filter;
  readonly search: string;
  readonly over: Over | null;
  readonly notice: Notice | null;
  /** Of which it is shown how its calls were; `report` is null until it is there. */
  readonly quality: { readonly id: string; readonly report: CallReport | null; readonly failed: boolean } | null;
}

export type DeskState =
  | { readonly kind: "locked"; readonly wrong: boolean }
  | { readonly kind: "opening"; readonly key: string; readonly failures: number }
  | Open;

export type DeskEvent =
  | { readonly kind: "keyGiven"; readonly key: string }
  | { readonly kind: "lockWished" }
  | { readonly kind: "rules"; readonly answer: Answered<Rules>; readonly now: number }
  | { readonly kind: "listed"; readonly answer: Answered<Page>; readonly day: number | null; readonly more: boolean; readonly now: number }
  | { readonly kind: "one"; readonly id: string; readonly answer: Answered<Consultation> }
  | { readonly kind: "told"; readonly what: "ready" | "reload" | { readonly id: string; readonly cancelled: boolean } }
  | { readonly kind: "streamLost"; readonly locked: boolean }
  | { readonly kind: "ticked"; readonly now: number }
  | { readonly kind: "filterChosen"; readonly filter: Filter }
  | { readonly kind: "searched"; readonly search: string }
  | { readonly kind: "dayChosen"; readonly day: number | null }
  | { readonly kind: "moreWished" }
  | { readonly kind: "formWished"; readonly id: string | null }
  | { readonly kind: "edited"; readonly field: "date" | "time" | "minutes"; readonly value: string }
  | { readonly kind: "personEdited"; readonly row: number; readonly field: "id" | "name" | "group" | "language"; readonly value: string }
  | { readonly kind: "personAdded" }
  | { readonly kind: "personRemoved"; readonly row: number }
  | { readonly kind: "submitted"; readonly newIds: readonly string[] }
  | { readonly kind: "submitAnswered"; readonly answer: Answered<string | null> }
  | { readonly kind: "cancelWished"; readonly id: string }
  | { readonly kind: "cancelConfirmed" }
  | { readonly kind: "cancelAnswered"; readonly id: string; readonly answer: Answered<null> }
  | { readonly kind: "closed" }
  | { readonly kind: "copyWished"; readonly link: string; readonly name: string }
  | { readonly kind: "copied"; readonly done: boolean; readonly link: string; readonly name: string }
  | { readonly kind: "calendarWished"; readonly id: string; readonly person: string }
  | { readonly kind: "calendarAnswered"; readonly done: boolean }
  | { readonly kind: "noticeClosed" }
  | { readonly kind: "qualityToggled"; readonly id: string }
  | { readonly kind: "qualityAnswered"; readonly id: string; readonly answer: Answered<CallReport> };

export type DeskEffect =
  | { readonly kind: "keep"; readonly key: string | null }
  | { readonly kind: "readRules"; readonly key: string; readonly afterMs: number }
  | { readonly kind: "watch"; readonly key: string; readonly afterMs: number }
  | { readonly kind: "stopWatching" }
  | { readonly kind: "list"; readonly key: string; readonly day: number | null; readonly from: number; readonly after: string | null }
  | { readonly kind: "readOne"; readonly key: string; readonly id: string }
  | { readonly kind: "book"; readonly booking: Booking; readonly lookedUp: boolean }
  | { readonly kind: "change"; readonly id: string; readonly booking: Booking; readonly lookedUp: boolean }
  | { readonly kind: "cancel"; readonly id: string }
  | { readonly kind: "copy"; readonly link: string; readonly name: string }
  | { readonly kind: "calendar"; readonly key: string; readonly id: string; readonly person: string }
  | { readonly kind: "readQuality"; readonly key: string; readonly id: string };

export interface DeskStep {
  readonly state: DeskState;
  readonly effects: readonly DeskEffect[];
}

const only = (state: DeskState, ...effects: readonly DeskEffect[]): DeskStep => ({ state, effects });

/** Where the desk begins: with the key that the address or the tab had, if there is one. */
export function deskStart(key: string | null): DeskStep {
  return key === null ? only({ kind: "locked", wrong: false }) : opening(key);
}

function opening(key: string): DeskStep {
  return only({ kind: "opening", key, failures: 0 }, { kind: "keep", key }, { kind: "readRules", key, afterMs: 0 });
}

function locked(wrong: boolean): DeskStep {
  return only({ kind: "locked", wrong }, { kind: "stopWatching" }, { kind: "keep", key: null });
}

/** Decides what the desk shows and does next. Events that do not concern a state change nothing. */
export function stepDesk(state: DeskState, event: DeskEvent): DeskStep {
  switch (state.kind) {
    case "locked":
      return event.kind === "keyGiven" ? opening(event.key) : only(state);
    case "opening":
      return event.kind === "rules" ? rulesRead(state, event.answer, event.now) : only(state);
    case "open":
      return stepOpen(state, event);
  }
}

function rulesRead(state: { kind: "opening"; key: string; failures: number }, answer: Answered<Rules>, now: number): DeskStep {
  const { key } = state;
  switch (answer.kind) {
    case "ok":
      return only(
        { kind: "open", key, rules: answer.value, now, day: null, list: null, next: null, unreadable: 0, live: false, loading: false, loadedAt: 0, fetching: new Map(), filter: "all", search: "", over: null, notice: null, quality: null },
        // The list is read once everything that changes is told, so that nothing falls in between.
        { kind: "watch", key, afterMs: 0 },
      );
    case "locked":
      return locked(true);
    case "gone":
    case "refused":
    case "trouble":
      return only({ ...state, failures: state.failures + 1 }, { kind: "readRules", key, afterMs: RETRY_MS });
  }
}

const startOfToday = (now: number): number => {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
};

function reload(state: Open, after: string | null = null): DeskStep {
  // What began yesterday may still be going on.
  const from = state.day ?? startOfToday(state.now) - DAY_MS / 4;
  return only({ ...state, loading: true }, { kind: "list", key: state.key, day: state.day, from, after });
}

function stepOpen(state: Open, event: DeskEvent): DeskStep {
  switch (event.kind) {
    case "keyGiven":
    case "rules":
      return only(state);
    case "lockWished":
      return locked(false);
    case "listed":
      return listed(state, event);
    case "one":
      return oneRead(state, event.id, event.answer);
    case "told":
      return told(state, event.what);
    case "streamLost":
      return event.locked ? locked(true) : only({ ...state, live: false }, { kind: "watch", key: state.key, afterMs: RETRY_MS });
    case "ticked": {
      const ticked = { ...state, now: event.now };
      return !state.loading && state.list !== null && event.now - state.loadedAt >= RELOAD_MS ? reload(ticked) : only(ticked);
    }
    case "filterChosen":
      return only({ ...state, filter: event.filter });
    case "searched":
      return only({ ...state, search: event.search });
    case "dayChosen":
      return event.day === state.day ? only(state) : reload({ ...state, day: event.day, list: null, next: null });
    case "moreWished":
      return state.next === null || state.loading ? only(state) : reload(state, state.next);
    case "copyWished":
      return only(state, { kind: "copy", link: event.link, name: event.name });
    case "copied":
      return only({ ...state, notice: event.done ? said(state, "notice.copied") : { kind: "link", link: event.link, name: event.name } });
    case "calendarWished":
      return only(state, { kind: "calendar", key: state.key, id: event.id, person: event.person });
    case "calendarAnswered":
      return event.done ? only(state) : only({ ...state, notice: said(state, "notice.no_calendar") });
    case "noticeClosed":
      return only({ ...state, notice: null });
    case "qualityToggled":
      return state.quality?.id === event.id
        ? only({ ...state, quality: null })
        : only({ ...state, quality: { id: event.id, report: null, failed: false } }, { kind: "readQuality", key: state.key, id: event.id });
    case "qualityAnswered": {
      const { answer } = event;
      if (answer.kind === "locked") return locked(true);
      if (state.quality?.id !== event.id) return only(state);
      return only({ ...state, quality: { id: event.id, report: answer.kind === "ok" ? answer.value : null, failed: answer.kind !== "ok" } });
    }
    case "formWished":
    case "edited":
    case "personEdited":
    case "personAdded":
    case "personRemoved":
    case "submitted":
    case "submitAnswered":
    case "cancelWished":
    case "cancelConfirmed":
    case "cancelAnswered":
    case "closed":
      return stepOver(state, event);
  }
}

/** The same words again are another notice: a screen reader says them again. */
function said(state: Open, key: NoticeKey): Notice {
  return { kind: "said", key, count: state.notice?.kind === "said" ? state.notice.count + 1 : 0 };
}

function listed(state: Open, { answer, day, more, now }: Extract<DeskEvent, { kind: "listed" }>): DeskStep {
  if (answer.kind === "locked") return locked(true);
  // The answer to a question that is not asked any more.
  if (day !== state.day) return only(state);
  const loaded = { ...state, loading: false, now, loadedAt: now };
  if (answer.kind !== "ok") return only(loaded);
  const { consultations, next, unreadable } = answer.value;
  const listed = state.list ?? [];
  const last = consultations.at(-1);
  // The first page read anew must not take away those after it, which were read page by page.
  const beyond = next === null || last === undefined ? [] : listed.filter((one) => inOrder(one, last) > 0);
  const kept = more ? listed : beyond;
  return only({
    ...loaded,
    list: merged(kept, consultations),
    next: !more && beyond.length > 0 ? state.next : next,
    unreadable: unreadable + (more ? state.unreadable : 0),
  });
}

const inOrder = (a: Consultation, b: Consultation): number => a.start - b.start || (a.id < b.id ? -1 : 1);

function merged(list: readonly Consultation[], news: readonly Consultation[]): readonly Consultation[] {
  const ids = new Set(news.map((one) => one.id));
  return [...list.filter((one) => !ids.has(one.id)), ...news].sort(inOrder);
}

function told(state: Open, what: Extract<DeskEvent, { kind: "told" }>["what"]): DeskStep {
  if (what === "reload" || what === "ready") {
    const live = { ...state, live: true };
    return what === "reload" || state.list === null ? reload(live) : only(live);
  }
  if (what.cancelled) return only(without(state, what.id));
  if (state.fetching.has(what.id)) return only({ ...state, fetching: new Map([...state.fetching, [what.id, true]]) });
  return only({ ...state, fetching: new Map([...state.fetching, [what.id, false]]) }, { kind: "readOne", key: state.key, id: what.id });
}

const without = (state: Open, id: string): Open => ({ ...state, list: state.list?.filter((one) => one.id !== id) ?? null });

function oneRead(state: Open, id: string, answer: Answered<Consultation>): DeskStep {
  if (answer.kind === "locked") return locked(true);
  const again = state.fetching.get(id) === true;
  const rest = new Map([...state.fetching].filter(([other]) => other !== id));
  if (again) rest.set(id, false);
  let next: Open = { ...state, fetching: rest };
  if (answer.kind === "gone") next = without(next, id);
  if (answer.kind === "ok" && next.list !== null) {
    const one = answer.value;
    const last = next.list.at(-1);
    // One that comes after all that are listed belongs to a page that was not read yet.
    const isListed = next.next === null || last === undefined || one.start <= last.start;
    const isInSpan = one.end > (state.day ?? startOfToday(state.now) - DAY_MS / 4);
    next = isListed && isInSpan ? { ...next, list: merged(next.list, [one]) } : without(next, id);
  }
  return again ? only(next, { kind: "readOne", key: state.key, id }) : only(next);
}

type OverEvent = Extract<DeskEvent, { kind: "formWished" | "edited" | "personEdited" | "personAdded" | "personRemoved" | "submitted" | "submitAnswered" | "cancelWished" | "cancelConfirmed" | "cancelAnswered" | "closed" }>;

function stepOver(state: Open, event: OverEvent): DeskStep {
  const { over, rules } = state;
  const found = (id: string): Consultation | undefined => state.list?.find((one) => one.id === id);
  switch (event.kind) {
    case "formWished": {
      const of = event.id === null ? undefined : found(event.id);
      if (event.id !== null && of === undefined) return only(state);
      const draft = of === undefined ? newDraft(state.now, rules) : draftOf(of);
      return only({ ...state, over: { kind: "form", draft, problems: {}, busy: false } });
    }
    case "cancelWished": {
      const of = found(event.id);
      return of === undefined ? only(state) : only({ ...state, over: { kind: "cancel", of, busy: false, failed: false } });
    }
    case "closed":
      return only({ ...state, over: null });
    case "cancelConfirmed":
      return over?.kind !== "cancel" || over.busy ? only(state) : only({ ...state, over: { ...over, busy: true, failed: false } }, { kind: "cancel", id: over.of.id });
    case "cancelAnswered": {
      const gone = event.answer.kind === "ok" || event.answer.kind === "gone";
      const next = gone ? { ...without(state, event.id), notice: said(state, "notice.cancelled") } : state;
      if (over?.kind !== "cancel" || over.of.id !== event.id) return only(next);
      return only({ ...next, over: gone ? null : { ...over, busy: false, failed: true } });
    }
    case "edited":
    case "personEdited":
    case "personAdded":
    case "personRemoved":
    case "submitted":
    case "submitAnswered":
      return over?.kind === "form" ? stepForm(state, over, event) : only(state);
  }
}

type FormEvent = Extract<OverEvent, { kind: "edited" | "personEdited" | "personAdded" | "personRemoved" | "submitted" | "submitAnswered" }>;

function stepForm(state: Open, over: Extract<Over, { kind: "form" }>, event: FormEvent): DeskStep {
  const { draft, problems } = over;
  const edited = (next: Draft, ...fields: readonly string[]): DeskStep => {
    const left = Object.fromEntries(Object.entries(problems).filter(([field]) => field !== "form" && !fields.includes(field)));
    return only({ ...state, over: { ...over, draft: next, problems: left } });
  };
  switch (event.kind) {
    case "edited":
      return edited({ ...draft, [event.field]: event.value }, event.field);
    case "personEdited":
      return edited(withField(draft, event.row, event.field, event.value), `${event.field}.${event.row}`, "people");
    case "personAdded":
      return edited(withPerson(draft, state.rules), "people");
    case "personRemoved":
      return edited(withoutPerson(draft, event.row), "people");
    case "submitted": {
      if (over.busy) return only(state);
      const wrong = problemsOf(draft, state.rules);
      if (Object.keys(wrong).length > 0) return only({ ...state, over: { ...over, problems: wrong } });
      const ids = [...event.newIds];
      const booking = bookingOf(draft, state.rules, () => ids.pop() ?? "");
      if (booking === null) return only(state);
      const busy: Open = { ...state, over: { ...over, problems: {}, busy: true } };
      const { lookedUp } = state.rules;
      return only(busy, draft.of === null ? { kind: "book", booking, lookedUp } : { kind: "change", id: draft.of.id, booking, lookedUp });
    }
    case "submitAnswered": {
      const { answer } = event;
      if (answer.kind === "ok") {
        const id = answer.value ?? draft.of?.id ?? null;
        const next: Open = { ...state, over: null, notice: said(state, draft.of === null ? "notice.booked" : "notice.changed") };
        return id === null ? only(next) : told(next, { id, cancelled: false });
      }
      const text = answer.kind === "refused" ? answer.text : "";
      const wrong: Problems = answer.kind === "refused" ? refusalAt(draft, answer.field, text) : { form: { text: "" } };
      return only({ ...state, over: { ...over, busy: false, problems: wrong } });
    }
  }
}
