import { expect, test } from "vitest";
import { deskEn } from "./desk/en";
import { DESK_LOADERS } from "./desk/load";
import { en } from "./en";
import { LANGUAGES, type Language } from "./language";
import { LOADERS } from "./load";
import { wrongTexts } from "./check-texts";

const OTHERS = LANGUAGES.filter((language) => language !== "en");

/** Words that are the same in English; of the desk the second list. */
const SAME: Readonly<Record<Exclude<Language, "en">, readonly [readonly string[], readonly string[]]>> = {
  it: [["panel.chat"], []],
  es: [["panel.chat"], []],
  de: [["after.seconds", "panel.chat", "short.board", "board.heading", "board.picture_name", "short.hand"], ["desk.live", "form.person"]],
  fr: [["panel.chat", "chat.messages"], ["form.date", "form.minutes"]],
};

test("every language has every text, with the same names filled in, and none was left in English", async () => {
  for (const language of OTHERS) {
    const [same, sameAtDesk] = SAME[language];
    expect(wrongTexts(en, await LOADERS[language](), same), language).toEqual([]);
    expect(wrongTexts(deskEn, await DESK_LOADERS[language](), sameAtDesk), `${language}, desk`).toEqual([]);
  }
});

test("no English text is empty", () => {
  expect(wrongTexts(en, en, []).filter((wrong) => !wrong.endsWith("still in English"))).toEqual([]);
  expect(wrongTexts(deskEn, deskEn, []).filter((wrong) => !wrong.endsWith("still in English"))).toEqual([]);
});

test("each mistake in a text is found, and a text without one is not", () => {
  const english = { a: "Hello {name}", b: "Chat", c: "{x} · {y}", d: "Yes", e: "No", f: "Off" };
  const texts = { a: "Hallo {names}", b: "Chat", c: "{y} · {x}", d: "Yes", e: " ", g: "Zu viel" };
  expect(wrongTexts(english, texts, ["b", "e", "h"])).toEqual([
    "a: fills in other names",
    "d: still in English",
    "e: empty",
    "f: missing",
    "g: unknown",
    "h: unknown",
  ]);
  expect(wrongTexts({ a: "Chat" }, { a: "Plausch" }, ["a"])).toEqual(["a: listed as the same as in English"]);
  expect(wrongTexts({ a: "{n} people, {n}" }, { a: "{n} Personen" }, [])).toEqual(["a: fills in other names"]);
});

test("each language has the same files, and there are no others", () => {
  const files = Object.keys(import.meta.glob(["./**/*.ts", "!./**/*.test.ts"]));
  const ofLanguage = (language: Language): readonly string[] =>
    files.filter((file) => new RegExp(`[./]${language}\\.ts$`).test(file)).map((file) => file.replace(`${language}.ts`, "")).sort();
  expect(ofLanguage("en")).toEqual(["./", "./after.", "./background.", "./board.", "./check.", "./desk/", "./stage."]);
  for (const language of OTHERS) expect(ofLanguage(language), language).toEqual(ofLanguage("en"));
  const spoken: readonly string[] = LANGUAGES;
  const tags = files.map((file) => /[./]([a-z]{2})\.ts$/.exec(file)?.[1] ?? "en");
  expect(tags.filter((tag) => !spoken.includes(tag))).toEqual([]);
});

test("French has its narrow spaces before signs, and no line can break there", async () => {
  const texts: Readonly<Record<string, string>> = { ...(await LOADERS.fr()), ...(await DESK_LOADERS.fr()) };
  const wrong = Object.entries(texts).filter(([, text]) => / [;:!?»]|« |[^\s\u00a0\u202f][;!?»]/u.test(text));
  expect(wrong).toEqual([]);
});
