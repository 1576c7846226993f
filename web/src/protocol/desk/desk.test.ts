import { expect, test } from "vitest";
import { book, cancel, fetchCalendar, fetchOne, fetchPage, fetchReport } from "./api";
import { DeskWatch, parseEvents, toldIn } from "./events";
import { readPage, readQuality, readRatings, readRules } from "./read";

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

function server(answer: () => Response): { fetch: (url: string, init: RequestInit) => Promise<Response>; asked: Asked[] } {
  const asked: Asked[] = [];
  return { asked, fetch: (url, init) => { asked.push({ url, init }); return Promise.resolve(answer()); } };
}

const json = (status: number, body: unknown) => (): Response => new Response(JSON.stringify(body), { status });
const header = (asked: Asked | undefined, name: string): string | null => new Headers(asked?.init.headers).get(name);

test("what the server says is read, and what has not its shape is left out with nothing else", () => {
  const whole = { roomId: "1", start_date: "2026-01-01T10:00:00.000Z", end_date: "2026-01-01T10:30:00.000Z", complete: true, frozen: false };
  const people = [{ userId: "a", fullName: "Ada", role: "plus", groups: ["doctor", 7], accessLinkURL: "javascript:alert(1)", presence: { stage: "in", since: "x", quality: "weak", check: { microphone: "blocked" } } }, { fullName: "nobody" }, 5];
  const page = readPage({ teleconsultations: [{ ...whole, participants: { number: 2, data: people } }, { roomId: "2" }, null], next: "n" });
  expect(page).toEqual({
    next: "n", unreadable: 0,
    consultations: [{ id: "1", start: Date.UTC(2026, 0, 1, 10), end: Date.UTC(2026, 0, 1, 10, 30), number: 2, complete: true, frozen: false, people: [
      { id: "a", name: "Ada", groups: ["doctor"], role: "plus", language: null, link: null, presence: { stage: "in", since: null, quality: "weak", check: { microphone: "blocked", camera: "skipped", network: "skipped" } } },
    ] }],
  });
  expect([readPage([]), readRules("x"), readQuality(null)]).toEqual([null, null, null]);
  const minute = { minute: "2026-01-01T10:00:00Z", worst: "weak", roundTripMs: 1, lossPercent: null, uplinkKbps: -1, downlinkKbps: 3 };
  expect(readQuality({ measured: true, participants: [{ userId: "a", minutes: [minute, { ...minute, worst: "?" }] }] })?.people[0]?.minutes).toEqual([
    { minute: Date.UTC(2026, 0, 1, 10), worst: "weak", roundTripMs: 1, lossPercent: null, uplinkKbps: null, downlinkKbps: 3 },
  ]);
});

test("ratings are read as they were written, and nothing that is none or too much of it", () => {
  const hostile = "<script>alert(1)</script>\u202e";
  const report = readRatings({ asked: true, more: true, ratings: [
    { stars: 4, comment: hostile, fullName: "Ada", userId: "a" }, { stars: 1, comment: "😀".repeat(1001), fullName: null, userId: "b" }, { stars: 5, comment: 7, fullName: null, userId: null },
    { stars: 0 }, { stars: 6 }, { stars: 2.5 }, { stars: "3" }, null,
  ] });
  expect(report).toEqual({ asked: true, more: true, ratings: [
    { name: "Ada", stars: 4, comment: hostile }, { name: "b", stars: 1, comment: "😀".repeat(1000) }, { name: null, stars: 5, comment: null },
  ] });
  expect(readRatings({ ratings: Array(201).fill({ stars: 3 }) })?.ratings).toHaveLength(200);
  expect([readRatings([]), readRatings({})]).toEqual([null, { asked: false, ratings: [], more: false }]);
});

test("how the calls were is known as a whole or not at all", async () => {
  const paths: string[] = [];
  const report = (ratings: () => Response, quality: () => Response): ReturnType<typeof fetchReport> =>
    fetchReport((url) => { paths.push(url); return Promise.resolve(url.endsWith("/ratings") ? ratings() : quality()); }, "k", "1/2");
  const [good, bad] = [json(200, { asked: true, measured: true, ratings: [{ stars: 3 }] }), json(503, {})];
  expect(await report(good, good)).toEqual({ kind: "ok", value: { ratings: { asked: true, more: false, ratings: [{ name: null, stars: 3, comment: null }] }, quality: { measured: true, people: [] } } });
  expect(paths).toEqual(["ratings", "quality"].map((what) => `/api/v1/telecons-be/teleconsultation/1%2F2/${what}`));
  expect([await report(bad, good), await report(good, bad), await report(good, json(401, {}))]).toEqual([{ kind: "trouble" }, { kind: "trouble" }, { kind: "locked" }]);
});

