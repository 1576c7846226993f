import { doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";

test("a raised hand and what is presented are there again after a restart of the program, and what was ended is not", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  const large = hers.getByRole("figure", { name: `Shown to everyone: ${patient.fullName}` });
  const hands = hers.getByRole("region", { name: "Raised hands, in order" }).getByRole("listitem");
  await hers.getByRole("button", { name: "People" }).click();
  await his.getByRole("button", { name: "Raise hand" }).click();
  await his.getByRole("button", { name: "Present to everyone" }).click();
  await expect(hands).toHaveText([patient.fullName]);
  await expect(large.locator("video")).toBeVisible();

  await program.kill();
  await program.run();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expect(hands).toHaveText([patient.fullName]);
  await expect(large.locator("video")).toBeVisible();

  await his.getByRole("button", { name: "Lower hand" }).click();
  await hers.getByRole("button", { name: `Stop showing ${patient.fullName} to everyone` }).click();
  await expect(hands).toHaveCount(0);
  await expect(large).toHaveCount(0);
  await expect(his.getByRole("button", { name: "Present to everyone" })).toBeVisible();
  await program.kill();
  await program.run();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  await expect(hands).toHaveCount(0);
  await expect(large).toHaveCount(0);
});
