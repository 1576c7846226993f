import { render } from "preact";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/lobby.css";
import "./styles/check.css";
import "./styles/call.css";
import "./styles/stage.css";
import "./styles/panel.css";
import "./styles/chat.css";
import "./styles/people.css";
import "./styles/files.css";
import "./styles/pointer.css";
import "./styles/knock.css";
import "./styles/after.css";
import "./styles/more.css";
import "./styles/board.css";
import "./styles/small.css";
import { Backdrops, canHideBackground } from "./browser/background/backdrops";
import { chime } from "./browser/chime";
import { reviveStyles } from "./browser/dead-styles";
import { keepBackground, keptBackground } from "./browser/device-memory";
import { keepingFocus } from "./browser/focus";
import { canTranscribe, transcribe } from "./browser/speech";
import { goTo, outwardTarget } from "./browser/outward";
import { frameOf, photoOf } from "./browser/still";
import { keepCheck, keepRead, keepStay, keptCheck, takeRead, takeStay, takeToken } from "./browser/tab-memory";
import { canOpenSmallWindow, SmallWindow } from "./browser/small-window";
import { testPicture } from "./browser/test-picture";
import { playTestSound } from "./browser/test-sound";
import { dressPage, onTheme, themeNow } from "./browser/theme";
import { uploadMemory } from "./browser/upload-memory";
import { keepAwake } from "./browser/wake-lock";
import type { BoardShell } from "./board-shell";
import { CallShell } from "./call-shell";
import { pickLanguage, primary } from "./i18n/language";
import { ENGLISH, LOADERS } from "./i18n/load";
import { Spoken } from "./i18n/spoken";
import { translator } from "./i18n/translate";
import type { Media } from "./protocol/devices";
import { TIMEOUT_MS } from "./protocol/http";
import { linkOf, wishesIn } from "./protocol/link";
import { stayOf, type CallState } from "./state/call";
import { platformOf } from "./state/platform";
import { smallView } from "./state/small-window";
import type { ToolsState } from "./state/tools";
import { CallApp } from "./view/call/app";
import type { Ports } from "./view/call/ports";
import { SmallCall } from "./view/call/small-call";
import { callTitle } from "./view/titles";

/** Absent on insecure origins, and in the browsers inside some other apps, although the type says otherwise. */
function mediaDevices(): Media {
  if ("mediaDevices" in navigator) return navigator.mediaDevices;
  return isSecureContext ? "unsupported" : "insecure";
}

