import type { Frame, Page } from "@playwright/test";

import { doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { expectPictureAndSound, expectShown } from "../support/media.ts";

const HEADING = "The consultation is in the small window";

/** Presses the button that opens the small window, and gives the window. */
async function openSmall(page: Page): Promise<Page> {
  const opened = page.context().waitForEvent("page");
  const frame = page.frames().at(-1) ?? page.mainFrame();
  await frame.getByRole("button", { name: "Show the call in a small window" }).click();
  const small = await opened;
  // Windows of the browser under test are as large as its first one.
  await small.setViewportSize({ width: 400, height: 320 });
  await small.getByRole("group", { name: "Call controls" }).waitFor();
  return small;
}

/** Lets the page believe that another tab is before it. */
async function hide(page: Page | Frame): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
}

test("the call goes into a window above all others and comes back, by keyboard too", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  const small = await openSmall(hers);
  await expectShown(small, patient.fullName);
  await expect(hers.getByRole("heading", { name: HEADING })).toBeVisible();
  await expect(hers.getByRole("group", { name: patient.fullName }), "seen in one place only").toHaveCount(0);
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  // Its buttons are the page's own.
  await small.getByRole("button", { name: "Turn off microphone" }).press("Enter");
  await expect(small.getByRole("button", { name: "Turn on microphone" })).toBeVisible();
  await expect(hers.getByRole("button", { name: "Turn on microphone" })).toBeVisible();
  await expect(his.getByRole("group", { name: doctor.fullName }).getByText("microphone off")).toBeAttached();
  await small.getByRole("button", { name: "Turn off camera" }).click();
  await expect(his.getByRole("group", { name: doctor.fullName }).getByText("camera off")).toBeAttached();

  await hers.getByRole("button", { name: "Show it here again" }).press("Enter");
  await expect.poll(() => small.isClosed()).toBe(true);
  await expectShown(hers, patient.fullName);
  await expect(hers.getByRole("heading", { name: HEADING })).toHaveCount(0);
  await expect(hers.getByRole("button", { name: "Show the call in a small window" })).toBeVisible();
});

test("what the window shows comes also while the page is hidden", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  await join(roomId, patient);
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  const small = await openSmall(hers);
  await hide(hers);
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectShown(small, patient.fullName);
  // Without the window nobody looks, and nothing is sent for nothing.
  await small.close();
  await expectPictureAndSound(hers, { pictures: 0, sounds: 1 });
});

test("whoever closes the window has the call in the page again, and whoever leaves has no window left", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  await join(roomId, patient);
  const first = await openSmall(hers);
  await first.close();
  await expectShown(hers, patient.fullName);

  const second = await openSmall(hers);
  await second.getByRole("button", { name: "Leave the consultation" }).click();
  await expect(hers.getByRole("heading", { name: "You have left the consultation" })).toBeVisible();
  await expect.poll(() => second.isClosed()).toBe(true);
});

test("within the waiting page the call goes into the window too, and its picture comes while the page is hidden", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  await join(roomId, doctor);
  const his = await newPage({ headers: { miauserid: patient.userId } });
  await his.goto(`${program.url}/telecons-fe/teleconsultation/${roomId}`);
  const frame = his.frameLocator("iframe");
  await frame.getByRole("button", { name: "Join now" }).click();
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  const small = await openSmall(his);
  for (const each of his.frames()) await hide(each);
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  await expectShown(small, doctor.fullName);
  await frame.getByRole("button", { name: "Leave the consultation" }).click();
  await expect.poll(() => small.isClosed()).toBe(true);
});

test("the window looks well light and dark, alone, with a picture and without one", async ({ program, newPage, join }) => {
  test.setTimeout(240_000);
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const hers = await join(roomId, doctor);
  const small = await openSmall(hers);
  await expect(small.getByText("You are the first one here")).toBeVisible();
  await look(hers, "in-small-window");
  const his = await join(roomId, patient);
  await expectShown(small, patient.fullName);
  await look(small, "small-window");
  await his.getByRole("button", { name: "Turn off camera" }).click();
  await expect(small.getByText("camera off")).toBeAttached();
  await look(small, "small-window-voice");
});
