import type { Locator } from "@playwright/test";

import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { expectPictureAndSound } from "../support/media.ts";

/** Where the middle of something is, as shares of the window. */
async function middle(locator: Locator): Promise<{ x: number; y: number; width: number }> {
  const [box, size] = [await locator.boundingBox(), locator.page().viewportSize()];
  if (box === null || size === null) throw new Error("it is not in view");
  return { x: (box.x + box.width / 2) / size.width, y: (box.y + box.height / 2) / size.height, width: box.width / size.width };
}

test("with two people the own picture goes to another corner by key, by arrow and by dragging", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers] = [await join(roomId, doctor), await join(roomId, patient)];
  const own = hers.getByRole("group", { name: "(you)" });
  await expect(hers.getByRole("group", { name: patient.fullName })).toBeVisible();
  const corner = async (): Promise<string> => {
    const { x, y } = await middle(own);
    return `${y < 0.5 ? "top" : "bottom"} ${x < 0.5 ? "left" : "right"}`;
  };
  expect(await corner()).toBe("bottom right");
  const move = hers.getByRole("button", { name: "Move your picture to another corner" });
  await move.focus();
  await hers.keyboard.press("Enter");
  await expect.poll(corner).toBe("top right");
  await hers.keyboard.press("ArrowLeft");
  await expect.poll(corner).toBe("top left");
  const box = await own.boundingBox();
  if (box === null) throw new Error("it is not in view");
  await hers.mouse.move(box.x + 20, box.y + box.height - 20);
  await hers.mouse.down();
  await hers.mouse.move(1100, 600, { steps: 5 });
  await hers.mouse.up();
  await expect.poll(corner).toBe("bottom right");
});

test("in a group one person can be shown large, and equal again", async ({ program, join }) => {
  test.slow();
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
  const his = hers.getByRole("group", { name: patient.fullName });
  const theirs = hers.getByRole("group", { name: interpreter.fullName });
  await his.hover();
  await hers.getByRole("button", { name: `Show ${patient.fullName} large`, exact: true }).click();
  await expect.poll(async () => (await middle(his)).width / (await middle(theirs)).width).toBeGreaterThan(3);
  await expectPictureAndSound(hers, { pictures: 2, sounds: 2 });
  await look(hers, "three-one-large");
  await hers.getByRole("button", { name: `Do not show ${patient.fullName} large` }).click();
  await expect.poll(async () => (await middle(his)).width / (await middle(theirs)).width).toBe(1);
});

test("for sign language both are equally large and the picture is sent fluently", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  const preferences = (): Promise<unknown> =>
    hers.evaluate(() =>
      window.peerConnections
        .flatMap((connection) => connection.getSenders())
        .filter(({ track }) => track?.kind === "video")
        .map((sender) => sender.getParameters().degradationPreference),
    );
  await hers.getByRole("button", { name: "Choose devices" }).click();
  await hers.getByRole("combobox", { name: "When the connection is weak" }).selectOption("Sign language: fluent picture");
  await expect.poll(preferences).toEqual(["maintain-framerate"]);
  await hers.getByRole("button", { name: "Close" }).click();
  const [own, other] = [hers.getByRole("group", { name: "(you)" }), hers.getByRole("group", { name: patient.fullName })];
  await expect.poll(async () => (await middle(own)).width / (await middle(other)).width).toBe(1);
});

test("to protect the voice only the smallest picture is sent", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  const active = (): Promise<unknown> =>
    hers.evaluate(() =>
      window.peerConnections
        .flatMap((connection) => connection.getSenders())
        .filter(({ track }) => track?.kind === "video")
        .map((sender) => sender.getParameters().encodings.filter((encoding) => encoding.active).length),
    );
  await hers.getByRole("button", { name: "Choose devices" }).click();
  await hers.getByRole("combobox", { name: "When the connection is weak" }).selectOption("Protect the voice: small picture");
  await expect.poll(active).toEqual([1]);
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
});

test("where the browser has no small window for a whole call, the picture of the other one can be taken into one", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await newPage();
  await hers.addInitScript(() => {
    // As in Safari.
    Reflect.deleteProperty(window, "documentPictureInPicture");
  });
  await hers.goto(await accessLink(program.url, roomId, doctor));
  await hers.getByRole("button", { name: "Join now" }).click();
  await join(roomId, patient);
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expect(hers.getByRole("button", { name: "Show the call in a small window" })).toHaveCount(0);
  await hers.getByRole("group", { name: patient.fullName }).hover();
  await hers.getByRole("button", { name: "Show the picture in a small window" }).click();
  await expect.poll(() => hers.evaluate(() => document.pictureInPictureElement?.ariaLabel ?? null)).toBe(`Picture of ${patient.fullName}`);
});
