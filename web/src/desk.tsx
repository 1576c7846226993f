import { render } from "preact";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/desk.css";
import { copied, keepDeskKey, keepFile, newIds, takeDeskKey } from "./browser/desk";
import { keepingFocus } from "./browser/focus";
import { dressPage } from "./browser/theme";
import { DESK_ENGLISH, DESK_LOADERS } from "./i18n/desk/load";
import { pickLanguage, primary } from "./i18n/language";
import { Spoken } from "./i18n/spoken";
import { translator } from "./i18n/translate";
import { book, cancel, change, fetchCalendar, fetchOne, fetchPage, fetchReport, fetchRules } from "./protocol/desk/api";
import { DeskWatch } from "./protocol/desk/events";
import { wishesIn } from "./protocol/link";
import { PEOPLE_MAX } from "./state/desk/draft";
import { deskStart, stepDesk, type DeskEffect, type DeskEvent, type DeskState, type DeskStep } from "./state/desk/step";
import { DeskApp } from "./view/desk/app";

/** How often the page looks at the clock: what is late, and what is over, changes with it. */
const TICK_MS = 15_000;

function start(page: HTMLElement): void {
  const wishes = wishesIn(location.search);
  const language = pickLanguage([wishes.language, ...navigator.languages]);
  const spoken = new Spoken(DESK_ENGLISH, DESK_LOADERS, {
    after: (ms, run) => void setTimeout(run, ms),
    changed: () => {
      draw();
    },
  });
  const get = (url: string, init: RequestInit): Promise<Response> => fetch(url, init);
  const watch = new DeskWatch(get);
  const send = (event: DeskEvent): void => {
    take(stepDesk(state, event));
  };
  const later = (ms: number, act: () => Promise<void>): void => {
    if (ms === 0) void act();
    else setTimeout(() => void act(), ms);
  };
  /** A question that waited is not asked any more if the desk was locked meanwhile. */
  const isKey = (key: string): boolean => state.kind !== "locked" && state.key === key;
  const run = async (effect: DeskEffect): Promise<void> => {
    switch (effect.kind) {
      case "keep":
        keepDeskKey(effect.key);
        return;
      case "stopWatching":
        watch.stop();
        return;
      case "readRules":
        later(effect.afterMs, async () => {
          if (isKey(effect.key)) send({ kind: "rules", answer: await fetchRules(get, effect.key), now: Date.now() });
        });
        return;
      case "watch":
        later(effect.afterMs, async () => {
          if (!isKey(effect.key)) return;
          await watch.watch(effect.key, (what) => { send({ kind: "told", what }); }, (locked) => { send({ kind: "streamLost", locked }); });
        });
        return;
      case "list": {
        const answer = await fetchPage(get, effect.key, effect.from, effect.after);
        send({ kind: "listed", answer, day: effect.day, more: effect.after !== null, now: Date.now() });
        return;
      }
      case "readOne":
        send({ kind: "one", id: effect.id, answer: await fetchOne(get, effect.key, effect.id) });
        return;
      case "book":
        send({ kind: "submitAnswered", answer: await book(get, effect.booking, effect.lookedUp) });
        return;
      case "change":
        send({ kind: "submitAnswered", answer: await change(get, effect.id, effect.booking, effect.lookedUp) });
        return;
      case "cancel":
        send({ kind: "cancelAnswered", id: effect.id, answer: await cancel(get, effect.id) });
        return;
      case "copy":
        send({ kind: "copied", done: await copied(effect.link), link: effect.link, name: effect.name });
        return;
      case "calendar": {
        const file = await fetchCalendar(get, effect.key, effect.id, effect.person);
        if (file !== null) keepFile(file, "consultation.ics");
        send({ kind: "calendarAnswered", done: file !== null });
        return;
      }
      case "readQuality":
        send({ kind: "qualityAnswered", id: effect.id, answer: await fetchReport(get, effect.key, effect.id) });
        return;
    }
  };
  let state: DeskState = { kind: "locked", wrong: false };
  const draw = (): void => {
    const speech = spoken.in(language);
    if (speech === null) return;
    const t = translator(speech.texts);
    // Times as the person's own region writes them.
    const locale = navigator.languages.find((tag) => primary(tag) === speech.language) ?? speech.language;
    dressPage(document, speech.language, t("desk.title"), wishes.theme);
    keepingFocus(page, () => {
      render(<DeskApp state={state} locale={locale} t={t} send={send} newIds={() => newIds(PEOPLE_MAX)} />, page);
    });
  };
  const take = (next: DeskStep): void => {
    state = next.state;
    draw();
    for (const effect of next.effects) void run(effect);
  };
  setInterval(() => { send({ kind: "ticked", now: Date.now() }); }, TICK_MS);
  take(deskStart(takeDeskKey()));
  // A tab with an open desk can be sent to another key.
  window.addEventListener("hashchange", () => {
    const key = takeDeskKey();
    if (key !== null && (state.kind === "locked" || state.key !== key)) take(deskStart(key));
  });
}

const page = document.getElementById("page");
if (page !== null) start(page);
