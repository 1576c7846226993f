import { expect, test } from "vitest";
import { deviceProblem, listDevices, NO_DEVICES } from "./devices";
import { enter, parseEntry } from "./enter";
import type { Fetch } from "./http";
import { LatestWish } from "./latest-wish";
import { tokenIn, wishesIn } from "./link";
import { isLinkRefused, parseEnded } from "./messages";
import { sendRating } from "./rating";
import { parseRoomMetadata } from "./room-metadata";
import { parseStay, stayText } from "./stay";
import { deleteUploads, fetchLink, teleconsultationIn, withLanguage } from "./teleconsultation";

const ORIGIN = "https://clinic.example";

/** Answers every request alike and keeps what was asked. */
function fake(status: number, body: string, headers: Record<string, string> = {}): { fetch: Fetch; asked: [string, RequestInit][] } {
  const asked: [string, RequestInit][] = [];
  return {
    asked,
    fetch: (url, init) => {
      asked.push([url, init]);
      return Promise.resolve(new Response(status === 204 ? null : body, { status, headers }));
    },
  };
}

const offline: Fetch = () => Promise.reject(new TypeError("no network"));

const BODY = {
  livekit: { url: "", token: "jwt" },
  room: { id: "room_1", call_type: "audio_only", live: true, duration_seconds: 3600, background: "/backgrounds/3e4d" },
  participant: { user_id: "usr_1", display_name: null, is_admin: true, language: "it", tools: { screen_sharing: true, whiteboard: false } },
};

test("the token is the last segment of each of the three link paths, and of no other", () => {
  expect(tokenIn("/eu/direct-rest-call-handler/abc")).toBe("abc");
  expect(tokenIn("/connect/direct-rest-call-handler/abc/")).toBe("abc");
  expect(tokenIn("/connect/rest-call-handler/a%20b")).toBe("a b");
  expect(tokenIn("/connect/rest-call-handler/%zz")).toBe("%zz");
  expect(tokenIn("/call")).toBeNull();
});

test("link wishes: long names win over short ones, unknown ones are ignored", () => {
  expect(wishesIn("?ad=true&vd=false&video_disabled=true&dn=%20My%20name&l=it&t=dark&mbc=true&slc=true&vb=blur")).toEqual({
    microphoneOff: true,
    cameraOff: true,
    displayName: "My name",
    language: "it",
    theme: "dark",
    backCamera: true,
    ownLarge: true,
    background: "blur",
  });
  expect(wishesIn("?theme=pink&display_name=&ad=perhaps&virtual_background=beach")).toEqual({
    microphoneOff: false,
    cameraOff: false,
    displayName: null,
    language: null,
    theme: null,
    backCamera: false,
    ownLarge: false,
    background: null,
  });
});

test("entering sends the token and reads the answer", async () => {
  const { fetch, asked } = fake(200, JSON.stringify(BODY), { date: "Thu, 01 Jan 2026 00:00:10 GMT" });
  const result = await enter(fetch, "secret", () => Date.UTC(2026, 0, 1));
  expect(asked[0]?.[0]).toBe("/call/enter");
  expect(asked[0]?.[1]).toMatchObject({ method: "POST", body: '{"access_token":"secret"}', credentials: "same-origin" });
  expect(result).toEqual({
    kind: "entered",
    entry: {
      server: { url: "", token: "jwt" },
      callType: "audio_only",
      live: true,
      displayName: null,
      language: "it",
      camera: false,
      userId: "usr_1",
      admin: true,
      background: "/backgrounds/3e4d",
      tools: {
        chat: false,
        screenSharing: true,
        fileUpload: false,
        whiteboard: null,
        snapshot: false,
        liveEdit: false,
        livePointer: false,
        presentToEveryone: false,
      },
      farewell: null,
      at: Date.UTC(2026, 0, 1),
      clockOffsetMs: 10_500,
    },
  });
});

test("who is not admitted yet has no way to the media engine, and is no broken answer for it", () => {
  const waiting = { ...BODY, livekit: null, admission: "required" };
  expect(parseEntry(waiting, 0, 0)).toMatchObject({ server: null, userId: "usr_1" });
  expect(parseEntry({ ...waiting, admission: "given" }, 0, 0)).toBeNull();
});

