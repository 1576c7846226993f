import { expect, test } from "vitest";
import { AGAIN_AFTER_MS, ATTEMPTS_MAX, PATIENCE_MS, Spoken, type Loaders } from "./spoken";

/** A page whose clock and line are ours. Texts come when `answer` or `fail` says so, one request at a time. */
function made() {
  const timers: { at: number; run: () => void }[] = [];
  const asked: { language: string; answer: (texts: string) => void; fail: () => void }[] = [];
  let now = 0;
  let drawn = 0;
  const loader = (language: string) => () =>
    new Promise<string>((resolve, reject) => {
      asked.push({ language, answer: resolve, fail: () => { reject(new Error("the line is down")); } });
    });
  const loaders: Loaders<string> = { it: loader("it"), es: loader("es"), de: loader("de"), fr: loader("fr") };
  const spoken = new Spoken("hello", loaders, {
    after: (ms, run) => void timers.push({ at: now + ms, run }),
    changed: () => { drawn += 1; },
  });
  /** Lets time pass, and what was answered arrive. */
  const pass = async (ms: number): Promise<void> => {
    await settled();
    now += ms;
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.run();
    }
    await settled();
  };
  return { spoken, asked, pass, drawn: () => drawn };
}

/** Everything that promises had to do is done. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("English is there at once, and nothing is asked for", () => {
  const { spoken, asked } = made();
  expect(spoken.in("en")).toEqual({ language: "en", texts: "hello" });
  expect(asked).toEqual([]);
});

test("another language is asked for once, and nothing is drawn until it has come", async () => {
  const { spoken, asked, pass, drawn } = made();
  expect(spoken.in("de")).toBeNull();
  expect(spoken.in("de")).toBeNull();
  expect(asked.map(({ language }) => language)).toEqual(["de"]);
  asked[0]?.answer("hallo");
  await pass(0);
  expect(drawn()).toBe(1);
  expect(spoken.in("de")).toEqual({ language: "de", texts: "hallo" });
  await pass(PATIENCE_MS);
  expect(drawn()).toBe(1);
});

test("texts that do not come are asked for again, and come then", async () => {
  const { spoken, asked, pass, drawn } = made();
  spoken.in("fr");
  asked[0]?.fail();
  await pass(AGAIN_AFTER_MS - 1);
  expect(asked.length).toBe(1);
  await pass(1);
  expect(asked.length).toBe(2);
  expect([spoken.in("fr"), drawn()]).toEqual([null, 0]);
  asked[1]?.answer("bonjour");
  await pass(0);
  expect(spoken.in("fr")).toEqual({ language: "fr", texts: "bonjour" });
});

test("where texts never come the page speaks what it spoke before, and does not ask for ever", async () => {
  const { spoken, asked, pass, drawn } = made();
  spoken.in("it");
  asked[0]?.answer("ciao");
  await pass(0);
  spoken.in("it");
  spoken.in("es");
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    asked[attempt]?.fail();
    await pass(AGAIN_AFTER_MS);
  }
  expect(drawn()).toBe(2);
  expect(spoken.in("es")).toEqual({ language: "it", texts: "ciao" });
  await pass(PATIENCE_MS);
  expect([asked.length, drawn()]).toEqual([1 + ATTEMPTS_MAX, 2]);
});

test("after ten seconds the page speaks English, and the language once it has come after all", async () => {
  const { spoken, asked, pass, drawn } = made();
  spoken.in("de");
  await pass(PATIENCE_MS - 1);
  expect(spoken.in("de")).toBeNull();
  await pass(1);
  expect([spoken.in("de"), drawn()]).toEqual([{ language: "en", texts: "hello" }, 1]);
  asked[0]?.answer("hallo");
  await pass(0);
  expect([spoken.in("de"), drawn()]).toEqual([{ language: "de", texts: "hallo" }, 2]);
});
