import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isObject, objectIn, parseJson, textIn, type JsonObject } from "../json";
import { BASE, book, cancel, change, fetchCalendar, fetchOne, fetchPage, fetchReport, fetchRules } from "./api";
import { DeskWatch } from "./events";

// What the desk asks, held to the API document that the server's tests hold the server to.

const DOCUMENT = parseJson(readFileSync(new URL("../../../../docs/openapi.json", import.meta.url), "utf8"));

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What of a schema can be checked here: anything else in one is an error, not a pass. */
const KNOWN = new Set(["description", "example", "format", "type", "enum", "minimum", "maximum", "maxLength", "pattern", "minItems", "maxItems", "items", "properties", "required", "minProperties", "oneOf", "anyOf", "not", "$ref"]);

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  integer: Number.isInteger,
};

/** Where a value is not as its schema says. A property that the schema does not name is wrong here, although the server overlooks it. */
function wrong(value: unknown, schema: unknown, at: string): readonly string[] {
  if (!isObject(schema)) return [`${at}: no schema`];
  const reference = textIn(schema, "$ref");
  if (reference !== null) return wrong(value, objectIn(objectIn(objectIn(DOCUMENT, "components"), "schemas"), reference.split("/").at(-1) ?? ""), at);
  const found = Object.keys(schema).filter((name) => !KNOWN.has(name)).map((name) => `${at}: ${name} is not understood`);
  const fails = (inner: unknown): boolean => isObject(inner) && list(inner.required).some((name) => !isObject(value) || !(String(name) in value));
  if (list(schema.oneOf).length > 0 && list(schema.oneOf).filter((inner) => !fails(inner)).length !== 1) found.push(`${at}: not exactly one of`);
  if (schema.not !== undefined && !fails(schema.not)) found.push(`${at}: what must not be`);
  if (list(schema.anyOf).length > 0 && list(schema.anyOf).every((inner) => wrong(value, inner, at).length > 0)) found.push(`${at}: none of any`);
  const type = textIn(schema, "type");
  if (type !== null && TYPES[type]?.(value) !== true) return [...found, `${at}: no ${type}`];
  const limit = (name: string): number | null => (typeof schema[name] === "number" ? schema[name] : null);
  if (schema.enum !== undefined && !list(schema.enum).includes(value)) found.push(`${at}: none of the known`);
  if (typeof value === "number" && (value < (limit("minimum") ?? -Infinity) || value > (limit("maximum") ?? Infinity))) found.push(`${at}: out of range`);
  if (typeof value === "string") {
    if (Array.from(value).length > (limit("maxLength") ?? Infinity)) found.push(`${at}: too long`);
    const pattern = textIn(schema, "pattern");
    if (pattern !== null && !new RegExp(pattern, "u").test(value)) found.push(`${at}: not as its pattern`);
    if (schema.format === "date-time" && new Date(value).toISOString() !== value) found.push(`${at}: no moment`);
  }
  if (Array.isArray(value)) {
    if (value.length < (limit("minItems") ?? 0) || value.length > (limit("maxItems") ?? Infinity)) found.push(`${at}: too few or too many`);
    for (const [index, one] of value.entries()) found.push(...wrong(one, schema.items, `${at}.${index}`));
  }
  if (isObject(value)) {
    if (Object.keys(value).length < (limit("minProperties") ?? 0)) found.push(`${at}: empty`);
    for (const name of list(schema.required)) if (!(String(name) in value)) found.push(`${at}: without ${String(name)}`);
    for (const [name, one] of Object.entries(value)) found.push(...wrong(one, objectIn(schema.properties, name), `${at}.${name}`));
  }
  return found;
}

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** The path of the document that an address is one of, with its operation. What is written out goes before what is left open. */
function operationOf({ method, url }: Asked): readonly [string, JsonObject | null] {
  const { pathname } = new URL(url, "https://desk.example");
  const segments = pathname.slice(BASE.length).split("/");
  const paths = Object.keys(objectIn(DOCUMENT, "paths") ?? {}).filter((path) => {
    const open = path.split("/");
    return open.length === segments.length && open.every((segment, index) => segment.startsWith("{") || segment === segments[index]);
  });
  const path = paths.sort((one, other) => one.split("{").length - other.split("{").length)[0] ?? "";
  return [path, objectIn(objectIn(objectIn(DOCUMENT, "paths"), path), method.toLowerCase())];
}

