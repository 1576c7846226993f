import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound, received } from "../support/media.ts";
import { RawChannel, tokenOf } from "../support/raw-channel.ts";

test.use({ settings: { WAITING_ROOM: "true" } });

const KNOWN = "The clinician knows that you are here";

test("a patient knocks, is written to, is let in, and joins by themselves", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Turn off camera" }).click();
  await his.getByRole("button", { name: "Ask to join" }).click();
  await expect(his.getByText("You are the first one here.")).toBeVisible();

  // The clinician comes later: the knock is still there.
  const hers = await join(roomId, doctor);
  await expect(hers.locator(".knock").getByText(`${patient.fullName} is waiting to be let in.`)).toBeVisible();
  await expect(his.getByText(KNOWN)).toBeVisible();
  await hers.getByRole("button", { name: "See who" }).click();
  await hers.getByRole("textbox", { name: `Write to ${patient.fullName}` }).fill("Five more minutes, please");
  await hers.keyboard.press("Enter");
  await expect(his.getByRole("log").getByText("Five more minutes, please")).toBeVisible();
  await his.getByRole("textbox").fill("No hurry");
  await his.keyboard.press("Enter");
  await expect(hers.getByRole("log").getByText("No hurry")).toBeVisible();

  await hers.getByRole("button", { name: `Let in ${patient.fullName}` }).click();
  // Nobody has pressed anything on his page: he is in, with the camera off as chosen.
  await expect(his.getByRole("button", { name: "Leave the consultation" })).toBeVisible();
  await expect(his.getByRole("button", { name: "Turn on camera" })).toBeVisible();
  await expectPictureAndSound(hers, { pictures: 0, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
});

test("a knock outlives reloads of both pages, the clinician's absence and a restart of the program", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Ask to join" }).click();
  await expect(his.getByRole("heading", { name: "You are in the waiting room" })).toBeVisible();
  await his.reload();
  await expect(his.getByRole("heading", { name: "You are in the waiting room" })).toBeVisible();

  const hers = await join(roomId, doctor);
  await expect(hers.getByRole("button", { name: `Let in ${patient.fullName}` })).toBeVisible();
  await hers.reload();
  await expect(hers.getByRole("button", { name: `Let in ${patient.fullName}` })).toBeVisible();

  await program.kill();
  await program.run();
  await hers.getByRole("button", { name: `Let in ${patient.fullName}` }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
});

test("an admission outlives a reload and a restart of the program", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await newPage();
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Ask to join" }).click();
  await hers.getByRole("button", { name: `Let in ${patient.fullName}` }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  await program.kill();
  await program.run();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await his.reload();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
});

test("of two who wait one is let in, and the other goes on waiting, also after a reload and a restart of the program", async ({ program, newPage, join }) => {
  test.slow();
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const hers = await join(roomId, doctor);
  const [his, third] = [await newPage(), await newPage()];
  for (const [page, person] of [[his, patient], [third, interpreter]] as const) {
    await page.goto(await accessLink(program.url, roomId, person));
    await page.getByRole("button", { name: "Ask to join" }).click();
    await expect(page.getByText(KNOWN)).toBeVisible();
  }
  await hers.getByRole("button", { name: "See who" }).click();
  await hers.getByRole("button", { name: `Let in ${patient.fullName}` }).click();
  for (const page of [hers, his]) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });

  await third.reload();
  await expect(third.getByText(KNOWN)).toBeVisible();
  await program.kill();
  await program.run();
  for (const page of [hers, his]) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
  await expect(third.getByText(KNOWN)).toBeVisible();
  expect(await received(third)).toEqual({ frames: {}, sound: {}, lost: 0 });

  await hers.getByRole("button", { name: `Let in ${interpreter.fullName}` }).click();
  for (const page of [hers, his, third]) await expectPictureAndSound(page, { pictures: 2, sounds: 2 });
});

test("who is not now let in reads why and may ask again; who is taken out waits again", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await newPage();
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Ask to join" }).click();
  await hers.getByRole("button", { name: "See who" }).click();
  await hers.getByRole("textbox", { name: `Write to ${patient.fullName}` }).fill("Please come back at noon");
  await hers.getByRole("button", { name: `Not now: ${patient.fullName}` }).click();
  await hers.getByRole("button", { name: "Not now", exact: true }).click();
  await expect(his.getByText("The clinician cannot let you in at the moment.")).toBeVisible();
  await expect(his.getByText("Please come back at noon")).toBeVisible();

  await his.getByRole("button", { name: "Ask to join" }).click();
  await hers.getByRole("button", { name: `Let in ${patient.fullName}` }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await hers.getByRole("button", { name: `Remove ${patient.fullName} from the consultation` }).click();
  await hers.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(his.getByRole("heading", { name: "You are no longer in the consultation" })).toBeVisible();
  await his.getByRole("button", { name: "Re-enter" }).click();
  await his.getByRole("button", { name: "Ask to join" }).click();
  await expect(his.getByText(KNOWN)).toBeVisible();
});

test("before admission a changed client gets nothing of the room", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const hers = await join(roomId, doctor);
  await hers.getByRole("button", { name: "Chat", exact: true }).click();
  await hers.getByRole("textbox").fill("Between us");
  await hers.keyboard.press("Enter");
  await expect(hers.getByRole("log").getByText("Between us")).toBeVisible();

  const link = await accessLink(program.url, roomId, patient);
  const entry = await fetch(`${program.url}/call/enter`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ access_token: tokenOf(link) }),
  });
  expect(await entry.json()).toMatchObject({ livekit: null, admission: "required" });

  const raw = await RawChannel.open(await newPage(), program, link);
  const [welcome] = await raw.events("welcome");
  const you = welcome?.you;
  expect(welcome).toMatchObject({ stage: "lobby", chat: { messages: [] }, files: [] });
  expect(JSON.stringify(welcome)).not.toContain("Between us");
  for (const [command, members] of [
    ["chat.send", { text: "x", key: "k" }],
    ["chat.older", { before: 1000 }],
    ["hand", { raised: true }],
    ["file.link", { file_id: "file_1" }],
    ["point", { user_id: you, source: "camera", x: 0, y: 0 }],
    ["present", { source: "camera" }],
    ["snapshot.request", { user_id: you }],
  ] as const) {
    expect(["wrong_stage", "not_allowed"], command).toContain(await raw.refusal(command, members));
  }
  // Nor can they let themselves in, or act on others.
  for (const command of ["admit", "turn_away", "remove"]) expect(await raw.refusal(command, { user_id: you }), command).toBe("not_allowed");
  expect(await raw.refusal("mute", { user_id: you, source: "microphone" })).toBe("not_allowed");
  expect(await raw.events("chat.message")).toEqual([]);
  await expect(hers.getByRole("log").getByText("x", { exact: true })).toHaveCount(0);
});
