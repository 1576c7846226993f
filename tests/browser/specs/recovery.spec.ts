import type { WebSocketRoute } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound, expectShown } from "../support/media.ts";

test("a call goes on by itself after the program was killed and started again", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  for (let round = 0; round < 2; round++) {
    await program.kill();
    await program.run();
    await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
    await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
    await expectShown(hers, patient.fullName);
  }
});

test("a lost signalling connection is resumed while the picture goes on", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await newPage();
  const signalling: { page: WebSocketRoute; server: WebSocketRoute }[] = [];
  await his.routeWebSocket(/\/rtc/, (page) => {
    signalling.push({ page, server: page.connectToServer() });
  });
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Join now" }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  const connections = await his.evaluate(() => window.peerConnections.length);

  // The lobby's check of the line had signalling of its own before.
  const before = signalling.length;
  for (const side of Object.values(signalling.at(-1) ?? {})) await side.close({ code: 1001 });
  await expect(his.getByRole("status").getByText("You are connected again")).toBeVisible();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  // The signalling came back by one more connection; picture and sound went on over the ones that there were.
  expect(signalling).toHaveLength(before + 1);
  expect(await his.evaluate(() => window.peerConnections.length)).toBe(connections);
});

test("the same link opened a second time takes the call over, and the first page says so", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const first = await join(roomId, patient);
  const second = await join(roomId, patient);

  await expect(first.getByRole("heading", { name: "You are in the consultation in another window" })).toBeVisible();
  await expectPictureAndSound(second, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectShown(hers, patient.fullName);
});

test("a page reloaded in the call comes back into it by itself, and the call goes on for the other person", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  const connections = await hers.evaluate(() => window.peerConnections.length);

  await his.reload();
  await expect(his.getByRole("button", { name: "Leave the consultation" })).toBeVisible();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  await expectShown(hers, patient.fullName);
  await expectShown(his, doctor.fullName);
  // She never left: what she hears and sees now comes over the connection that she had.
  expect(await hers.evaluate(() => window.peerConnections.length)).toBe(connections);
});

test("what was turned off before a reload stays off after it", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await his.getByRole("button", { name: "Turn off microphone" }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 0 });

  await his.reload();
  await expect(his.getByRole("button", { name: "Turn on microphone" })).toBeVisible();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 0 });
});

test("who has left and reloads the page sees themselves first", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await join(roomId, patient);
  await his.getByRole("button", { name: "Leave the consultation" }).click();
  await his.getByRole("heading", { name: "You have left the consultation" }).waitFor();

  await his.reload();
  await expect(his.getByRole("button", { name: "Join now" })).toBeVisible();
});

test("a closed page is shown as a lost connection, then as gone, ends the call after a while, and both can come back", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  await his.close();
  await expect(hers.getByRole("group", { name: patient.fullName }).getByText("Connection lost")).toBeVisible();
  await expect(hers.getByRole("heading", { name: "You are alone at the moment" })).toBeVisible();
  await expect(hers.getByRole("heading", { name: "The consultation has ended" })).toBeVisible();
  await expect(hers.getByText("The other person has left or lost the connection.")).toBeVisible();

  await hers.getByRole("button", { name: "Re-enter" }).click();
  await hers.getByRole("button", { name: "Join now" }).click();
  await join(roomId, patient);
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
});