/** Made by chance, so long that nobody makes it again. Not every browser gives more than this on insecure origins. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Fetches a picture of the room. Null: it did not come. */
async function fetchFile(url: string): Promise<Blob | null> {
  try {
    const response = await fetch(url, { credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? await response.blob() : null;
  } catch {
    return null;
  }
}

function start(page: HTMLElement): void {
  const wishes = wishesIn(location.search);
  const media = mediaDevices();
  const platform = platformOf(navigator.userAgent, navigator.maxTouchPoints);
  const speechLanguage = wishes.language ?? navigator.language;
  const awake = keepAwake();
  const token = takeToken();
  const small = new SmallWindow((root) => {
    render(null, root);
    shell.send({ kind: "smallTold", open: false });
  });
  const spoken = new Spoken(ENGLISH, LOADERS, {
    after: (ms, run) => void setTimeout(run, ms),
    changed: () => {
      shell.redraw();
    },
  });
  const draw = (state: CallState, tools: ToolsState, boards: BoardShell): void => {
    const entry = "entry" in state ? state.entry : null;
    awake(state.kind === "live" || state.kind === "returning" || state.kind === "waiting");
    // A phone may drop a page that waits in the background, without a word to it.
    if (state.kind === "waiting") keepStay(token, stayOf(state));
    const speech = spoken.in(pickLanguage([wishes.language, entry?.language ?? null, ...navigator.languages]));
    if (speech === null) return;
    const { language, texts } = speech;
    const t = translator(texts);
    dressPage(document, language, t(callTitle(state)), wishes.theme);
    if (entry !== null) {
      boards.dress({
        tools: entry.tools,
        language,
        theme: themeNow(wishes.theme),
        nameOf: (userId) => tools.names.get(userId) ?? t("person.unnamed"),
        shownIn: (fileId) => tools.room.files.find(({ id }) => id === fileId)?.of ?? null,
        texts: { pictureType: t("board.picture_type"), pictureFailed: t("board.picture_failed"), pictureName: `${t("board.picture_name")}.png` },
      });
    }
    const ports: Ports = {
      t,
      send: (event) => {
        shell.send(event);
      },
      incomplete: shell.incomplete,
      reload: () => {
        location.reload();
      },
      attach: (key, element) => shell.attach(key, element),
      attachAbove: (key, element) => shell.attachAbove(key, element),
      level: () => shell.level(),
      room: tools.room,
      channel: shell.room,
      tools,
      use: shell.room.take,
      sendFiles: shell.room.sendFiles,
      boards: { state: boards.state, use: boards.take, mount: boards.mount },
      newKey,
      // Times as the person's own region writes them.
      language: navigator.languages.find((tag) => primary(tag) === language) ?? language,
      platform,
      outward: outwardTarget(),
      link: token === null ? null : linkOf(location.origin, token, location.search),
      smallWindow: canOpenSmallWindow(),
      screenSharing: typeof media !== "string" && "getDisplayMedia" in media,
    };
    keepingFocus(page, () => {
      render(<CallApp state={state} ports={ports} />, page);
    });
    const view = smallView(state, tools.room.presented);
    if (small.root === null || view === null) return;
    dressPage(small.root.ownerDocument, language, t(callTitle(state)), wishes.theme);
    render(<SmallCall view={view} state={state} ports={ports} />, small.root);
  };
  const shell = new CallShell(
    {
      fetch: (url, init) => fetch(url, init),
      origin: location.origin,
      media,
      loadEngine: () => import("./engine"),
      after: (ms, run) => void setTimeout(run, ms),
      speakerChoice: "setSinkId" in HTMLMediaElement.prototype,
      now: () => Date.now(),
      chance: () => Math.random(),
      newKey,
      chime: chime(),
      keepRead: (number) => {
        keepRead(token, number);
      },
      boards: {
        after: (ms, run) => {
          const timer = setTimeout(run, ms);
          return () => {
            clearTimeout(timer);
          };
        },
        loadDrawing: async () => {
          await reviveStyles();
          return import("./view/board/island");
        },
        loadTus: () => import("tus-js-client"),
        fetchFile,
      },
      uploads: { load: () => import("tus-js-client"), memory: uploadMemory },
      photoOf,
      frameOf,
      hidden: () => document.visibilityState === "hidden",
      backdrops: (told) => new Backdrops(() => performance.now(), told),
      keepBackground,
      smallWindow: small,
      permissions: "permissions" in navigator ? { query: (descriptor) => navigator.permissions.query(descriptor) } : null,
      label: platform.label,
      testPicture,
      speech: {
        language: speechLanguage,
        possible: () => canTranscribe(speechLanguage),
        transcribe: (said, failed) => transcribe(speechLanguage, said, failed),
      },
      playTestSound,
      goTo,
      tellParent: (message) => {
        // Only the waiting page hears it: the browser drops it if another origin frames us.
        if (window.parent !== window) window.parent.postMessage(message, location.origin);
      },
    },
    token,
    wishes,
    { stay: takeStay(token), readUpTo: takeRead(token), check: keptCheck(), background: { possible: canHideBackground(), wish: keptBackground() } },
    draw,
  );
  shell.start();
  onTheme(() => {
    shell.redraw();
  });
  window.addEventListener("online", () => {
    shell.online();
  });
  window.addEventListener("pagehide", () => {
    keepStay(token, stayOf(shell.state));
    keepCheck(shell.state.own.check);
    // Where the page around this one opened it, it would stay.
    small.close();
  });
}

const page = document.getElementById("page");
if (page !== null) start(page);
