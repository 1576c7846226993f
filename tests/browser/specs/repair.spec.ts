import type { Page } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { stopClock } from "../support/clock.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { expectPictureAndSound } from "../support/media.ts";

declare global {
  interface Window {
    captured: MediaStreamTrack[];
    /** What the page is told of its devices; null: the truth. */
    unplugged: string | null;
  }
}

/** Keeps what a page captures, so that a test can do to it what a system does. */
async function watchCaptures(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.captured = [];
    window.unplugged = null;
    const { mediaDevices } = navigator;
    const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints);
      window.captured.push(...stream.getTracks());
      return stream;
    };
    const enumerateDevices = mediaDevices.enumerateDevices.bind(mediaDevices);
    mediaDevices.enumerateDevices = async () => (await enumerateDevices()).filter(({ label }) => label !== window.unplugged);
  });
}

/** The captured tracks of one kind that are alive. */
async function alive(page: Page, kind: "audio" | "video"): Promise<number> {
  return page.evaluate((wanted) => window.captured.filter((track) => track.kind === wanted && track.readyState === "live").length, kind);
}

test.beforeEach(() => {
  test.slow();
});

test("a microphone and a camera that died are started anew without anybody doing anything", async ({ program, join, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await newPage();
  await watchCaptures(his);
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Join now" }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  await his.evaluate(() => {
    for (const track of window.captured) track.stop();
  });
  await expect.poll(() => alive(his, "audio")).toBe(1);
  await expect.poll(() => alive(his, "video")).toBe(1);
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expect(his.getByText("No picture comes from your camera.")).toBeHidden();
});

test("a microphone that the system keeps silent is told of with one button, which brings it back", async ({ program, join, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await newPage();
  await watchCaptures(his);
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Join now" }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  // As during a phone call: every capture is silent, also a new one.
  await his.evaluate(() => {
    let silent = true;
    Object.defineProperty(MediaStreamTrack.prototype, "muted", { get: () => silent });
    // The system gives it back to whoever asks for it with a click.
    document.addEventListener("click", () => (silent = false), true);
  });
  await expect(his.getByText("Nothing comes from your microphone: the others cannot hear you.")).toBeVisible();
  await expect(his.getByText("No picture comes from your camera.")).toBeVisible();
  await look(his, "devices-stopped");
  await his.getByRole("button", { name: "Restart the microphone" }).click();
  await expect(his.getByText("Your microphone works again")).toBeVisible();
  await expect(his.getByText("Nothing comes from your microphone")).toBeHidden();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
});

test("voices that something paused are played again", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await hers.evaluate(() => {
    for (const audio of document.querySelectorAll("audio")) audio.pause();
  });
  await expect.poll(() => hers.evaluate(() => [...document.querySelectorAll("audio")].map(({ paused }) => paused))).toEqual([false]);
});

test("a headset that is unplugged is replaced, and the person is told", async ({ program, join, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await newPage();
  await watchCaptures(his);
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("combobox", { name: "Microphone" }).selectOption({ label: "Fake Audio Input 2" });
  await his.getByRole("button", { name: "Join now" }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await stopClock(his);
  await his.evaluate(() => {
    window.unplugged = "Fake Audio Input 2";
    for (const track of window.captured) if (track.label === window.unplugged) track.stop();
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  });
  await expect(his.getByText("Your microphone was unplugged. We use another one.")).toBeVisible();
  await look(his, "device-unplugged");
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
});

test("noise and echo are reduced unless the person plays music", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  await watchCaptures(his);
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Join now" }).click();
  const settings = (): Promise<unknown> =>
    his.evaluate(() => {
      const track = window.captured.filter(({ kind, readyState }) => kind === "audio" && readyState === "live").at(-1);
      const { echoCancellation, noiseSuppression, autoGainControl } = track?.getSettings() ?? {};
      return { echoCancellation, noiseSuppression, autoGainControl };
    });
  await expect.poll(settings).toEqual({ echoCancellation: true, noiseSuppression: true, autoGainControl: true });
  await his.getByRole("button", { name: "Choose devices" }).click();
  await his.getByRole("checkbox", { name: "Reduce noise and echo" }).uncheck();
  await expect.poll(settings).toEqual({ echoCancellation: false, noiseSuppression: false, autoGainControl: false });
  await his.getByRole("checkbox", { name: "Reduce noise and echo" }).check();
  await expect.poll(settings).toEqual({ echoCancellation: true, noiseSuppression: true, autoGainControl: true });
});
