import { expect, test } from "vitest";
import { LANGUAGES } from "../translate";
import { deskEn } from "./en";
import { DESK_TEXTS } from "./translate";

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();

test("every language that the pages speak has every text of the desk, not empty, with the same names filled in", () => {
  for (const language of LANGUAGES) {
    const texts: Readonly<Record<string, string>> = DESK_TEXTS[language] ?? {};
    expect(Object.keys(texts).sort(), language).toEqual(Object.keys(deskEn).sort());
    for (const [key, english] of Object.entries(deskEn)) {
      expect(texts[key]?.trim(), `${language} ${key}`).not.toBe("");
      expect(placeholders(texts[key] ?? ""), `${language} ${key}`).toEqual(placeholders(english));
    }
  }
});

test("every text of the desk is used, and every key that is written out exists", async () => {
  const sources = import.meta.glob<string>(["../../view/desk/*.ts", "../../view/desk/*.tsx", "../../state/desk/*.ts", "../../desk.tsx"], { query: "?raw", import: "default" });
  const code = (await Promise.all(Object.values(sources).map((read) => read()))).join("\n");
  const patterns = [...code.matchAll(/`([a-z_]+\.(?:[a-z]+_)?\$\{[^}]+\}[a-z_.]*)`/g)].map(
    (match) => new RegExp(`^${(match[1] ?? "").replace(/\./g, "\\.").replace(/\$\{[^}]+\}/g, "[a-z_]+")}$`),
  );
  const unused = Object.keys(deskEn).filter((key) => !code.includes(`"${key}"`) && !patterns.some((pattern) => pattern.test(key)));
  expect(unused).toEqual([]);
  const called = [...code.matchAll(/\bt\(\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(called.filter((key) => !(key in deskEn))).toEqual([]);
});
