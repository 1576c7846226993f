import type { Page } from "@playwright/test";

import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { withLidClosed } from "../support/lid.ts";
import { expectPictureAndSound, expectShown } from "../support/media.ts";

test.setTimeout(240_000);

const handsOn = (page: Page) => page.getByRole("region", { name: "Raised hands, in order" }).getByRole("listitem");

test("a lid that is closed for a moment is a lost connection, and nobody does anything to go on", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await his.getByRole("button", { name: "Raise hand" }).click();
  await his.getByRole("button", { name: /^Chat/ }).click();
  await his.getByRole("textbox").fill("I have to close the lid");
  await hers.getByRole("button", { name: "People" }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  await withLidClosed(his, async () => {
    await expect(hers.getByRole("group", { name: patient.fullName }).getByText("Connection lost")).toBeVisible();
    await expect(handsOn(hers)).toHaveText([patient.fullName]);
  });
  for (const page of [hers, his]) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
  await expectShown(hers, patient.fullName);
  await expectShown(his, doctor.fullName);
  await expect(hers.getByRole("group", { name: patient.fullName }).getByText("Connection lost")).toBeHidden();
  // What he had begun to write is still there.
  await expect(his.getByRole("textbox")).toHaveValue("I have to close the lid");
  await expect(handsOn(hers)).toHaveText([patient.fullName]);
});

test("who closes the lid for longer is gone for the others, and is back with hand and chat when it is opened", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
  await his.getByRole("button", { name: "Raise hand" }).click();
  await hers.getByRole("button", { name: "People" }).click();
  for (const page of [hers, third]) await expectPictureAndSound(page, { pictures: 2, sounds: 2 });

  await withLidClosed(his, async () => {
    await expect(hers.getByRole("group", { name: patient.fullName }).getByText("Connection lost")).toBeVisible();
    for (const page of [hers, third]) {
      await expect(page.getByText(`${patient.fullName} has left`)).toBeVisible({ timeout: 60_000 });
      await expect(page.getByRole("group", { name: patient.fullName })).toBeHidden();
      await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
    }
    await third.getByRole("button", { name: /^Chat/ }).click();
    await third.getByRole("textbox").fill("We wait for you");
    await third.keyboard.press("Enter");
  });
  for (const page of [hers, his, third]) await expectPictureAndSound(page, { pictures: 2, sounds: 2 });
  for (const page of [hers, third]) await expectShown(page, patient.fullName);
  for (const { fullName } of [doctor, interpreter]) await expectShown(his, fullName);
  await expect(handsOn(hers)).toHaveText([patient.fullName]);
  await expect(his.getByRole("button", { name: "Lower hand" })).toBeVisible();
  await his.getByRole("button", { name: "Chat, 1 unread" }).click();
  await expect(his.getByRole("log", { name: "Messages" }).getByText("We wait for you")).toBeVisible();
});

test("of two people, who closes the lid for long ends the call for the other, is back when it is opened, and so is the other by one click", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  await withLidClosed(his, async () => {
    await expect(hers.getByRole("heading", { name: "You are alone at the moment" })).toBeVisible({ timeout: 60_000 });
    await expect(hers.getByRole("heading", { name: "The consultation has ended" })).toBeVisible();
    await expect(hers.getByText("The other person has left or lost the connection.")).toBeVisible();
  });
  await expect(his.getByRole("button", { name: "Leave the consultation" })).toBeVisible();
  await hers.getByRole("button", { name: "Re-enter" }).click();
  await hers.getByRole("button", { name: "Join now" }).click();
  for (const page of [hers, his]) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
  await expectShown(hers, patient.fullName);
  await expectShown(his, doctor.fullName);
});

test.describe("with a waiting room", () => {
  test.use({ settings: { WAITING_ROOM: "true" } });

  test("who waits with the lid closed goes on waiting, is let in, and joins by themselves when it is opened", async ({ program, newPage, join }) => {
    const roomId = await schedule(program.url, [doctor, patient]);
    const his = await newPage();
    await his.goto(await accessLink(program.url, roomId, patient));
    await his.getByRole("button", { name: "Ask to join" }).click();
    await his.getByText("You are the first one here.").waitFor();
    const hers = await join(roomId, doctor);
    await hers.getByRole("button", { name: "See who" }).click();

    await withLidClosed(his, async () => {
      await expect(hers.getByText("Was waiting, last seen at")).toBeVisible({ timeout: 120_000 });
      await hers.getByRole("button", { name: `Let in ${patient.fullName}` }).click();
    });
    await expect(his.getByRole("button", { name: "Leave the consultation" })).toBeVisible({ timeout: 60_000 });
    await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  });
});
