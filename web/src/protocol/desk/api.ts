import type { Booking } from "../../state/desk/draft";
import type { Answered, CallReport, Consultation, Page, Rules } from "../../state/desk/model";
import { TIMEOUT_MS, type Fetch } from "../http";
import { isObject, parseJson, textIn } from "../json";
import { readConsultation, readPage, readQuality, readRatings, readRules } from "./read";

export const BASE = "/api/v1/telecons-be";

/** Consultations of one page. */
const PAGE = 100;

/** How far ahead the desk looks: what is booked at all. */
const AHEAD_MS = 400 * 24 * 3_600_000;

export const authorization = (key: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${key}` });

interface Question {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly key?: string;
  readonly body?: unknown;
}

/** Asks, and sorts the answer by what the desk does about it. `read` gives null for what has not its shape. */
async function ask<T>(fetch: Fetch, { method, path, key, body }: Question, read: (body: unknown) => T | null): Promise<Answered<T>> {
  try {
    const headers = { accept: "application/json", ...(key === undefined ? {} : authorization(key)), ...(body === undefined ? {} : { "content-type": "application/json" }) };
    const response = await fetch(`${BASE}${path}`, {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = parseJson(await response.text());
    if (response.ok) {
      const value = read(answer);
      return value === null ? { kind: "trouble" } : { kind: "ok", value };
    }
    if (response.status === 401 && key !== undefined) return { kind: "locked" };
    if (response.status === 404) return { kind: "gone" };
    if (response.status === 400 || response.status === 403 || response.status === 409) return refused(answer);
    return { kind: "trouble" };
  } catch {
    // fetch rejects for the network, the timeout and a broken body alike: to the desk there is no answer.
    return { kind: "trouble" };
  }
}

/** The server begins with the field that is wrong: `body.participants.data.0.fullName must have …`. */
function refused(answer: unknown): Answered<never> {
  const object = isObject(answer) ? answer : null;
  const text = textIn(object, "message") ?? textIn(object, "error") ?? "";
  const named = /^(body(?:\.\w+)*) (.+)$/s.exec(text);
  return { kind: "refused", field: named?.[1] ?? null, text: named?.[2] ?? text.replace(/^Failed \w+ \S+: /, "") };
}

export function fetchRules(fetch: Fetch, key: string): Promise<Answered<Rules>> {
  return ask(fetch, { method: "GET", path: "/teleconsultations/rules", key }, readRules);
}

export function fetchPage(fetch: Fetch, key: string, from: number, after: string | null): Promise<Answered<Page>> {
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(from + AHEAD_MS).toISOString(), limit: String(PAGE) });
  if (after !== null) query.set("after", after);
  return ask(fetch, { method: "GET", path: `/teleconsultations?${query}`, key }, readPage);
}

export function fetchOne(fetch: Fetch, key: string, id: string): Promise<Answered<Consultation>> {
  return ask(fetch, { method: "GET", path: `/teleconsultations/${encodeURIComponent(id)}`, key }, readConsultation);
}

/** How the calls were: all of it, or none. */
export async function fetchReport(fetch: Fetch, key: string, id: string): Promise<Answered<CallReport>> {
  const path = `/teleconsultation/${encodeURIComponent(id)}`;
  const [ratings, quality] = await Promise.all([
    ask(fetch, { method: "GET", path: `${path}/ratings`, key }, readRatings),
    ask(fetch, { method: "GET", path: `${path}/quality`, key }, readQuality),
  ]);
  if (ratings.kind !== "ok") return ratings;
  return quality.kind === "ok" ? { kind: "ok", value: { ratings: ratings.value, quality: quality.value } } : quality;
}

function bodyOf(booking: Booking, lookedUp: boolean): unknown {
  const data = booking.people.map(({ id, groups, name, language }) => {
    const spoken = language === "" ? {} : { language };
    return lookedUp ? { userId: id, ...spoken } : { userId: id, groups, fullName: name, ...spoken };
  });
  return { start_date: new Date(booking.start).toISOString(), end_date: new Date(booking.end).toISOString(), participants: { number: booking.number, data } };
}

/** Answers the new one's id. */
export function book(fetch: Fetch, booking: Booking, lookedUp: boolean): Promise<Answered<string | null>> {
  return ask(fetch, { method: "POST", path: "/teleconsultation", body: bodyOf(booking, lookedUp) }, (body) => textIn(isObject(body) ? body : null, "roomId"));
}

export async function change(fetch: Fetch, id: string, booking: Booking, lookedUp: boolean): Promise<Answered<string | null>> {
  return await ask(fetch, { method: "PATCH", path: `/teleconsultation/${encodeURIComponent(id)}`, body: bodyOf(booking, lookedUp) }, () => id);
}

export async function cancel(fetch: Fetch, id: string): Promise<Answered<null>> {
  const answer = await ask(fetch, { method: "DELETE", path: `/teleconsultation/${encodeURIComponent(id)}` }, () => id);
  return answer.kind === "ok" ? { kind: "ok", value: null } : answer;
}

/** The person's calendar file; null if there is none to be had. */
export async function fetchCalendar(fetch: Fetch, key: string, id: string, person: string): Promise<Blob | null> {
  try {
    const path = `/teleconsultation/${encodeURIComponent(id)}/participants/${encodeURIComponent(person)}/calendar`;
    const response = await fetch(`${BASE}${path}`, { headers: authorization(key), cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? await response.blob() : null;
  } catch {
    // As above.
    return null;
  }
}
