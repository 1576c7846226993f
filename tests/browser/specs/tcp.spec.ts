import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { expectPictureAndSound, protocolsInUse } from "../support/media.ts";

test("people behind a firewall that lets only TCP through see and hear each other", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];

  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  expect(await protocolsInUse(hers)).toEqual(["tcp"]);
});

test("the check before the call tells them that their network slows it down", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  await his.goto(await accessLink(program.url, roomId, patient));
  await expect(his.getByText("Your connection works, but the network slows calls down.")).toBeVisible();
  await look(his, "lobby-network-tcp");
});
