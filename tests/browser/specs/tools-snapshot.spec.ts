import type { Page } from "@playwright/test";

import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { drawLine, element, ink } from "../support/board.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";
import { patientsMayUse } from "../support/privileges.ts";
import { RawChannel } from "../support/raw-channel.ts";

// Up to three browsers, each of which draws.
test.describe.configure({ timeout: 240_000 });

/** The still is green, a line on it nearly black. */
const DARK = 100;
/** A line is drawn on at least so many pixels. */
const LINE = 50;

const panel = (page: Page) => page.getByRole("complementary", { name: "Chat, people and files" });
const board = (page: Page) => page.getByRole("region", { name: "Drawing on a picture" });

/** Takes a still of the patient's camera. */
async function takeStill(page: Page): Promise<void> {
  await expectPictureAndSound(page, { pictures: 2, sounds: 2 });
  await page.getByRole("button", { name: "People" }).click();
  await page.getByRole("button", { name: `Take a picture of ${patient.fullName}` }).click();
  await expect(page.getByText(`A picture of ${patient.fullName} is in Files`)).toBeVisible();
  await panel(page).getByRole("button", { name: "Close" }).click();
}

/** Opens the one still that there is, to draw on it, and waits until it is to be seen. */
async function openStill(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Files", exact: true }).click();
  await expect(panel(page).getByRole("img", { name: new RegExp(`Picture of .*${patient.fullName}`) })).toBeVisible();
  await panel(page).getByRole("button", { name: /^Draw on Picture of/ }).click();
  await panel(page).getByRole("button", { name: "Close" }).click();
  await board(page).locator("canvas.interactive").waitFor();
  await expect.poll(() => ink(page)).toBeGreaterThan(10_000);
}

test("a still is taken, two draw on it, a third sees it, and all of it is there after a reload and a restart of the program", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
  await takeStill(hers);
  for (const page of [hers, his, third]) await openStill(page);
  const empty = await ink(third, DARK);
  await drawLine(hers);
  for (const page of [his, third]) await expect.poll(() => ink(page, DARK)).toBeGreaterThan(empty + LINE);
  const one = await ink(third, DARK);
  await drawLine(his, 60);
  for (const page of [hers, third]) await expect.poll(() => ink(page, DARK)).toBeGreaterThan(one + LINE);

  await his.reload();
  await openStill(his);
  await expect.poll(() => ink(his, DARK)).toBeGreaterThan(one + LINE);
  await program.kill();
  await program.run();
  await third.reload();
  await openStill(third);
  await expect.poll(() => ink(third, DARK)).toBeGreaterThan(one + LINE);
});

test.describe("where patients may draw, but not on stills", () => {
  test.use({
    settings: async ({}, use) => {
      await use(await patientsMayUse({ snapshot: true, live_edit: false, whiteboard: { wb_pen: true, wb_eraser: true } }));
    },
  });

  test("they look on, and whoever speaks the protocol themselves is refused, also after a restart of the program", async ({ program, join, newPage }) => {
    const roomId = await schedule(program.url, [doctor, patient, interpreter]);
    const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
    const link = await accessLink(program.url, roomId, interpreter);
    await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
    await hers.getByRole("button", { name: "People" }).click();
    await hers.getByRole("button", { name: `Take a picture of ${patient.fullName}` }).click();
    await expect(hers.getByText(`A picture of ${patient.fullName} is in Files`)).toBeVisible();
    await panel(hers).getByRole("button", { name: "Close" }).click();
    for (const page of [hers, his]) await openStill(page);
    await expect(his.getByText("You can look at it, but not draw on it.")).toBeVisible();
    const empty = await ink(his, DARK);
    await drawLine(hers);
    await expect.poll(() => ink(his, DARK)).toBeGreaterThan(empty + LINE);

    const them = await newPage();
    for (let restarts = 0; restarts < 2; restarts++) {
      const raw = await RawChannel.open(them, program, link);
      const [welcome] = await raw.events("welcome");
      const [file] = welcome?.files as { file_id: string }[];
      const still = `snapshot:${file?.file_id}`;
      const [line] = (await raw.ask("board.open", { board: still })).ok?.elements as { id: string }[];
      const stroke = element(`p${restarts}`, "freedraw", { points: [[0, 0], [80, 0]], pressures: [], simulatePressure: true, lastCommittedPoint: null });
      for (const drawn of [stroke, { ...line, version: 1000, isDeleted: true }]) {
        expect(await raw.refusal("board.draw", { board: still, elements: [drawn] })).toBe("not_allowed");
      }
      expect(await raw.refusal("board.clear", { board: still })).toBe("not_allowed");
      expect((await raw.ask("board.open", { board: still })).ok?.elements).toEqual([expect.objectContaining({ id: line?.id, isDeleted: false })]);
      // On the whiteboard the same stroke is taken.
      expect((await raw.ask("board.draw", { board: "board", elements: [stroke] })).ok).toMatchObject({ kept: [`p${restarts}`] });
      if (restarts > 0) break;
      await program.kill();
      await program.run();
    }
  });
});
