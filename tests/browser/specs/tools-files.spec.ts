import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";

import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { expectPictureAndSound } from "../support/media.ts";
import { patientsMayUse } from "../support/privileges.ts";
import { RawChannel, tokenOf } from "../support/raw-channel.ts";

const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
/** One red pixel. */
const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==", "base64");

const openFiles = (page: Page) => page.getByRole("button", { name: "Files", exact: true }).click();
const list = (page: Page) => page.getByRole("list", { name: "Files of this consultation" });
const send = (page: Page, ...files: { name: string; mimeType: string; buffer: Buffer }[]) => page.locator("input[type=file]").setInputFiles(files);

test("a file is sent, listed for all, downloaded whole, deleted, and a picture is shown", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
  await openFiles(his);
  const hostile = "<b>re\u202eport</b>.pdf";
  await send(his, { name: hostile, mimeType: "application/pdf", buffer: PDF }, { name: "spot.png", mimeType: "image/png", buffer: PNG });
  await expect(hers.getByText(`${patient.fullName} has sent a file`).first()).toBeVisible();
  for (const page of [hers, third]) {
    await openFiles(page);
    await expect(list(page).getByRole("listitem")).toHaveCount(2);
    await expect.poll(() => list(page).getByRole("img", { name: "spot.png" }).evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1);
  }
  const downloading = hers.waitForEvent("download");
  await list(hers).getByRole("listitem").filter({ hasText: "port" }).getByRole("button", { name: /^Download/ }).click();
  expect(await readFile(await (await downloading).path())).toEqual(PDF);

  // Only who sent it, or an admin, may delete it.
  await expect(list(third).getByRole("button", { name: /^Delete/ })).toHaveCount(0);
  await list(hers).getByRole("button", { name: "Delete spot.png" }).click();
  await hers.getByRole("group", { name: "Delete this file for everybody?" }).getByRole("button", { name: "Delete" }).click();
  for (const page of [hers, his, third]) await expect(list(page).getByRole("listitem")).toHaveCount(1);

  await hers.reload();
  await openFiles(hers);
  await expect(list(hers).getByRole("listitem")).toHaveCount(1);
  await program.kill();
  await program.run();
  await third.reload();
  await openFiles(third);
  await expect(list(third).getByRole("listitem")).toHaveCount(1);
});

test("an upload goes on after the network was cut, and can be given up", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await openFiles(his);
  const film = Buffer.concat([PDF, Buffer.alloc(11_000_000, 32)]);
  let parts = 0;
  await his.route("**/call/files/**", async (route) => {
    if (route.request().method() !== "PATCH") return route.continue();
    parts += 1;
    // The second part is lost on the way, and what follows for a while.
    if (parts >= 2 && parts <= 4) return route.abort("internetdisconnected");
    return route.continue();
  });
  await send(his, { name: "long.pdf", mimeType: "application/pdf", buffer: film });
  await openFiles(hers);
  await expect(list(hers).getByText("long.pdf")).toBeVisible();
  // Three parts of four million bytes each, and the one that was lost three times.
  expect(parts).toBe(6);

  await his.route("**/call/files/**", (route) => (route.request().method() === "PATCH" ? route.abort("internetdisconnected") : route.continue()));
  await send(his, { name: "never.pdf", mimeType: "application/pdf", buffer: PDF });
  await his.getByRole("button", { name: "Cancel sending never.pdf" }).click();
  await expect(his.getByText("never.pdf")).toHaveCount(0);
  await expect(list(hers).getByText("never.pdf")).toHaveCount(0);
});

