import { expect, test } from "vitest";
import { en, type TextKey } from "./en";
import { directionOf, LANGUAGES, pickLanguage, type Language } from "./language";
import { ENGLISH, LOADERS } from "./load";
import { translator } from "./translate";

const textsOf = async (language: Language): Promise<typeof ENGLISH> => (language === "en" ? ENGLISH : LOADERS[language]());

test("no key is in two files of one language, where the later would silently win", async () => {
  const sources = import.meta.glob<string>("./*.ts", { query: "?raw", import: "default", eager: true });
  for (const language of LANGUAGES) {
    const parts = Object.entries(sources).filter(([name]) => name.endsWith(`.${language}.ts`) || name === `./${language}.ts`);
    expect(parts.length, language).toBeGreaterThan(1);
    const keys = parts.flatMap(([, source]) => [...source.matchAll(/^ {2}"?([a-z_.]+)"?:/gm)].map((match) => match[1] ?? ""));
    expect(keys.sort(), language).toEqual(Object.keys(await textsOf(language)).sort());
  }
});

test("every text is used, and every literal key that is used exists", async () => {
  const sources = import.meta.glob<string>(["../**/*.ts", "../**/*.tsx", "!../i18n/**", "!../**/*.test.ts", "!../view/desk/**", "!../desk.tsx"], {
    query: "?raw",
    import: "default",
  });
  const code = (await Promise.all(Object.values(sources).map((read) => read()))).join("\n");
  // A key is written out, or begins with a fixed part and goes on with a variable one, as in `left.${reason}.heading`.
  const patterns = [...code.matchAll(/`([a-z_]+\.(?:[a-z_.]|\$\{[^}]+\})+)`/g)].map(
    (match) => new RegExp(`^${(match[1] ?? "").replace(/\./g, "\\.").replace(/\$\{[^}]+\}/g, "[a-z_]+")}$`),
  );
  const unused = Object.keys(en).filter((key) => !code.includes(`"${key}"`) && !patterns.some((pattern) => pattern.test(key)));
  expect(unused).toEqual([]);
  const called = [...code.matchAll(/\bt\(\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(called.filter((key) => !(key in en))).toEqual([]);
});

test("the word below a button is part of the button's name", async () => {
  const pairs: readonly (readonly [TextKey, TextKey])[] = [
    ["short.microphone", "control.mute"],
    ["short.microphone", "control.unmute"],
    ["short.camera", "control.camera_on"],
    ["short.camera", "control.camera_off"],
    ["short.share", "control.share"],
    ["short.stop_share", "control.stop_share"],
    ["short.devices", "control.devices"],
    ["short.board", "control.board"],
    ["short.board", "control.board_close"],
    ["short.small", "control.small"],
    ["short.small", "control.small_close"],
    ["short.leave", "control.leave"],
    ["short.hand", "control.raise_hand"],
    ["short.hand", "control.lower_hand"],
    ["short.point", "control.point"],
    ["short.stop_point", "control.stop_pointing"],
    ["short.present", "control.present"],
    ["short.stop_present", "control.stop_present"],
    ["short.more", "control.more"],
    ["short.less", "control.less"],
  ];
  for (const language of LANGUAGES) {
    const texts = await textsOf(language);
    for (const [short, full] of pairs) expect(texts[full].toLowerCase(), language).toContain(texts[short].toLowerCase());
  }
});

test("a region does not matter, and an unknown language gives English", () => {
  expect(pickLanguage(["it-CH"])).toBe("it");
  expect(pickLanguage(["de_AT", "it"])).toBe("de");
  expect(pickLanguage([null, "pl", "IT"])).toBe("it");
  expect(pickLanguage(["pl"])).toBe("en");
  expect(pickLanguage([])).toBe("en");
});

test("pages know which way a language is written, also one that they do not speak yet", () => {
  expect(["ar", "he", "fa-IR", "ur_PK"].map(directionOf)).toEqual(["rtl", "rtl", "rtl", "rtl"]);
  expect(LANGUAGES.map(directionOf)).toEqual(LANGUAGES.map(() => "ltr"));
});

test("names are filled in", async () => {
  const english = translator(ENGLISH);
  expect(english("toast.joined", { name: "Ada" })).toBe("Ada has joined");
  expect(translator(await textsOf("it"))("live.count", { count: 3 })).toBe("3 persone");
  // A name written from right to left keeps its own order and leaves that of the words around it alone.
  expect(english("toast.joined", { name: "ليلى" })).toBe("\u2068ليلى\u2069 has joined");
  // One that was made to turn around what follows it does not.
  expect(english("toast.joined", { name: "\u202eA\u202bda" })).toBe("Ada has joined");
});
