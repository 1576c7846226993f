import { render } from "preact";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/waiting.css";
import { dressPage } from "./browser/theme";
import { pickLanguage, primary } from "./i18n/language";
import { ENGLISH, LOADERS } from "./i18n/load";
import { Spoken } from "./i18n/spoken";
import { translator } from "./i18n/translate";
import { isLinkRefused, parseEnded } from "./protocol/messages";
import { wishesIn } from "./protocol/link";
import { deleteUploads, fetchLink, teleconsultationIn, withLanguage } from "./protocol/teleconsultation";
import { jittered } from "./state/backoff";
import { stepWaiting, waitingStart, type WaitingEffect, type WaitingEvent, type WaitingState } from "./state/waiting";
import { waitingTitle } from "./view/titles";
import { WaitingApp } from "./view/waiting/app";

function start(page: HTMLElement): void {
  const id = teleconsultationIn(location.pathname);
  const wishes = wishesIn(location.search);
  const language = pickLanguage([wishes.language, ...navigator.languages]);
  const spoken = new Spoken(ENGLISH, LOADERS, {
    after: (ms, run) => void setTimeout(run, ms),
    changed: () => {
      draw();
    },
  });
  // The call page may speak languages that this one does not: it gets the browser's own.
  const frameLanguage = wishes.language ?? primary(navigator.languages[0] ?? language);
  const send = (event: WaitingEvent): void => {
    take(stepWaiting(state, event));
  };
  const ask = async (): Promise<void> => {
    const answer = id === null ? ({ kind: "stranger" } as const) : await fetchLink((url, init) => fetch(url, init), id, location.origin);
    send({ kind: "answered", answer });
  };
  const run = (effect: WaitingEffect): void => {
    switch (effect.kind) {
      case "ask":
        void ask();
        return;
      case "askAfter":
        setTimeout(() => void ask(), jittered(effect.ms, Math.random()));
        return;
      case "deleteUploads":
        if (id !== null) void deleteUploads((url, init) => fetch(url, init), id);
        return;
    }
  };
  const draw = (): void => {
    const speech = spoken.in(language);
    if (speech === null) return;
    const t = translator(speech.texts);
    dressPage(document, speech.language, t(waitingTitle(state)), wishes.theme);
    render(<WaitingApp state={state} t={t} send={send} frameUrl={(link) => withLanguage(link, frameLanguage, location.origin)} />, page);
  };
  let state: WaitingState = waitingStart.state;
  const take = (next: typeof waitingStart): void => {
    state = next.state;
    draw();
    for (const effect of next.effects) run(effect);
  };
  window.addEventListener("message", ({ origin, source, data }) => {
    const frame = page.querySelector("iframe")?.contentWindow ?? null;
    // Only from the very frame that we opened, and only while it shows a page of ours.
    if (origin !== location.origin || frame === null || source !== frame) return;
    if (parseEnded(data) !== null) send({ kind: "callEnded" });
    if (isLinkRefused(data)) send({ kind: "linkRefused" });
  });
  take(waitingStart);
}

const page = document.getElementById("page");
if (page !== null) start(page);
