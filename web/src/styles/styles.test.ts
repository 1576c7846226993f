import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Sides of the window rather than of the text. */
const PHYSICAL =
  /(?:^|[\s;{])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|border-(?:top|bottom)-(?:left|right)-radius|left|right)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)\b/;

/** Where a pointer is on a picture has nothing to do with how people write. */
const PLACES_ON_PICTURES = "pointer.css";

const styles = ["./", "../view/board/"]
  .map((folder) => new URL(folder, import.meta.url))
  .flatMap((folder) => readdirSync(folder).filter((file) => file.endsWith(".css")).map((file) => ({ file, text: readFileSync(new URL(file, folder), "utf8") })));

const physical = styles.flatMap(({ file, text }) => text.split("\n").flatMap((line) => (PHYSICAL.test(line) ? [`${file}: ${line.trim()}`] : [])));

test("styles know the beginning and the end of a line, not left and right, so that a language may be written from right to left", () => {
  expect(physical.filter((line) => !line.startsWith(PLACES_ON_PICTURES))).toEqual([]);
});

test("left and right are found where they are", () => {
  expect(physical).toContain(`${PLACES_ON_PICTURES}: left: 0;`);
});
