import { expect, test } from "vitest";
import { en, type TextKey } from "./en";
import { it } from "./it";
import { LANGUAGES, pickLanguage, translator } from "./translate";

/** The keys that a language's main file spells itself, besides those of the files that it spreads in; by the file's name. */
const ownKeys = new Map(
  Object.entries(import.meta.glob<string>(["./en.ts", "./it.ts"], { query: "?raw", import: "default", eager: true })).map(([name, source]) => [
    name,
    [...source.matchAll(/^ {2}"?([a-z_.]+)"?:/gm)].map((match) => match[1] ?? ""),
  ]),
);

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

test("every language has every text, and no other", () => {
  expect(Object.keys(it).sort()).toEqual(Object.keys(en).sort());
});

test("no key is in two files of one language, where the later would silently win", () => {
  for (const language of LANGUAGES) {
    const files = import.meta.glob<Record<string, Record<string, string>>>(["./*.en.ts", "./*.it.ts"], { eager: true });
    const parts = Object.entries(files).filter(([name]) => name.endsWith(`.${language}.ts`));
    const keys = parts.flatMap(([, module]) => Object.values(module).flatMap((texts) => Object.keys(texts)));
    expect(parts.length).toBeGreaterThan(0);
    expect(keys).toEqual([...new Set(keys)]);
    const own = Object.keys({ en, it }[language]).length;
    expect(own, language).toBe(keys.length + (ownKeys.get(`./${language}.ts`) ?? []).length);
  }
});

test("no text is empty, and each fills in the same names as the English one", () => {
  const keys = Object.keys(en).filter((key): key is TextKey => key in it);
  for (const language of LANGUAGES) {
    const texts = { en, it }[language];
    for (const key of keys) {
      expect(texts[key].trim(), `${language} ${key}`).not.toBe("");
      expect(placeholders(texts[key]), `${language} ${key}`).toEqual(placeholders(en[key]));
    }
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

test("the word below a button is part of the button's name", () => {
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
    const t = translator(language);
    for (const [short, full] of pairs) expect(t(full).toLowerCase()).toContain(t(short).toLowerCase());
  }
});

test("a region does not matter, and an unknown language gives English", () => {
  expect(pickLanguage(["it-CH"])).toBe("it");
  expect(pickLanguage([null, "de", "IT"])).toBe("it");
  expect(pickLanguage(["de"])).toBe("en");
  expect(pickLanguage([])).toBe("en");
});

test("names are filled in", () => {
  expect(translator("en")("toast.joined", { name: "Ada" })).toBe("Ada has joined");
  expect(translator("it")("live.count", { count: 3 })).toBe("3 persone");
  // A name written from right to left keeps its own order and leaves that of the words around it alone.
  expect(translator("en")("toast.joined", { name: "ليلى" })).toBe("\u2068ليلى\u2069 has joined");
});
