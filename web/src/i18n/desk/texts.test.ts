import { expect, test } from "vitest";
import { deskEn } from "./en";

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
