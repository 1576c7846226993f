import { doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";

// This browser has neither a camera nor a microphone.
test("somebody without camera and microphone joins all the same", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];

  await expect(hers.getByRole("group", { name: patient.fullName })).toBeVisible();
  await expect(his.getByRole("group", { name: doctor.fullName })).toBeVisible();
});
