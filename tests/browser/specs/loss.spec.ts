import { doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound, received } from "../support/media.ts";

// Run in a network namespace that drops 8 % of all UDP datagrams: see `run`.
test("two people on a network that loses every twelfth datagram see and hear each other", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];

  for (let round = 0; round < 5; round++) {
    await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
    await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  }
  // Otherwise this would have shown nothing.
  for (const page of [hers, his]) expect((await received(page)).lost).toBeGreaterThan(0);
});
