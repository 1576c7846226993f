import { doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";

test("a call goes on by itself after the program was killed and started again", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  for (let round = 0; round < 2; round++) {
    await program.kill();
    await program.run();
    await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
    await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  }
});

test("a lost signalling connection is resumed while the picture goes on", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  await his.context().setOffline(true);
  await his.context().setOffline(false);
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
});

test("the same link opened a second time takes the call over, and the first page says so", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const first = await join(roomId, patient);
  const second = await join(roomId, patient);

  await expect(first.getByRole("heading", { name: "You are in the consultation in another window" })).toBeVisible();
  await expectPictureAndSound(second, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
});
