import { expect, test } from "vitest";
import { spokenName } from "./cursors";

test("a name beside a pointer is short, on one line, and turns nothing around", () => {
  expect(spokenName("Maria Rossi")).toBe("Maria Rossi");
  expect(spokenName("Ada\u202Eirossam\u0000\nB")).toBe("Ada irossam B");
  expect(Array.from(spokenName("👩".repeat(500)))).toHaveLength(32);
  expect(spokenName("ليلى")).toBe("ليلى");
});