test.describe("with a limit", () => {
  test.use({ settings: { WAITING_ROOM: "false", UPLOAD_MAX_FILE_SIZE: "1000000" } });

  test("what is too large, or of a kind that is not taken, is said in words", async ({ program, join }) => {
    const roomId = await schedule(program.url, [doctor, patient]);
    const his = await join(roomId, patient);
    await openFiles(his);
    await send(his, { name: "film.mp4", mimeType: "video/mp4", buffer: Buffer.alloc(1_000_001) });
    await expect(his.getByText("This file is too large.")).toBeVisible();
    // One comes too fast after others, and one is under way.
    await his.route("**/call/files", (route) => route.fulfill({ status: 429 }));
    await send(his, { name: "fast.pdf", mimeType: "application/pdf", buffer: PDF });
    await expect(his.getByText("There are too many files already, or they came too fast.")).toBeVisible();
    await his.unrouteAll();
    await his.route("**/call/files/*", (route) => (route.request().method() === "PATCH" ? undefined : route.continue()));
    await send(his, { name: "A letter with a name that is longer than any line in the panel.pdf", mimeType: "application/pdf", buffer: PDF });
    await expect(his.getByRole("progressbar")).toBeVisible();
    await look(his, "files-uploads");
    await his.getByRole("button", { name: "Cancel sending film.mp4" }).click();
    await his.getByRole("button", { name: "Cancel sending fast.pdf" }).click();
    await his.getByRole("button", { name: /^Cancel sending A letter/ }).click();
    await his.unrouteAll();
    // What the server answers to each, and none at all.
    const answers: Record<string, { status: number | null; said: string }> = {
      "full.pdf": { status: 507, said: "There is no space for more files at the moment." },
      "late.pdf": { status: 410, said: "The upload took too long and has to begin anew." },
      "odd.pdf": { status: 422, said: "The file could not be sent." },
      "gone.pdf": { status: null, said: "The connection was lost. Sending goes on as soon as you are connected again." },
    };
    for (const [name, { status, said }] of Object.entries(answers)) {
      await his.route("**/call/files", (route) => (status === null ? route.abort("internetdisconnected") : route.fulfill({ status })));
      await send(his, { name, mimeType: "application/pdf", buffer: PDF });
      await expect(his.getByText(said)).toBeVisible({ timeout: 60_000 });
      await his.unrouteAll();
    }
    await look(his, "files-problems");
    for (const name of Object.keys(answers)) await his.getByRole("button", { name: `Cancel sending ${name}` }).click();
    await send(his, { name: "page.pdf", mimeType: "application/pdf", buffer: Buffer.from("<!doctype html><script>alert(1)</script>") });
    await expect(his.getByText("Files of this kind cannot be sent here.")).toBeVisible();
    await expect(list(his).getByRole("listitem")).toHaveCount(0);
  });
});

test("a still of somebody's camera is taken by their page, who sees it, and is listed for all", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await hers.getByRole("button", { name: "People" }).click();
  await hers.getByRole("button", { name: `Take a picture of ${patient.fullName}` }).click();
  await expect(his.getByText("A picture of you is being taken")).toBeVisible();
  await expect(hers.getByText(`A picture of ${patient.fullName} is in Files`)).toBeVisible();
  for (const page of [hers, his]) {
    await openFiles(page);
    const still = list(page).getByRole("img", { name: new RegExp(`Picture of .*${patient.fullName}`) });
    await expect.poll(() => still.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThanOrEqual(640);
  }
});

test.describe("where patients may not send files", () => {
  test.use({ settings: async ({}, use) => use({ WAITING_ROOM: "false", ...(await patientsMayUse({ chat: true })) }) });

  test("they have no button for it, are refused, and get those of others", async ({ program, newPage, join }) => {
    const roomId = await schedule(program.url, [doctor, patient, interpreter]);
    const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
    await openFiles(his);
    await expect(his.getByText("No files yet.")).toBeVisible();
    await expect(his.getByRole("button", { name: "Send files" })).toHaveCount(0);

    const link = await accessLink(program.url, roomId, interpreter);
    const create = (kind: string, bearer: string) =>
      fetch(`${program.url}/call/files`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${bearer}`,
          "tus-resumable": "1.0.0",
          "upload-length": String(PDF.length),
          "upload-metadata": `filename ${btoa("x.pdf")},filetype ${btoa("application/pdf")},kind ${btoa(kind)}`,
        },
      });
    await RawChannel.open(await newPage(), program, link);
    for (const kind of ["file", "snapshot", "board_image"]) expect((await create(kind, tokenOf(link))).status, kind).toBe(403);
    expect((await create("file", "no-such-token")).status).toBe(401);

    await openFiles(hers);
    await send(hers, { name: "plan.pdf", mimeType: "application/pdf", buffer: PDF });
    await expect(list(his).getByText("plan.pdf")).toBeVisible();
    await expect(list(his).getByRole("button", { name: /^Delete/ })).toHaveCount(0);
  });
});
