import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";
import { patientsMayUse } from "../support/privileges.ts";
import { RawChannel } from "../support/raw-channel.ts";

test("a pointer is at the same place of the picture for all, with a name, and goes", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
  for (const page of [hers, his, third]) await expectPictureAndSound(page, { pictures: 2, sounds: 2 });
  await his.setViewportSize({ width: 600, height: 900 });

  await hers.getByRole("button", { name: "Point at pictures" }).click();
  const layer = hers.getByRole("application", { name: patient.fullName });
  const video = hers.getByRole("group", { name: patient.fullName }).locator("video");
  const target = { x: 0.4, y: 0.5 };
  const place = await placeOf(video, target);
  await layer.hover({ position: place });
  for (const page of [his, third]) {
    const group = page.getByRole("group", { name: patient.fullName });
    await expect(group.getByText(doctor.fullName)).toBeVisible();
    // The layer of a page moves the pointer smoothly: it comes to rest where the same spot of the picture is.
    await expect
      .poll(async () => {
        const element = await group.locator(".pointer").boundingBox();
        const box = await group.locator("video").boundingBox();
        const mirrored = (await group.locator("video").getAttribute("data-mirrored")) === "true";
        const expected = await placeOf(group.locator("video"), { x: mirrored ? 1 - target.x : target.x, y: target.y });
        return Math.hypot((element?.x ?? 0) - (box?.x ?? 0) - expected.x, (element?.y ?? 0) - (box?.y ?? 0) - expected.y);
      })
      .toBeLessThan(4);
  }
  await hers.getByRole("button", { name: "Stop pointing" }).click();
  for (const page of [his, third]) await expect(page.locator(".pointer")).toHaveCount(0);
});

test("between two people a pointer is seen, and so is a new one after a reload and a restart of the program", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  for (const page of [hers, his]) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
  await hers.getByRole("button", { name: "Point at pictures" }).click();
  const layer = hers.getByRole("application", { name: patient.fullName });
  const seen = his.locator(".pointer").getByText(doctor.fullName);
  await layer.hover({ position: { x: 200, y: 200 } });
  await expect(seen).toBeVisible();

  // A pointer is where it is now: whoever comes back sees it with its next move.
  await his.reload();
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  await expect(seen).toHaveCount(0);
  await layer.hover({ position: { x: 260, y: 220 } });
  await expect(seen).toBeVisible();
  await program.kill();
  await program.run();
  for (const page of [hers, his]) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
  await expect(seen).toHaveCount(0);
  await layer.hover({ position: { x: 320, y: 240 } });
  await expect(seen).toBeVisible();
});

/** Where in its element a spot of a picture is. */
async function placeOf(video: import("@playwright/test").Locator, spot: { x: number; y: number }): Promise<{ x: number; y: number }> {
  return video.evaluate((element: HTMLVideoElement, at) => {
    const { clientWidth, clientHeight, videoWidth, videoHeight } = element;
    const scales = [clientWidth / videoWidth, clientHeight / videoHeight];
    const scale = getComputedStyle(element).objectFit === "contain" ? Math.min(...scales) : Math.max(...scales);
    return {
      x: (clientWidth - videoWidth * scale) / 2 + at.x * videoWidth * scale,
      y: (clientHeight - videoHeight * scale) / 2 + at.y * videoHeight * scale,
    };
  }, spot);
}

test("who presents is large for everybody, also after a reload, until they or an admin end it", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
  await his.getByRole("button", { name: "Present to everyone" }).click();
  const large = { name: `Shown to everyone: ${patient.fullName}` };
  for (const page of [hers, third]) await expect(page.getByRole("figure", large).locator("video")).toBeVisible();
  await third.reload();
  await expect(third.getByRole("figure", large).locator("video")).toBeVisible();
  await hers.getByRole("button", { name: "People" }).click();
  await hers.getByRole("button", { name: `Stop showing ${patient.fullName} to everyone` }).click();
  for (const page of [hers, his, third]) await expect(page.getByRole("figure")).toHaveCount(0);
});

test("of two people one presents, also after a restart of the program, and ends it", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await his.getByRole("button", { name: "Present to everyone" }).click();
  const large = hers.getByRole("figure", { name: `Shown to everyone: ${patient.fullName}` }).locator("video");
  await expect(large).toBeVisible();
  await program.kill();
  await program.run();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expect(large).toBeVisible();
  await his.getByRole("button", { name: "Stop presenting" }).click();
  await expect(hers.getByRole("figure")).toHaveCount(0);
});

test.describe("where patients have none of this", () => {
  test.use({ settings: async ({}, use) => use({ WAITING_ROOM: "false", ...(await patientsMayUse({ chat: true })) }) });

  test("they have no buttons for it, are refused, and see what others do", async ({ program, newPage, join }) => {
    const roomId = await schedule(program.url, [doctor, patient, interpreter]);
    const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
    await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
    await his.getByRole("button", { name: "People" }).click();
    await expect(his.getByRole("region", { name: "In the consultation" }).getByText(doctor.fullName)).toBeVisible();
    for (const name of ["Point at pictures", "Present to everyone", /Take a picture/]) await expect(his.getByRole("button", { name })).toHaveCount(0);

    const raw = await RawChannel.open(await newPage(), program, await accessLink(program.url, roomId, interpreter));
    const [welcome] = await raw.events("welcome");
    const host = (welcome?.people as { user_id: string; is_admin: boolean }[]).find((person) => person.is_admin)?.user_id;
    expect(await raw.refusal("point", { user_id: host, source: "camera", x: 0.5, y: 0.5 })).toBe("not_allowed");
    expect(await raw.refusal("present", { source: "camera" })).toBe("not_allowed");
    expect(await raw.refusal("snapshot.request", { user_id: host })).toBe("not_allowed");
    await expect(hers.locator(".pointer")).toHaveCount(0);
    await expect(hers.getByRole("figure")).toHaveCount(0);

    // Seeing others' pointers is always on.
    await hers.getByRole("button", { name: "Point at pictures" }).click();
    await hers.getByRole("application", { name: patient.fullName }).hover();
    await expect(his.locator(".pointer").getByText(doctor.fullName)).toBeVisible();
  });
});