const inRoom = (room: Record<string, unknown>) => parseEntry({ ...BODY, room: { ...BODY.room, ...room } }, 0, 0);

test("after the call there is only a plain web address to go to, whatever is sent as one", () => {
  const farewell = (url: unknown, ms?: unknown) => inRoom({ end_call_redirect_url: url, end_call_redirect_timeout_ms: ms })?.farewell;
  expect(farewell("https://clinic.example:8443/bye?x=1#y", 5_000)).toEqual({ url: "https://clinic.example:8443/bye?x=1#y", host: "clinic.example:8443", waitMs: 5_000 });
  expect(farewell("http://10.0.0.1/", "soon")).toMatchObject({ waitMs: 0 });
  expect(farewell("https://clinic.example/", 1e12)).toMatchObject({ waitMs: 60_000 });
  // A name that only looks like another is shown as what it is.
  expect(farewell("https://clíníc.example/")?.host).toMatch(/^xn--[\w-]+\.example$/);
  for (const url of [undefined, null, "", 7, "/bye", "clinic.example", "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "blob:https://clinic.example/1", "https://u:p@clinic.example/", "https://"]) {
    expect(farewell(url), String(url)).toBeNull();
  }
});

test("the background is a path of our own", () => {
  const background = (path: unknown) => inRoom({ background: path })?.background;
  expect(background("/backgrounds/3e4d0683d78be3a884b7a60028644f57")).toBe("/backgrounds/3e4d0683d78be3a884b7a60028644f57");
  for (const path of [undefined, null, "", "https://visits.example/backgrounds/x", "//evil.example/backgrounds/x/y", "/\\evil.example/x", "javascript:/backgrounds/x"]) {
    expect(background(path), String(path)).toBeNull();
  }
});

test("the whiteboard has its parts, each by itself", () => {
  const tools = { chat: true, whiteboard: { wb_pen: true, wb_cursor: true, wb_text: false, wb_of_the_future: true } };
  expect(parseEntry({ ...BODY, participant: { tools } }, 0, 0)?.tools).toMatchObject({
    chat: true,
    whiteboard: { addFile: false, cursor: true, text: false, shape: false, pen: true, eraser: false },
  });
});

test("who may not send a picture is not offered a camera", () => {
  const body = { ...BODY, room: { call_type: "audio_video" } };
  expect(parseEntry(body, 0, 0)?.camera).toBe(true);
  expect(parseEntry({ ...body, participant: { camera: false } }, 0, 0)?.camera).toBe(false);
  expect(parseEntry({ ...body, room: { call_type: "audio_only" } }, 0, 0)?.camera).toBe(false);
});

test.each([
  [404, "invalid_link"],
  [400, "invalid_link"],
  [410, "room_closed"],
  [429, "busy"],
  [503, "unavailable"],
  [500, "unavailable"],
])("a %i on entering is %s", async (status, problem) => {
  expect(await enter(fake(status, "{}").fetch, "x", () => 0)).toEqual({ kind: "refused", problem });
});

test("no network, and an answer that makes no sense, are told apart", async () => {
  expect(await enter(offline, "x", () => 0)).toEqual({ kind: "refused", problem: "offline" });
  expect(await enter(fake(200, "<html>").fetch, "x", () => 0)).toEqual({ kind: "refused", problem: "unavailable" });
  for (const body of [null, 3, [], {}, { livekit: {} }, { ...BODY, livekit: { token: 3 } }, { ...BODY, room: [] }]) {
    expect(parseEntry(body, 0, 0)).toBeNull();
  }
});

test("the id is taken as written in the address", () => {
  expect(teleconsultationIn("/telecons-fe/teleconsultation/65a%2Fb")).toBe("65a%2Fb");
  expect(teleconsultationIn("/telecons-fe/teleconsultation/65a/")).toBe("65a");
  expect(teleconsultationIn("/telecons-fe/teleconsultation/")).toBeNull();
});

test.each([
  [200, '{"accessLinkURL":"https://call.example/x?y=1"}', { kind: "link", url: "https://call.example/x?y=1" }],
  [200, '{"accessLinkURL":null}', { kind: "pending" }],
  [200, "{}", { kind: "pending" }],
  [200, '{"accessLinkURL":"javascript:alert(1)"}', { kind: "trouble" }],
  [200, '{"accessLinkURL":"https://"}', { kind: "trouble" }],
  [200, '{"accessLinkURL":7}', { kind: "trouble" }],
  [200, "<html>", { kind: "trouble" }],
  [401, "{}", { kind: "stranger" }],
  [404, "{}", { kind: "stranger" }],
  [429, "{}", { kind: "trouble" }],
  [503, "", { kind: "trouble" }],
])("a %i with %s", async (status, body, answer) => {
  const { fetch, asked } = fake(status, body);
  expect(await fetchLink(fetch, "65a", ORIGIN)).toEqual(answer);
  expect(asked[0]?.[0]).toBe("/api/v1/telecons-be/teleconsultation/65a");
});

test("deleting uploads asks once and does not mind failure", async () => {
  const { fetch, asked } = fake(204, "");
  await deleteUploads(fetch, "65a");
  expect(asked.map(([url, init]) => [url, init.method])).toEqual([["/api/v1/telecons-be/teleconsultation/65a/uploads", "DELETE"]]);
  await expect(deleteUploads(offline, "65a")).resolves.toBeUndefined();
});

test("the language is added unless the link has one, and the rest of the link stays", () => {
  expect(withLanguage("https://call.example/x?y=1#z", "it", ORIGIN)).toBe("https://call.example/x?y=1&language=it#z");
  expect(withLanguage("https://call.example/x?l=en", "it", ORIGIN)).toBe("https://call.example/x?l=en");
  expect(withLanguage("/eu/direct-rest-call-handler/t", "it", ORIGIN)).toBe(`${ORIGIN}/eu/direct-rest-call-handler/t?language=it`);
});

test("only our own message ends a call", () => {
  expect(parseEnded({ type: "teleconsultation:ended", reason: "time_up" })).toMatchObject({ reason: "time_up" });
  expect(parseEnded({ type: "teleconsultation:ended" })).toMatchObject({ reason: "closed" });
  expect(parseEnded({ type: "other" })).toBeNull();
  expect(parseEnded("teleconsultation:ended")).toBeNull();
});

test("room metadata is read, and what is not ours is nothing", () => {
  const text = '{"status":"RUNNING","duration_seconds":60,"duration_used_seconds":5,"running_since":"2026-01-01T00:00:00Z"}';
  expect(parseRoomMetadata(text)).toEqual({ status: "RUNNING", durationSeconds: 60, usedSeconds: 5, runningSince: Date.UTC(2026, 0, 1) });
  expect(parseRoomMetadata('{"status":"NOT_RUNNING","duration_seconds":null,"duration_used_seconds":0,"running_since":null}')).toEqual({
    status: "NOT_RUNNING",
    durationSeconds: null,
    usedSeconds: 0,
    runningSince: null,
  });
  for (const other of [undefined, "", "x", "[]", '{"status":"ODD"}']) expect(parseRoomMetadata(other)).toBeNull();
});

test("of many wishes the first and the last are carried out, and only the last is told", async () => {
  const done: number[] = [];
  const told: number[] = [];
  const open: (() => void)[] = [];
  const wish = new LatestWish<number>(
    (value) => {
      done.push(value);
      return new Promise((resolve) => open.push(resolve));
    },
    (value) => told.push(value),
  );
  wish.want(1);
  wish.want(2);
  wish.want(3);
  expect(done).toEqual([1]);
  open[0]?.();
  await Promise.resolve();
  await Promise.resolve();
  expect(done).toEqual([1, 3]);
  open[1]?.();
  await Promise.resolve();
  await Promise.resolve();
  expect(told).toEqual([3]);
  expect(wish.busy).toBe(false);
});

test("a failed wish is told with its reason, and the next one is tried", async () => {
  const told: unknown[] = [];
  const wish = new LatestWish<boolean>(
    (value) => (value ? Promise.reject(new Error("no")) : Promise.resolve()),
    (value, error) => told.push([value, error]),
  );
  wish.want(true);
  await Promise.resolve();
  await Promise.resolve();
  wish.want(false);
  await Promise.resolve();
  await Promise.resolve();
  expect(told).toEqual([
    [true, new Error("no")],
    [false, undefined],
  ]);
});

test("a closed wish does nothing and tells nothing", async () => {
  const told: unknown[] = [];
  const wish = new LatestWish<boolean>(() => Promise.resolve(), () => told.push(1));
  wish.want(true);
  wish.close();
  wish.want(false);
  await Promise.resolve();
  await Promise.resolve();
  expect(told).toEqual([]);
});

test("where the browser lets no page use devices, the person is told why", async () => {
  expect(deviceProblem(undefined, "insecure")).toBe("insecure");
  expect(deviceProblem(new DOMException("x", "NotFoundError"), "unsupported")).toBe("unsupported");
  expect(await listDevices("unsupported", true)).toEqual(NO_DEVICES);
});

test("who waits to be let in waits on, also when a phone has dropped the page for a while", () => {
  const stay = { waiting: true, microphone: true, camera: true, chosen: { microphone: null, camera: null, speaker: null } };
  const text = stayText(stay, "token", 1_000_000);
  expect(parseStay(text, "token", 1_000_000 + 2 * 3_600_000)).toEqual(stay);
  expect(parseStay(text, "token", 1_000_001 + 2 * 3_600_000)).toBeNull();
});

test("a stay is taken up for the same link and within a minute only", () => {
  const stay = { waiting: false, microphone: false, camera: true, chosen: { microphone: "m1", camera: null, speaker: null } };
  const text = stayText(stay, "token", 1_000_000);
  expect(parseStay(text, "token", 1_060_000)).toEqual(stay);
  expect(parseStay(text, "token", 1_060_001)).toBeNull();
  expect(parseStay(text, "token", 999_999)).toBeNull();
  expect(parseStay(text, "another", 1_000_000)).toBeNull();
  for (const other of [null, "", "[]", "{}", '{"token":"token"}']) expect(parseStay(other, "token", 1_000_000)).toBeNull();
});

test("a rating is sent with the token in the body, and says whether trying again is of use", async () => {
  const { fetch, asked } = fake(204, "");
  expect(await sendRating(fetch, "secret", 4, "clear")).toBe("done");
  expect(asked[0]?.[0]).toBe("/call/rating");
  expect(asked[0]?.[1]).toMatchObject({ method: "POST", body: '{"access_token":"secret","stars":4,"comment":"clear"}' });
  expect(await sendRating(fetch, "secret", 4, null)).toBe("done");
  expect(asked[1]?.[1].body).toBe('{"access_token":"secret","stars":4}');
  for (const [status, result] of [[404, "over"], [410, "over"], [400, "failed"], [429, "failed"], [503, "failed"]] as const) {
    expect(await sendRating(fake(status, "{}").fetch, "secret", 4, null), String(status)).toBe(result);
  }
  expect(await sendRating(offline, "secret", 4, null)).toBe("failed");
});

test("only our own message says that a link opens nothing any more", () => {
  expect(isLinkRefused({ type: "teleconsultation:link-refused" })).toBe(true);
  for (const data of [null, "teleconsultation:link-refused", { type: "teleconsultation:ended" }, []]) expect(isLinkRefused(data)).toBe(false);
});

test.each([
  ["NotAllowedError", "blocked"],
  ["PermissionDeniedError", "blocked"],
  ["NotFoundError", "missing"],
  ["DevicesNotFoundError", "missing"],
  ["OverconstrainedError", "missing"],
  ["NotReadableError", "busy"],
  ["TrackStartError", "busy"],
  ["AbortError", "failed"],
])("a device that does not start with %s is %s", (name, problem) => {
  const media = new EventTarget();
  expect(deviceProblem(new DOMException("x", name), media)).toBe(problem);
  expect(deviceProblem({ name }, media)).toBe(problem);
  expect(deviceProblem(undefined, media)).toBe("failed");
});
