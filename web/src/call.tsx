import { LogLevel, setLogLevel, supportsAudioOutputSelection } from "livekit-client";
import { render } from "preact";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/lobby.css";
import "./styles/call.css";
import "./styles/stage.css";
import { keepingFocus } from "./browser/focus";
import { keepStay, takeStay, takeToken } from "./browser/tab-memory";
import { dressPage } from "./browser/theme";
import { keepAwake } from "./browser/wake-lock";
import { CallShell } from "./call-shell";
import { pickLanguage, translator } from "./i18n/translate";
import type { Media } from "./protocol/devices";
import { wishesIn } from "./protocol/link";
import { stayOf, type CallState } from "./state/call";
import type { RoomState } from "./state/room";
import { CallApp } from "./view/call/app";
import type { Ports } from "./view/call/ports";
import { callTitle } from "./view/titles";

/** Absent on insecure origins, and in the browsers inside some other apps, although the type says otherwise. */
function mediaDevices(): Media {
  if ("mediaDevices" in navigator) return navigator.mediaDevices;
  return isSecureContext ? "unsupported" : "insecure";
}

function start(page: HTMLElement): void {
  // Below this the library writes names and ids to the console.
  setLogLevel(LogLevel.warn);
  const wishes = wishesIn(location.search);
  const media = mediaDevices();
  const awake = keepAwake();
  const token = takeToken();
  const draw = (state: CallState, room: RoomState): void => {
    const entry = "entry" in state ? state.entry : null;
    const language = pickLanguage([wishes.language, entry?.language ?? null, ...navigator.languages]);
    const t = translator(language);
    dressPage(language, t(callTitle(state)), wishes.theme);
    awake(state.kind === "live" || state.kind === "returning");
    const ports: Ports = {
      t,
      send: (event) => {
        shell.send(event);
      },
      attach: (key, element) => shell.attach(key, element),
      level: () => shell.level(),
      room,
      channel: shell.channel,
      screenSharing: typeof media !== "string" && "getDisplayMedia" in media,
    };
    keepingFocus(page, () => {
      render(<CallApp state={state} ports={ports} />, page);
    });
  };
  const shell = new CallShell(
    {
      fetch: (url, init) => fetch(url, init),
      origin: location.origin,
      media,
      speakerChoice: supportsAudioOutputSelection(),
      now: () => Date.now(),
      chance: () => Math.random(),
      tellParent: (message) => {
        // Only the waiting page hears it: the browser drops it if another origin frames us.
        if (window.parent !== window) window.parent.postMessage(message, location.origin);
      },
    },
    token,
    wishes,
    takeStay(token),
    draw,
  );
  window.addEventListener("online", () => {
    shell.online();
  });
  window.addEventListener("pagehide", () => {
    keepStay(token, stayOf(shell.state));
  });
}

const page = document.getElementById("page");
if (page !== null) start(page);
