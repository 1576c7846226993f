import type { Page } from "@playwright/test";

import { accessLink, doctor, interpreter, patient, schedule, type Person } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";

/** The company's key, which opens the API that takes links back. */
const COMPANY_KEY = "ak_test_0123456789abcdef01234567";

/** Somebody who stays away: a room keeps two people. */
const witness: Person = { userId: "witness-1", fullName: "Eva Lindt", group: "patient" };

const refused = (page: Page) => page.getByRole("heading", { name: "This link does not work" });

/** Takes a person out of the only room that there is, by their link. */
async function takeBack(base: string, link: string): Promise<void> {
  const headers = { apikey: COMPANY_KEY };
  const { rooms } = (await (await fetch(`${base}/v2/rooms`, { headers })).json()) as {
    rooms: { id: string; participants: { user_id: string; access_link: string }[] }[];
  };
  const [room] = rooms;
  const person = room?.participants.find(({ access_link }) => access_link === link);
  const answer = await fetch(`${base}/v2/rooms/${room?.id}/participants/${person?.user_id}`, { method: "DELETE", headers });
  expect(answer.ok, `${answer.status}`).toBe(true);
}

test.describe("with a waiting room", () => {
  test.use({ settings: { BANDYER_API_SECRET_KEY: COMPANY_KEY, WAITING_ROOM: "true" } });

  test("a link that is taken back is over in the lobby and in the waiting room, at once and after a reload", async ({ program, newPage, join }) => {
    const roomId = await schedule(program.url, [doctor, patient, interpreter, witness]);
    const [hisLink, thirdLink] = [await accessLink(program.url, roomId, patient), await accessLink(program.url, roomId, interpreter)];
    const [his, third] = [await newPage(), await newPage()];
    await his.goto(hisLink);
    await his.getByRole("button", { name: "Ask to join" }).click();
    await third.goto(thirdLink);
    const hers = await join(roomId, doctor);
    await hers.getByRole("button", { name: "See who" }).click();
    const door = hers.getByRole("region", { name: "At the door" }).locator(".arrival");
    await expect(door).toHaveCount(2);

    for (const [page, link] of [[his, hisLink], [third, thirdLink]] as const) {
      await takeBack(program.url, link);
      await expect(refused(page)).toBeVisible();
      await page.reload();
      await expect(refused(page)).toBeVisible();
    }
    await expect(door).toHaveCount(0);
    await expect(hers.getByRole("button", { name: "Leave the consultation" })).toBeVisible();
  });
});

test.describe("in the call", () => {
  test.use({ settings: { BANDYER_API_SECRET_KEY: COMPANY_KEY } });

  test("whose link is taken back is out, and the others go on", async ({ program, join }) => {
    const roomId = await schedule(program.url, [doctor, patient, interpreter]);
    const link = await accessLink(program.url, roomId, patient);
    const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
    await expectPictureAndSound(hers, { pictures: 2, sounds: 2 });

    await takeBack(program.url, link);
    await expect(his.getByRole("heading", { name: "You are no longer in the consultation" })).toBeVisible();
    for (const page of [hers, third]) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
    await his.getByRole("button", { name: "Re-enter" }).click();
    await expect(refused(his)).toBeVisible();
  });
});
