import type { Page } from "@playwright/test";

import { doctor, interpreter, patient, schedule, type Person } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound, received } from "../support/media.ts";

/** Where a page shows somebody. */
function tile(page: Page, person: Person) {
  return page.getByRole("group", { name: person.fullName });
}

test("two people see and hear each other", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];

  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  await expect(tile(hers, patient)).toBeVisible();
  await expect(tile(his, doctor)).toBeVisible();
});

test("three people see and hear each other, and two are left when one leaves", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const pages = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)] as const;
  for (const page of pages) await expectPictureAndSound(page, { pictures: 2, sounds: 2 });

  await pages[2].getByRole("button", { name: "Leave the consultation" }).click();
  await expect(tile(pages[0], interpreter)).toBeHidden();
  for (const page of pages.slice(0, 2)) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
});

test("people in one room receive nothing of another room", async ({ program, join }) => {
  const one = await schedule(program.url, [doctor, patient]);
  const other = await schedule(program.url, [doctor, patient]);
  const alone = await join(one, doctor);
  await join(other, doctor);
  const his = await join(other, patient);

  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  expect(await received(alone)).toEqual({ frames: {}, sound: {}, lost: 0 });
});

test("a camera switched off and on again is seen every time", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });

  for (let round = 0; round < 3; round++) {
    await hers.getByRole("button", { name: "Turn off camera" }).click();
    await expectPictureAndSound(his, { pictures: 0, sounds: 1 });
    await hers.getByRole("button", { name: "Turn on camera" }).click();
    await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  }
});

test("a muted microphone is not heard and is shown as muted", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });

  await hers.getByRole("button", { name: "Turn off microphone" }).click();
  await expect(tile(his, doctor).getByText("microphone off")).toBeAttached();
  await expectPictureAndSound(his, { pictures: 1, sounds: 0 });
  await hers.getByRole("button", { name: "Turn on microphone" }).click();
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
});
