import { expect, test } from "vitest";
import { partsOf } from "./links";

const links = (text: string): (string | null)[] => partsOf(text).flatMap(({ href }) => (href === null ? [] : [href]));

test("addresses become links, and the text stays whole", () => {
  const text = "See https://clinic.example/a?b=c#d, then (http://x.example/y). Bye";
  expect(partsOf(text)).toEqual([
    { text: "See ", href: null },
    { text: "https://clinic.example/a?b=c#d", href: "https://clinic.example/a?b=c#d" },
    { text: ", then (", href: null },
    { text: "http://x.example/y", href: "http://x.example/y" },
    { text: "). Bye", href: null },
  ]);
  expect(links("https://en.wikipedia.org/wiki/Cornea_(disambiguation).")).toEqual(["https://en.wikipedia.org/wiki/Cornea_(disambiguation)"]);
});

test.each([
  "javascript:alert(1)",
  "data:text/html,<script>",
  "ftp://x.example",
  "file:///etc/passwd",
  "www.clinic.example",
  "https://clinic.example@evil.example/",
  "https://",
  "xhttps://clinic.example",
])("%s is no link", (text) => {
  expect(links(text)).toEqual([]);
  expect(partsOf(text).map((part) => part.text).join("")).toBe(text);
});

test("what could make an address look like another ends it", () => {
  expect(links("https://clinic.example/\u202egpj.exe")).toEqual(["https://clinic.example/"]);
  expect(links('https://clinic.example/"onmouseover="x')).toEqual(["https://clinic.example/"]);
});

test("a hostile message costs little and loses nothing", () => {
  const text = "https://a.example ".repeat(1000);
  const parts = partsOf(text);
  expect(parts.map((part) => part.text).join("")).toBe(text);
  expect(links(text).length).toBe(50);
  expect(partsOf("")).toEqual([]);
});
