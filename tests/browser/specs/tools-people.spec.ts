import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";
import { RawChannel } from "../support/raw-channel.ts";

test("hands are raised in order, seen by all, and stay up over a reload", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
  await third.getByRole("button", { name: "Raise hand" }).click();
  await expect(hers.getByText(`${interpreter.fullName} has raised a hand`)).toBeVisible();
  await his.getByRole("button", { name: "Raise hand" }).click();
  await hers.getByRole("button", { name: "People" }).click();
  const hands = hers.getByRole("region", { name: "Raised hands, in order" }).getByRole("listitem");
  await expect(hands).toHaveText([interpreter.fullName, patient.fullName]);
  await third.reload();
  await expect(third.getByRole("button", { name: "Lower hand" })).toBeVisible();
  await expect(hands).toHaveText([interpreter.fullName, patient.fullName]);
  await third.getByRole("button", { name: "Lower hand" }).click();
  await expect(hands).toHaveText([patient.fullName]);
});

test("between two people a hand is raised, stays up over a restart of the program, and is lowered", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await his.getByRole("button", { name: "Raise hand" }).click();
  await expect(hers.getByText(`${patient.fullName} has raised a hand`)).toBeVisible();
  await hers.getByRole("button", { name: "People" }).click();
  const hands = hers.getByRole("region", { name: "Raised hands, in order" }).getByRole("listitem");
  await expect(hands).toHaveText([patient.fullName]);

  await program.kill();
  await program.run();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expect(hands).toHaveText([patient.fullName]);
  await his.getByRole("button", { name: "Lower hand" }).click();
  await expect(hands).toHaveCount(0);
  await expect(his.getByRole("button", { name: "Raise hand" })).toBeVisible();
});

test("an admin turns off a microphone after asking once more, the person is told by whom and turns it on again", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await hers.getByRole("button", { name: "People" }).click();
  await hers.getByRole("button", { name: `Turn off microphone of ${patient.fullName}` }).click();
  await hers.keyboard.press("Escape");
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await hers.getByRole("button", { name: `Turn off microphone of ${patient.fullName}` }).click();
  await hers.getByRole("group", { name: /Turn off the microphone of/ }).getByRole("button", { name: "Turn off microphone" }).click();
  await expect(his.getByText(`${doctor.fullName} turned off your microphone`)).toBeVisible();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 0 });
  await his.getByRole("button", { name: "Turn on microphone" }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
});

test("of three people one is turned off, the others go on, and that holds over a reload and a restart of the program", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
  await expectPictureAndSound(third, { pictures: 2, sounds: 2 });
  await hers.getByRole("button", { name: "People" }).click();
  await hers.getByRole("button", { name: `Turn off microphone of ${patient.fullName}` }).click();
  await hers.getByRole("group", { name: /Turn off the microphone of/ }).getByRole("button", { name: "Turn off microphone" }).click();
  for (const page of [hers, third]) await expectPictureAndSound(page, { pictures: 2, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 2, sounds: 2 });

  await his.reload();
  await expect(his.getByRole("button", { name: "Turn on microphone" })).toBeVisible();
  for (const page of [hers, third]) await expectPictureAndSound(page, { pictures: 2, sounds: 1 });
  await program.kill();
  await program.run();
  for (const page of [hers, third]) await expectPictureAndSound(page, { pictures: 2, sounds: 1 });
  await his.getByRole("button", { name: "Turn on microphone" }).click();
  for (const page of [hers, third]) await expectPictureAndSound(page, { pictures: 2, sounds: 2 });
});

test("who is no admin has no such buttons, and is refused", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await his.getByRole("button", { name: "People" }).click();
  await expect(his.getByRole("region", { name: "In the consultation" }).getByText(doctor.fullName)).toBeVisible();
  await expect(his.getByRole("button", { name: /Turn off microphone of|from the consultation/ })).toHaveCount(0);

  const raw = await RawChannel.open(await newPage(), program, await accessLink(program.url, roomId, interpreter));
  const [welcome] = await raw.events("welcome");
  const host = (welcome?.people as { user_id: string; is_admin: boolean }[]).find((person) => person.is_admin)?.user_id;
  expect(await raw.refusal("mute", { user_id: host, source: "microphone" })).toBe("not_allowed");
  for (const command of ["remove", "admit", "turn_away"]) expect(await raw.refusal(command, { user_id: host }), command).toBe("not_allowed");
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
});

test("the quality of each connection is told in words", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers] = [await join(roomId, doctor), await join(roomId, patient)];
  await hers.getByRole("button", { name: "People" }).click();
  await expect(hers.getByRole("listitem").filter({ hasText: patient.fullName }).getByText("good connection")).toBeVisible();
});
