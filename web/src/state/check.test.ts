import { expect, test } from "vitest";
import { callStart, type CallEvent, type CallState } from "./call";
import { CHECK_FRESH_MS, judged, NOTHING_CHECKED, reportOf, type CheckFacts, type NetworkResult } from "./check";
import { helpFor } from "./help";
import type { Entry, LinkWishes } from "./model";
import { platformOf } from "./platform";
import { step } from "./step";
import { resumed } from "./step-check";

const NOW = Date.UTC(2026, 0, 1);
const GOOD: NetworkResult = { verdict: "good", uplinkKbps: 2000, downlinkKbps: 9000, roundTripMs: 30, lossPercent: 0, at: NOW };
const MEASURED = { connected: true, protocol: "udp", uplinkKbps: 1200, downlinkKbps: 8000, roundTripMs: 40, lossPercent: 0 } as const;
const WISHES: LinkWishes = { microphoneOff: false, cameraOff: false, displayName: null, language: null, theme: null, backCamera: false, ownLarge: false, background: null };
const ENTRY: Entry = {
  server: { url: "", token: "jwt" },
  callType: "audio_video",
  live: true,
  displayName: "Ada",
  language: null,
  camera: true,
  userId: "user_me",
  admin: false,
  tools: {
    chat: true,
    screenSharing: true,
    fileUpload: true,
    whiteboard: { addFile: true, cursor: true, text: true, shape: true, pen: true, eraser: true },
    snapshot: true,
    liveEdit: true,
    livePointer: true,
    presentToEveryone: true,
  },
  background: null,
  farewell: null,
  at: NOW,
  clockOffsetMs: 0,
};
const previewed = (more: Partial<Extract<CallEvent, { kind: "previewed" }>> = {}): CallEvent => ({
  kind: "previewed",
  microphone: { kind: "on" },
  camera: { kind: "on" },
  picture: "preview:1",
  mirrored: true,
  active: { microphone: "m1", camera: "c1" },
  ...more,
});

function lobby(check: CheckFacts, ...events: CallEvent[]): { state: CallState; effects: string[] } {
  let next = step(callStart(WISHES, null, check).state, { kind: "entered", entry: ENTRY }, NOW);
  const effects = next.effects.map(({ kind }) => kind);
  for (const event of events) {
    next = step(next.state, event, NOW);
    effects.push(...next.effects.map(({ kind }) => kind));
  }
  return { state: next.state, effects };
}

test("the lobby measures the line by itself, unless that was done a moment ago", () => {
  expect(lobby(NOTHING_CHECKED).effects).toEqual(["preview", "checkNetwork"]);
  expect(lobby(resumed({ speaker: "heard", network: GOOD })).effects).toEqual(["preview"]);
  const old = { ...GOOD, at: NOW - CHECK_FRESH_MS };
  expect(lobby(resumed({ speaker: "heard", network: old })).effects).toEqual(["preview", "checkNetwork"]);
  const failed: NetworkResult = { ...GOOD, verdict: "failed" };
  expect(lobby(resumed({ speaker: "heard", network: failed })).effects, "somebody who found another network").toEqual(["preview", "checkNetwork"]);
});

test("joining ends the measurement, and a second one is not begun while one lasts", () => {
  expect(lobby(NOTHING_CHECKED, { kind: "networkWished" }).effects).toEqual(["preview", "checkNetwork"]);
  expect(lobby(NOTHING_CHECKED, { kind: "networkChecked", result: GOOD }, { kind: "networkWished" }).effects).toEqual([
    "preview",
    "checkNetwork",
    "checkNetwork",
  ]);
  expect(lobby(NOTHING_CHECKED, { kind: "joinWished" }).effects).toEqual(["preview", "checkNetwork", "endNetworkCheck", "connect"]);
});

test("what was found of a device holds for that device only", () => {
  const found = lobby(NOTHING_CHECKED, previewed(), { kind: "pictureSeen" }, { kind: "voiceHeard" });
  expect(found.state.own.check).toMatchObject({ pictureSeen: true, voiceHeard: true });
  const same = step(found.state, previewed(), NOW).state;
  expect(same.own.check).toMatchObject({ pictureSeen: true, voiceHeard: true });
  const otherCamera = step(found.state, previewed({ picture: "preview:2", active: { microphone: "m1", camera: "c2" } }), NOW).state;
  expect(otherCamera.own.check).toMatchObject({ pictureSeen: false, voiceHeard: true });
  const otherMicrophone = step(found.state, previewed({ active: { microphone: "m2", camera: "c1" } }), NOW).state;
  expect(otherMicrophone.own.check).toMatchObject({ pictureSeen: true, voiceHeard: false });
});

test("what was blocked is tried again, both at once, as soon as the browser allows it", () => {
  const blocked = { kind: "failed", problem: "blocked" } as const;
  const refused = lobby(
    NOTHING_CHECKED,
    { kind: "permissionsChanged", camera: "denied", microphone: "denied" },
    previewed({ microphone: blocked, camera: blocked, picture: null }),
  );
  const allowed = step(refused.state, { kind: "permissionsChanged", camera: "granted", microphone: "granted" }, NOW);
  expect(allowed.effects).toMatchObject([{ kind: "preview", own: { camera: { kind: "starting" }, microphone: { kind: "starting" } } }]);
  // Told again, or where the system refuses what the browser has granted all along, nothing begins: it would never end.
  const still = step(allowed.state, previewed({ microphone: blocked, camera: blocked, picture: null }), NOW).state;
  expect(step(still, { kind: "permissionsChanged", camera: "granted", microphone: "granted" }, NOW).effects).toEqual([]);
});

