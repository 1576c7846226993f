import { expect, test } from "vitest";
import { CAPTION_LENGTH_MAX, freshCaptions, withCaption, type Caption } from "./captions";

const say = (captions: readonly Caption[], from: string, text: string, final = false): readonly Caption[] => withCaption(captions, { from, text, final }, 1000);
const read = (captions: readonly Caption[]): string[] => captions.map(({ from, text }) => `${from}: ${text}`);

test("what somebody goes on saying replaces what they had begun, and nobody else's", () => {
  const begun = say(say([], "ada", "how"), "bert", "I");
  expect(read(say(begun, "ada", "how are you"))).toEqual(["bert: I", "ada: how are you"]);
  const done = say(begun, "ada", "how are you?", true);
  expect(read(say(done, "ada", "good"))).toEqual(["bert: I", "ada: how are you?", "ada: good"]);
});

test("a line keeps its id while it grows, and lines never share one", () => {
  const begun = say([], "ada", "how");
  expect(say(begun, "ada", "how are").at(-1)?.id).toBe(begun[0]?.id);
  const ids = ["a", "b", "c"].reduce((captions: readonly Caption[], from) => say(captions, from, "x", true), []).map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
});

test("there are three lines at most, none is endless, and silence is none", () => {
  let captions: readonly Caption[] = [];
  for (let line = 0; line < 10; line += 1) captions = say(captions, "ada", `line ${line}`, true);
  expect(read(captions)).toEqual(["ada: line 7", "ada: line 8", "ada: line 9"]);
  expect(say([], "ada", "x".repeat(10_000))[0]?.text).toHaveLength(CAPTION_LENGTH_MAX);
  expect(say([], "ada", "  ")).toEqual([]);
});

test("a line goes after eight seconds without anything new", () => {
  const captions = say([], "ada", "hello", true);
  expect(freshCaptions(captions, 8_999)).toBe(captions);
  expect(freshCaptions(captions, 9_000)).toEqual([]);
});
