import type { Page } from "@playwright/test";

import { doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";

/** What the camera of these tests photographs, far larger than anything that is sent as a stream: 5 megapixels. */
const PHOTO = { width: 2592, height: 1944 } as const;

declare global {
  interface Window {
    photo: { readonly bytes: readonly number[]; asked: number; give: () => void };
  }
}

/** Gives the page a camera that takes photographs: at once, or (`held`) when the test says so. */
async function photographs(page: Page, { held = false } = {}): Promise<void> {
  await page.evaluate(
    async ({ width, height, held }) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext("2d");
      if (context === null) throw new Error("this browser draws nothing");
      const gradient = context.createLinearGradient(0, 0, width, height);
      gradient.addColorStop(0, "#0b7285");
      gradient.addColorStop(1, "#ffd43b");
      context.fillStyle = gradient;
      context.fillRect(0, 0, width, height);
      const photo = await new Promise<Blob>((resolve, reject) => {
        canvas.toBlob((blob) => (blob === null ? reject(new Error("no photograph")) : resolve(blob)), "image/jpeg");
      });
      let give = (): void => undefined;
      const given = held ? new Promise<void>((resolve) => (give = resolve)) : Promise.resolve();
      window.photo = { bytes: [...new Uint8Array(await photo.arrayBuffer())], asked: 0, give };
      ImageCapture.prototype.takePhoto = async () => {
        window.photo.asked += 1;
        await given;
        return photo;
      };
    },
    { ...PHOTO, held },
  );
}

async function ask(page: Page): Promise<void> {
  await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
  await page.getByRole("button", { name: "People" }).click();
  await page.getByRole("button", { name: `Take a picture of ${patient.fullName}` }).click();
}

/** The one still that was kept: its bytes as the server gives them, and its size in pixels. */
async function kept(page: Page): Promise<{ bytes: number[]; width: number; height: number }> {
  await expect(page.getByText(`A picture of ${patient.fullName} is in Files`)).toBeVisible();
  await page.getByRole("button", { name: "Files", exact: true }).click();
  const files = page.getByRole("list", { name: "Files of this consultation" });
  const still = files.getByRole("img", { name: new RegExp(`Picture of .*${patient.fullName}`) });
  await expect.poll(() => still.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await expect(files.getByRole("listitem")).toHaveCount(1);
  return still.evaluate(async (image: HTMLImageElement) => {
    const answer = await fetch(image.src);
    return { bytes: [...new Uint8Array(await answer.arrayBuffer())], width: image.naturalWidth, height: image.naturalHeight };
  });
}

/** The size of the picture that a page takes of its own camera. */
async function ownSize(page: Page): Promise<{ width: number; height: number }> {
  return page
    .getByRole("group", { name: patient.fullName })
    .locator("video")
    .evaluate((video: HTMLVideoElement) => ({ width: video.videoWidth, height: video.videoHeight }));
}

test("a still is the camera's own photograph, to the last byte, where the browser takes one", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await photographs(his);
  expect((await ownSize(his)).width).toBeLessThan(PHOTO.width);
  await ask(hers);
  const { bytes, ...size } = await kept(hers);
  expect(size).toEqual(PHOTO);
  expect(bytes).toEqual(await his.evaluate(() => window.photo.bytes));
});

test("where it takes none, a still is the whole picture that the camera gives", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await his.evaluate(() => Reflect.deleteProperty(window, "ImageCapture"));
  const own = await ownSize(his);
  await ask(hers);
  const { bytes: _, ...size } = await kept(hers);
  expect(size).toEqual(own);
});

test("a photograph of the room goes nowhere if its owner hides the room before it is there", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await his.getByRole("button", { name: "Choose devices" }).click();
  await photographs(his, { held: true });
  await ask(hers);
  await expect.poll(() => his.evaluate(() => window.photo.asked)).toBe(1);
  await his.getByRole("combobox", { name: "Behind you" }).selectOption({ label: "Your room, blurred" });
  await his.evaluate(() => window.photo.give());
  // In its place comes a frame of what is sent, from either page.
  const { width } = await kept(hers);
  expect(width).toBeLessThan(PHOTO.width);
});
