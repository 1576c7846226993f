import type { Consultation, Rules } from "./model";

/** The most people of a consultation, and the fewest. */
export const PEOPLE_MAX = 25;
export const PEOPLE_MIN = 2;

const NAME_MAX = 128;
const ID_MAX = 256;
const DURATION_MIN_MINUTES = 5;

/** Somebody in the form, as it was typed. */
export interface DraftPerson {
  /** Tells rows apart while they are edited. */
  readonly row: number;
  readonly id: string;
  /** Somebody who was there before: their id stays. */
  readonly known: boolean;
  readonly name: string;
  readonly group: string;
  /** Groups that they have beside the one shown. */
  readonly otherGroups: readonly string[];
  readonly language: string;
}

/** The form, as it was typed. */
export interface Draft {
  /** Of which consultation; null: of a new one. */
  readonly of: Consultation | null;
  readonly date: string;
  readonly time: string;
  readonly minutes: string;
  readonly people: readonly DraftPerson[];
  readonly nextRow: number;
}

export type ProblemKey =
  | "problem.date"
  | "problem.time"
  | "problem.duration"
  | "problem.duration_max"
  | "problem.name"
  | "problem.group"
  | "problem.id"
  | "problem.id_twice"
  | "problem.people_few"
  | "problem.no_plus"
  | "problem.frozen";

/** What is wrong with a field: in our words, or in the server's. */
export type Problem = { readonly key: ProblemKey } | { readonly text: string };

/** By field: `date`, `time`, `minutes`, `people`, `form`, or `id`, `name`, `group`, `language` with a row, as in `name.3`. */
export type Problems = Readonly<Record<string, Problem>>;

/** What is sent: only the parts that are to change. */
export interface Booking {
  readonly start: number;
  readonly end: number;
  readonly number: number;
  readonly people: readonly { readonly id: string; readonly groups: readonly string[]; readonly name: string; readonly language: string }[];
}

const pad = (value: number): string => String(value).padStart(2, "0");

