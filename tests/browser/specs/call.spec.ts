import { doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound, received } from "../support/media.ts";

test("two people see and hear each other", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];

  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  await expect(hers.getByText(patient.fullName)).toBeVisible();
  await expect(his.getByText(doctor.fullName)).toBeVisible();
});

test("three people see and hear each other, and two are left when one leaves", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const pages = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)] as const;
  for (const page of pages) await expectPictureAndSound(page, { pictures: 2, sounds: 2 });

  await pages[2].getByRole("button", { name: "Leave" }).click();
  await expect(pages[0].getByText(interpreter.fullName)).toBeHidden();
  for (const page of pages.slice(0, 2)) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
});

test("people in one room receive nothing of another room", async ({ program, join }) => {
  const one = await schedule(program.url, [doctor, patient]);
  const other = await schedule(program.url, [doctor, patient]);
  const alone = await join(one, doctor);
  await join(other, doctor);
  const his = await join(other, patient);

  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  expect(await received(alone)).toEqual({ frames: {}, sound: {} });
});

test("a camera switched off and on again is seen every time", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });

  for (let round = 0; round < 3; round++) {
    await hers.getByRole("button", { name: "Turn camera off" }).click();
    await expectPictureAndSound(his, { pictures: 0, sounds: 1 });
    await hers.getByRole("button", { name: "Turn camera on" }).click();
    await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  }
});

test("a muted microphone is not heard and is shown as muted", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });

  await hers.getByRole("button", { name: "Mute microphone" }).click();
  await expect(his.getByText("Muted")).toBeVisible();
  await expectPictureAndSound(his, { pictures: 1, sounds: 0 });
  await hers.getByRole("button", { name: "Unmute microphone" }).click();
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
});
