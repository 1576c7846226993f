import type { Locator, Page } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { lookInTheSmallest } from "../support/look.ts";

const KEY = "key-of-the-desk-from-right-to-left";
test.use({ settings: { DESK_KEY: KEY } });

/** Lets every page be written from right to left, as in a language that we do not speak yet. */
async function turn(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.defineProperty(HTMLElement.prototype, "dir", {
      set(this: HTMLElement) {
        this.setAttribute("dir", "rtl");
      },
    });
  });
}

async function leftOf(locator: Locator): Promise<number> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error("it is not in view");
  return box.x;
}

test("pages tell which way they are written", async ({ program, newPage }) => {
  const page = await newPage();
  await page.goto(await accessLink(program.url, await schedule(program.url, [doctor, patient]), patient));
  await page.getByRole("button", { name: "Join now" }).waitFor();
  await expect(page.locator("html")).toHaveAttribute("dir", "ltr");
  await page.goto(`${program.url}/desk`);
  await page.getByRole("heading", { name: "Open the reception desk" }).waitFor();
  await expect(page.locator("html")).toHaveAttribute("dir", "ltr");
});

test("lobby, call and desk are mirrored where the language is, and have room in the narrowest window", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  await join(roomId, doctor);
  const his = await newPage();
  await turn(his);
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Join now" }).waitFor();
  await lookInTheSmallest(his, "right-to-left-lobby");
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("group", { name: doctor.fullName }).waitFor();
  await lookInTheSmallest(his, "right-to-left-call");
  await his.setViewportSize({ width: 1280, height: 800 });
  const [microphone, leave] = [his.getByRole("button", { name: "Turn off microphone" }), his.getByRole("button", { name: "Leave the consultation" })];
  expect(await leftOf(microphone)).toBeGreaterThan(await leftOf(leave));
  expect(await leftOf(his.getByRole("group", { name: "(you)" })), "the own picture is where a line ends").toBeLessThan(100);
  await his.getByRole("button", { name: "Move your picture to another corner" }).press("ArrowRight");
  await expect.poll(() => leftOf(his.getByRole("group", { name: "(you)" }))).toBeGreaterThan(700);

  const desk = await newPage();
  await turn(desk);
  await desk.goto(`${program.url}/desk#key=${KEY}`);
  await desk.getByRole("article").waitFor();
  await lookInTheSmallest(desk, "right-to-left-desk");
});