test("the report says what failed, and skips what nobody tried or turned off themselves", () => {
  const { own } = lobby(NOTHING_CHECKED, previewed({ camera: { kind: "failed", problem: "busy" }, picture: null }), { kind: "voiceHeard" }).state;
  expect(reportOf(own, "Safari 17")).toEqual({
    microphone: "ok",
    camera: "busy",
    speaker: "skipped",
    network: "skipped",
    uplinkKbps: null,
    downlinkKbps: null,
    browser: "Safari 17",
  });
  const quiet = lobby(NOTHING_CHECKED, previewed(), { kind: "soundAnswered", heard: false }, { kind: "networkChecked", result: GOOD }).state;
  expect(reportOf(quiet.own, null)).toMatchObject({ microphone: "skipped", speaker: "failed", network: "good", uplinkKbps: 2000 });
});

test("a measurement that was broken off forgets nothing", () => {
  const { state } = lobby(resumed({ speaker: "heard", network: GOOD }), { kind: "networkChecked", result: null });
  expect(state.own.check).toMatchObject({ network: GOOD, networkBusy: false });
});

test.each([
  [{}, "good"],
  [{ protocol: "tcp" }, "tcp_only"],
  [{ uplinkKbps: 200 }, "weak"],
  [{ protocol: "tcp", downlinkKbps: 100 }, "weak"],
  [{ roundTripMs: 900 }, "weak"],
  [{ lossPercent: 8 }, "weak"],
  [{ uplinkKbps: null, downlinkKbps: null, roundTripMs: null, lossPercent: null }, "good"],
  [{ connected: false }, "failed"],
] as const)("%o is a line that is %s", (more, verdict) => {
  expect(judged({ ...MEASURED, ...more }, NOW).verdict).toBe(verdict);
});

const AGENTS = {
  chromeWindows: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
  edgeWindows: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
  firefoxLinux: "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
  safariMac: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
  safariPhone: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
  chromePhone: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0.0.0 Mobile/15E148 Safari/604.1",
  chromeAndroid: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
  firefoxAndroid: "Mozilla/5.0 (Android 14; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0",
  facebook: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/450.0]",
  instagram: "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/141.0.0.0 Mobile Safari/537.36 Instagram 300.0",
  whatsapp: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
} as const;

test.each([
  ["chromeWindows", 0, { browser: "chrome", system: "windows", inApp: false, label: "Chrome 141" }],
  ["edgeWindows", 0, { browser: "edge", system: "windows", inApp: false, label: "Edge 141" }],
  ["firefoxLinux", 0, { browser: "firefox", system: "linux", inApp: false, label: "Firefox 143" }],
  ["safariMac", 0, { browser: "safari", system: "macos", inApp: false, label: "Safari 17" }],
  ["safariMac", 5, { browser: "safari", system: "ios", inApp: false, label: "Safari 17" }],
  ["safariPhone", 5, { browser: "safari", system: "ios", inApp: false, label: "Safari 17" }],
  ["chromePhone", 5, { browser: "chrome", system: "ios", inApp: false, label: "Chrome 141" }],
  ["chromeAndroid", 5, { browser: "chrome", system: "android", inApp: false, label: "Chrome 141" }],
  ["firefoxAndroid", 5, { browser: "firefox", system: "android", inApp: false, label: "Firefox 143" }],
  ["facebook", 5, { browser: "other", system: "ios", inApp: true, label: null }],
  ["instagram", 5, { browser: "chrome", system: "android", inApp: true, label: "Chrome 141" }],
  ["whatsapp", 5, { browser: "other", system: "ios", inApp: true, label: null }],
] as const)("%s with %i fingers is known", (agent, fingers, platform) => {
  expect(platformOf(AGENTS[agent], fingers)).toEqual(platform);
});

test("the next step is that of the browser and the system, and of who refuses", () => {
  const on = (agent: keyof typeof AGENTS, permission: "granted" | "denied" | "prompt" | "unknown"): string =>
    helpFor("blocked", platformOf(AGENTS[agent], 0), permission);
  expect(on("chromeWindows", "denied")).toBe("help.site_chrome");
  expect(on("edgeWindows", "granted")).toBe("help.system_windows");
  expect(on("safariMac", "granted")).toBe("help.system_macos");
  expect(on("safariMac", "unknown")).toBe("help.site_safari_mac");
  expect(on("firefoxLinux", "unknown")).toBe("help.site_firefox");
  expect(on("safariPhone", "denied")).toBe("help.site_safari_ios");
  expect(on("chromePhone", "denied")).toBe("help.app_ios");
  expect(on("chromeAndroid", "prompt")).toBe("help.ask_again");
  expect(on("firefoxAndroid", "denied")).toBe("help.site_firefox_android");
  for (const app of ["facebook", "instagram", "whatsapp"] as const) expect(on(app, "unknown")).toBe("help.in_app");
});

test("a strange user agent is nobody's, however long", () => {
  expect(platformOf("", 0)).toEqual({ browser: "other", system: "other", inApp: false, label: null });
  expect(platformOf(`Chrome/${"9".repeat(10_000)}`, 0).label).toHaveLength(60);
});
