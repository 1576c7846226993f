import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { focused, STOPS_MAX, tabTo } from "../support/keyboard.ts";
import { expectPictureAndSound } from "../support/media.ts";

test("the whole consultation with Tab, Enter and Escape alone", async ({ program, join, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await newPage();
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("heading", { name: "Ready to join?" }).waitFor();

  await tabTo(his, "Join now");
  await his.keyboard.press("Enter");
  await expect(his.getByRole("heading", { name: "Video consultation" })).toBeFocused();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  await tabTo(his, "Turn off camera");
  await his.keyboard.press("Enter");
  await expectPictureAndSound(hers, { pictures: 0, sounds: 1 });
  await expect(his.getByRole("button", { name: "Turn on camera" })).toBeFocused();
  await his.keyboard.press("Enter");
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  await tabTo(his, "Choose devices");
  await his.keyboard.press("Enter");
  await expect(his.getByRole("dialog", { name: "Camera, microphone and speaker" })).toBeVisible();
  await his.keyboard.press("Escape");
  await expect(his.getByRole("dialog")).toBeHidden();
  await expect(his.getByRole("button", { name: "Choose devices" })).toBeFocused();

  await tabTo(his, "Leave the consultation");
  await his.keyboard.press("Enter");
  await expect(his.getByRole("heading", { name: "You have left the consultation" })).toBeFocused();
  await tabTo(his, "Re-enter");
  await his.keyboard.press("Enter");
  await expect(his.getByRole("heading", { name: "Ready to join?" })).toBeFocused();
});

test("on a small window nothing that has the keyboard is hidden behind the bar at the foot", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage({ viewport: { width: 390, height: 480 } });
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("combobox", { name: "Speaker" }).waitFor();

  const passed: string[] = [];
  while (passed.at(-1) !== "Join now") {
    expect(passed.length).toBeLessThan(STOPS_MAX);
    await his.keyboard.press("Tab");
    passed.push(await focused(his));
    const covered = await his.evaluate(() => {
      const { left, right, top, bottom } = document.activeElement?.getBoundingClientRect() ?? document.body.getBoundingClientRect();
      return document.elementFromPoint((left + right) / 2, (top + bottom) / 2)?.closest("button, select") !== document.activeElement;
    });
    expect(covered, `“${passed.at(-1)}” is in view`).toBe(false);
  }
  // Camera, microphone, speaker, its sound, and the button; while the line is found wanting, to check it again.
  expect([5, 6]).toContain(passed.length);
});