test("the key goes to the desk's own questions only", async () => {
  const { fetch, asked } = server(json(200, { teleconsultations: [], next: null, unreadable: 0, roomId: "1" }));
  await fetchPage(fetch, "secret", Date.UTC(2026, 0, 1), "5-a");
  await book(fetch, { start: 0, end: 300_000, number: 2, people: [{ id: "a", groups: ["g"], name: "A", language: "" }] }, false);
  expect(header(asked[0], "authorization")).toBe("Bearer secret");
  expect(asked[0]?.url).toContain("from=2026-01-01T00%3A00%3A00.000Z");
  expect(asked[0]?.url).toContain("after=5-a");
  expect(header(asked[1], "authorization")).toBeNull();
  expect(asked[1]?.init.body).toBe('{"start_date":"1970-01-01T00:00:00.000Z","end_date":"1970-01-01T00:05:00.000Z","participants":{"number":2,"data":[{"userId":"a","groups":["g"],"fullName":"A"}]}}');
});

test("each status is what the desk does about it", async () => {
  const kind = async (answer: () => Response): Promise<unknown> => await fetchOne(server(answer).fetch, "k", "1");
  expect(await kind(json(401, {}))).toEqual({ kind: "locked" });
  expect(await kind(json(404, {}))).toEqual({ kind: "gone" });
  expect(await kind(json(503, {}))).toEqual({ kind: "trouble" });
  expect(await kind(json(200, []))).toEqual({ kind: "trouble" });
  expect(await kind(() => { throw new TypeError("no network"); })).toEqual({ kind: "trouble" });
  expect(await kind(json(400, { message: "body.participants.data.0.fullName must have 1 to 128 characters" }))).toEqual({
    kind: "refused", field: "body.participants.data.0.fullName", text: "must have 1 to 128 characters",
  });
  expect(await kind(json(400, { error: "Failed POST /teleconsultation: no plus user in room" }))).toEqual({ kind: "refused", field: null, text: "no plus user in room" });
  // Without a key, 401 is about the caller and not about the key.
  expect(await cancel(server(json(401, {})).fetch, "1")).toEqual({ kind: "trouble" });
  expect(await cancel(server(() => new Response(null, { status: 204 })).fetch, "1")).toEqual({ kind: "ok", value: null });
  const calendar = server(() => new Response("BEGIN:VCALENDAR"));
  expect(await (await fetchCalendar(calendar.fetch, "k", "1", "a/b?"))?.text()).toBe("BEGIN:VCALENDAR");
  expect(calendar.asked[0]?.url).toBe("/api/v1/telecons-be/teleconsultation/1/participants/a%2Fb%3F/calendar");
});

test("events are read however they are cut, and comments are nothing", () => {
  const text = ':\n\nevent: ready\nid: r.1\nretry: 2000\ndata: {}\n\nevent: teleconsultation\r\nid: r.2\r\ndata: {"roomId":"1",\r\ndata: "what":"cancelled"}\r\n\r\nevent: te';
  const { events, rest } = parseEvents(text);
  expect(events).toEqual([{ name: "ready", id: "r.1", data: "{}" }, { name: "teleconsultation", id: "r.2", data: '{"roomId":"1",\n"what":"cancelled"}' }]);
  expect(rest).toBe("event: te");
  expect(events.map(toldIn)).toEqual(["ready", { id: "1", cancelled: true }]);
  for (const [name, data] of [["teleconsultation", "{}"], ["teleconsultation", "x"], ["other", "{}"]] as const) expect(toldIn({ name, id: null, data })).toBeNull();
});

test("who watches is told what comes, goes on where they were, and is told once that it is over", async () => {
  const parts = ["event: ready\nid: r.1\ndata: {}\n", '\nevent: teleconsultation\nid: r.2\ndata: {"roomId":"7","what":"booked"}\n\n'];
  const { fetch, asked } = server(() => new Response(new Blob(parts).stream()));
  const watch = new DeskWatch(fetch);
  const heard: unknown[] = [];
  const listen = (): Promise<void> => watch.watch("k", (what) => heard.push(what), (locked) => heard.push(`lost ${locked}`));
  await listen();
  await listen();
  const once = ["ready", { id: "7", cancelled: false }, "lost false"];
  expect(heard).toEqual([...once, ...once]);
  expect(asked.map((one) => header(one, "last-event-id"))).toEqual([null, "r.2"]);
  expect(header(asked[0], "authorization")).toBe("Bearer k");
});

test("who stops hears nothing more, and a wrong key is told", async () => {
  const heard: unknown[] = [];
  const never = new DeskWatch((_, init) => new Promise((_resolve, reject) => { init.signal?.addEventListener("abort", () => { reject(new Error("aborted")); }); }));
  const listening = never.watch("k", (what) => heard.push(what), (locked) => heard.push(locked));
  never.stop();
  await listening;
  expect(heard).toEqual([]);
  await new DeskWatch(server(() => new Response(null, { status: 401 })).fetch).watch("k", (what) => heard.push(what), (locked) => heard.push(locked));
  expect(heard).toEqual([true]);
});