export const dayOf = (moment: number): string => {
  const date = new Date(moment);
  return `${String(date.getFullYear()).padStart(4, "0")}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
};

export const timeOf = (moment: number): string => {
  const date = new Date(moment);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
};

/** The moment of a day and a time in the reader's zone; null if there is none. A time that a change of clocks skips is the one after. */
export function momentOf(day: string, time: string): number | null {
  const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  const clock = /^(\d{2}):(\d{2})/.exec(time);
  if (date === null || clock === null) return null;
  const [year, month, dayOfMonth] = [Number(date[1]), Number(date[2]), Number(date[3])];
  const moment = new Date(year, month - 1, dayOfMonth, Number(clock[1]), Number(clock[2]));
  const ms = moment.getTime();
  return Number.isNaN(ms) || moment.getMonth() !== month - 1 || Number(clock[1]) > 23 || Number(clock[2]) > 59 ? null : ms;
}

function person(row: number, group: string): DraftPerson {
  return { row, id: "", known: false, name: "", group, otherGroups: [], language: "" };
}

/** An empty form: the next quarter of an hour, somebody who organises and somebody who takes part. */
export function newDraft(now: number, rules: Rules): Draft {
  const quarter = 15 * 60_000;
  const start = Math.ceil((now + 1) / quarter) * quarter;
  const people = [person(0, rules.plusGroups[0] ?? ""), person(1, rules.basicGroups[0] ?? "")];
  return { of: null, date: dayOf(start), time: timeOf(start), minutes: "30", people, nextRow: people.length };
}

/** The form of one that is there. */
export function draftOf(consultation: Consultation): Draft {
  const people = consultation.people.map((one, row) => ({
    row,
    id: one.id,
    known: true,
    name: one.name ?? "",
    group: one.groups[0] ?? "",
    otherGroups: one.groups.slice(1),
    language: one.language ?? "",
  }));
  const minutes = String(Math.round((consultation.end - consultation.start) / 60_000));
  return { of: consultation, date: dayOf(consultation.start), time: timeOf(consultation.start), minutes, people, nextRow: people.length };
}

export function withPerson(draft: Draft, rules: Rules): Draft {
  if (draft.people.length >= PEOPLE_MAX) return draft;
  return { ...draft, people: [...draft.people, person(draft.nextRow, rules.basicGroups[0] ?? "")], nextRow: draft.nextRow + 1 };
}

export function withoutPerson(draft: Draft, row: number): Draft {
  return draft.people.length <= 1 ? draft : { ...draft, people: draft.people.filter((one) => one.row !== row) };
}

export function withField(draft: Draft, row: number, field: "id" | "name" | "group" | "language", value: string): Draft {
  const people = draft.people.map((one) => {
    if (one.row !== row) return one;
    // Another group is chosen in place of all that they had.
    return field === "group" ? { ...one, group: value, otherGroups: [] } : { ...one, [field]: value };
  });
  return { ...draft, people };
}

/** What can be said about the form without asking the server. */
export function problemsOf(draft: Draft, rules: Rules): Problems {
  const problems: Record<string, Problem> = {};
  if (momentOf(draft.date, "00:00") === null) problems.date = { key: "problem.date" };
  if (momentOf("2026-01-01", draft.time) === null) problems.time = { key: "problem.time" };
  const minutes = Number(draft.minutes);
  if (draft.minutes.trim() === "" || !Number.isInteger(minutes) || minutes < DURATION_MIN_MINUTES || minutes > 1_000_000) {
    problems.minutes = { key: "problem.duration" };
  } else if (rules.durationMaxS !== null && minutes * 60 > rules.durationMaxS) {
    problems.minutes = { key: "problem.duration_max" };
  }
  const seen = new Set<string>();
  for (const one of draft.people) {
    const id = one.id.trim();
    if (id.length > ID_MAX || (rules.lookedUp && id === "")) problems[`id.${one.row}`] = { key: "problem.id" };
    else if (id !== "" && seen.has(id)) problems[`id.${one.row}`] = { key: "problem.id_twice" };
    seen.add(id);
    if (rules.lookedUp) continue;
    const name = one.name.trim();
    if (name === "" || Array.from(name).length > NAME_MAX) problems[`name.${one.row}`] = { key: "problem.name" };
    if (one.group.trim() === "") problems[`group.${one.row}`] = { key: "problem.group" };
  }
  if (draft.people.length < PEOPLE_MIN && (draft.of?.number ?? 0) <= draft.people.length) problems.people = { key: "problem.people_few" };
  else if (!rules.lookedUp && !hasPlus(draft, rules) && (draft.of?.number ?? 0) <= draft.people.length) problems.people = { key: "problem.no_plus" };
  return problems;
}

function hasPlus(draft: Draft, rules: Rules): boolean {
  return draft.people.some((one) => [one.group, ...one.otherGroups].some((group) => rules.plusGroups.includes(group)));
}

/** What is sent; `newId` makes an id for whoever has none. Null while something is wrong. */
export function bookingOf(draft: Draft, rules: Rules, newId: () => string): Booking | null {
  const start = momentOf(draft.date, draft.time);
  if (start === null || Object.keys(problemsOf(draft, rules)).length > 0) return null;
  const people = draft.people.map((one) => ({
    id: one.id.trim() === "" ? newId() : one.id.trim(),
    groups: [one.group, ...one.otherGroups],
    name: one.name.trim(),
    language: one.language,
  }));
  return { start, end: start + Number(draft.minutes) * 60_000, number: Math.max(people.length, draft.of?.number ?? 0), people };
}

/** Puts the server's refusal at the field that it is about (`body.participants.data.1.fullName`). */
export function refusalAt(draft: Draft, field: string | null, text: string): Problems {
  if (text.includes("no plus user")) return { people: { key: "problem.no_plus" } };
  if (text.includes("can no longer be modified")) return { form: { key: "problem.frozen" } };
  if (text.includes("duration")) return { minutes: { text } };
  const person = /^body\.participants\.data\.(\d+)(?:\.(\w+))?/.exec(field ?? "");
  if (person !== null) {
    const row = draft.people[Number(person[1])]?.row;
    const name = { userId: "id", fullName: "name", groups: "group", group: "group", language: "language" }[person[2] ?? ""] ?? "id";
    return row === undefined ? { people: { text } } : { [`${name}.${row}`]: { text } };
  }
  const known: Readonly<Record<string, string>> = { "body.start_date": "date", "body.end_date": "minutes", "body.duration_in_seconds": "minutes" };
  if (field?.startsWith("body.participants") === true) return { people: { text } };
  return { [known[field ?? ""] ?? "form"]: { text } };
}
