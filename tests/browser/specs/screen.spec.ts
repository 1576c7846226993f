import type { Page, WebSocketRoute } from "@playwright/test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as path } from "node:path";

import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";

test("a shared screen is seen large, and the people come back when it ends", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });

  await hers.getByRole("button", { name: "Share screen" }).click();
  await expect(hers.getByText("You are sharing your screen.")).toBeVisible();
  const screen = his.getByRole("figure", { name: `Screen of ${doctor.fullName}` }).locator("video");
  await expect.poll(() => screen.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0);
  const [large, face] = [await screen.boundingBox(), await his.getByRole("group", { name: doctor.fullName }).boundingBox()];
  expect(large?.width ?? 0).toBeGreaterThan(3 * (face?.width ?? Infinity));

  await hers.getByRole("button", { name: "Stop sharing screen" }).click();
  await expect(his.getByRole("figure")).toBeHidden();
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
});

test("three people see a shared screen, also after a reload and a restart of the program, until its owner reloads", async ({ program, join }) => {
  test.slow();
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
  const screen = (page: Page) => page.getByRole("figure", { name: `Screen of ${doctor.fullName}` }).locator("video");
  const moves = async (page: Page): Promise<void> => {
    const frames = (): Promise<number> => screen(page).evaluate((video: HTMLVideoElement) => video.getVideoPlaybackQuality().totalVideoFrames);
    const before = await frames();
    await expect.poll(frames).toBeGreaterThan(before);
  };
  await hers.getByRole("button", { name: "Share screen" }).click();
  for (const page of [his, third]) await moves(page);
  await his.reload();
  await moves(his);

  await program.kill();
  await program.run();
  for (const page of [his, third]) await moves(page);
  await expect(hers.getByText("You are sharing your screen.")).toBeVisible();

  // No browser shows a screen again without a click.
  await hers.reload();
  await expect(hers.getByRole("button", { name: "Share screen" })).toBeVisible();
  for (const page of [his, third]) await expect(page.getByRole("figure")).toHaveCount(0);
});

test.describe("where patients may not share their screens", () => {
  const folder = mkdtemp(path(tmpdir(), "teleconsultation-config-"));
  test.use({
    settings: async ({}, use) => {
      const file = path(await folder, "config.json");
      const privileges = {
        basic: { groups: ["patient"], tools: { chat: true } },
        plus: { groups: ["doctor"] },
      };
      await writeFile(file, JSON.stringify({ privileges }));
      await use({ TELECONSULTATION_SERVICE_CONFIG_PATH: file });
    },
  });
  test.afterAll(async () => rm(await folder, { recursive: true }));

  test("they have no button for it, and whoever asks the server directly is refused", async ({ program, newPage, join }) => {
    const roomId = await schedule(program.url, [doctor, patient]);
    const hers = await join(roomId, doctor);
    await expect(hers.getByRole("button", { name: "Share screen" })).toBeVisible();

    const his = await newPage();
    let server: WebSocketRoute | undefined;
    const refusals: number[][] = [];
    await his.routeWebSocket(/\/rtc/, (socket) => {
      server = socket.connectToServer();
      server.onMessage((message) => {
        if (typeof message !== "string" && message[0] === 0xb2 && message[1] === 0x01) refusals.push([...message]);
        socket.send(message);
      });
    });
    await his.goto(await accessLink(program.url, roomId, patient));
    await his.getByRole("button", { name: "Join now" }).click();
    await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
    await expect(his.getByRole("button", { name: "Share screen" })).toHaveCount(0);

    // SignalRequest { add_track: { cid: "x", name: "s", type: VIDEO, source: … } }
    const announce = (source: number) => server?.send(Buffer.from([0x22, 10, 0x0a, 1, 0x78, 0x12, 1, 0x73, 0x18, 1, 0x40, source]));
    announce(1); // CAMERA
    announce(3); // SCREEN_SHARE
    await expect.poll(() => refusals.length).toBeGreaterThan(0);
    // SignalResponse { request_response: { reason: NOT_ALLOWED, …, add_track: { …, source: SCREEN_SHARE } } }, and no other refusal.
    expect(refusals.map((bytes) => ({ reason: bytes.slice(3, 5), source: bytes.slice(-2) }))).toEqual([{ reason: [0x10, 2], source: [0x40, 3] }]);
    await expect(hers.getByRole("figure")).toHaveCount(0);

    // Nor after a restart.
    await program.kill();
    await program.run();
    await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
    announce(3);
    await expect.poll(() => refusals.length).toBe(2);
    await expect(hers.getByRole("figure")).toHaveCount(0);
  });
});