/** How a request is not what the document says of it. */
function mistakes(asked: Asked): readonly string[] {
  const [path, operation] = operationOf(asked);
  const at = `${asked.method} ${path}`;
  if (operation === null || !asked.url.startsWith(`${BASE}/`)) return [`${asked.method} ${asked.url}: not documented`];
  const parameters = list(operation.parameters).filter(isObject);
  const named = (where: string): readonly (string | null)[] => parameters.filter((one) => one.in === where).map((one) => textIn(one, "name"));
  const query = [...new URL(asked.url, "https://desk.example").searchParams.keys()];
  const found = query.filter((name) => !named("query").includes(name)).map((name) => `${at}: ?${name}`);
  for (const one of parameters) if (one.required === true && one.in === "query" && !query.includes(textIn(one, "name") ?? "")) found.push(`${at}: without ?${textIn(one, "name") ?? ""}`);
  const secured = list(operation.security).length > 0;
  if (secured !== asked.headers.has("authorization")) found.push(`${at}: ${secured ? "without the key" : "the key is nobody's business"}`);
  if (asked.headers.has("last-event-id") && !named("header").includes("last-event-id")) found.push(`${at}: last-event-id`);
  const content = objectIn(objectIn(objectIn(operation, "requestBody"), "content"), "application/json");
  if (content === null) return asked.body === undefined ? found : [...found, `${at}: a body`];
  return [...found, ...wrong(asked.body, content.schema, at)];
}

/** Lets the desk ask everything that it ever asks, and writes it down. */
async function everything(): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    asked.push({ method: init.method ?? "GET", url, headers: new Headers(init.headers), body: typeof init.body === "string" ? parseJson(init.body) : undefined });
    const events = "event: ready\nid: r.1\ndata: {}\n\n";
    return Promise.resolve(new Response(url.includes("/events") ? events : "{}"));
  };
  const start = Date.UTC(2030, 0, 1, 10);
  const people = [{ id: "doctor-1", groups: ["doctor"], name: "Ada Marino", language: "it" }, { id: "desk-0a1b", groups: ["patient", "other"], name: "José Çelik", language: "" }];
  const booking = { start, end: start + 1_800_000, number: 2, people };
  await fetchRules(fetch, "k");
  await fetchPage(fetch, "k", start, null);
  await fetchPage(fetch, "k", start, "1767265200000-65f0c0ffee0123456789abcd");
  await fetchOne(fetch, "k", "65f0c0ffee0123456789abcd");
  await fetchReport(fetch, "k", "65f0c0ffee0123456789abcd");
  await fetchCalendar(fetch, "k", "65f0c0ffee0123456789abcd", "a/b?");
  await book(fetch, booking, false);
  await change(fetch, "65f0c0ffee0123456789abcd", booking, false);
  await cancel(fetch, "65f0c0ffee0123456789abcd");
  const watch = new DeskWatch(fetch);
  for (let times = 0; times < 2; times += 1) await watch.watch("k", () => undefined, () => undefined);
  return asked;
}

test("whatever the desk asks is in the API document, with its query, its key and a body of its shape", async () => {
  const asked = await everything();
  expect(asked.flatMap(mistakes)).toEqual([]);
  expect(asked.map((one) => `${one.method} ${operationOf(one)[0]}`)).toEqual([
    "GET /teleconsultations/rules", "GET /teleconsultations", "GET /teleconsultations", "GET /teleconsultations/{roomId}",
    "GET /teleconsultation/{roomId}/ratings", "GET /teleconsultation/{roomId}/quality", "GET /teleconsultation/{roomId}/participants/{userId}/calendar",
    "POST /teleconsultation", "PATCH /teleconsultation/{roomId}", "DELETE /teleconsultation/{roomId}",
    "GET /teleconsultations/events", "GET /teleconsultations/events",
  ]);
});

test("what is not as the document says would be found", async () => {
  const asked = await everything();
  const one = (start: string): Asked => asked.find(({ method, url }) => `${method} ${url}`.startsWith(start)) ?? expect.fail(start);
  const booked = one(`POST ${BASE}/teleconsultation`);
  const body = isObject(booked.body) ? booked.body : {};
  const people = (data: unknown): Asked => ({ ...booked, body: { ...body, participants: { number: 2, data } } });
  const listed = one(`GET ${BASE}/teleconsultations?`);
  for (const changed of [
    { ...booked, method: "PUT" },
    { ...booked, url: `${BASE}/teleconsultationz` },
    { ...booked, body: undefined },
    { ...booked, body: { ...body, start_date: 5 } },
    { ...booked, body: { ...body, duration_in_seconds: 1800 } },
    { ...booked, body: { ...body, title: "x" } },
    { ...booked, body: { ...body, participants: { number: 1, data: [] } } },
    people([{ userId: "a", fullName: "A" }]),
    people([{ userId: "a", fullName: "A", groups: [] }]),
    people([{ userId: "a", fullName: " ", groups: ["g"] }]),
    people([{ userId: "a", fullName: "A".repeat(129), groups: ["g"] }]),
    { ...listed, url: `${listed.url}&page=2` },
    { ...listed, headers: new Headers() },
    { ...listed, body: {} },
  ]) expect(mistakes(changed), JSON.stringify(changed)).not.toEqual([]);
});
