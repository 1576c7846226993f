import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { sample, sampled } from "../support/sharpness.ts";

// Eileen Collins before a flag, a portrait by NASA (1993, in the public domain), cut to 16:9: a file of one picture, which the browser repeats.
const person = new URL("../support/person.mjpeg", import.meta.url).pathname;

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: [...(launchOptions.args ?? []), `--use-file-for-fake-video-capture=${person}`] });
  },
});

test("the person stays sharp before their blurred room", async ({ program, join }) => {
  test.setTimeout(240_000);
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  // A device that is fast enough, whatever else the machine of the tests does.
  await his.evaluate(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() / 50;
  });
  // The stripes of the flag stand beside the face.
  const parts = { face: [{ left: 0.38, top: 0.25, right: 0.54, bottom: 0.6 }], room: [{ left: 0.02, top: 0.05, right: 0.2, bottom: 0.35 }] };
  await sample(hers, `Picture of ${patient.fullName}`, parts);
  const sharpest = async (part: keyof typeof parts): Promise<number> => Math.max(...(await sampled(hers, part)).slice(-10).map((each) => each.sharpest));
  await expect.poll(async () => (await sampled(hers, "room")).length).toBeGreaterThan(30);
  const before = { face: await sharpest("face"), room: await sharpest("room") };
  await hers.screenshot({ path: "output/look/background-person-before.png" });
  await his.getByRole("button", { name: "Choose devices" }).click();
  const choice = his.getByRole("combobox", { name: "Behind you" });
  await choice.selectOption({ label: "Your room, blurred" });
  await expect(his.getByText("Others do not see your room.")).toBeVisible({ timeout: 60_000 });
  await expect
    .poll(async () => {
      const [face, room] = [await sharpest("face"), await sharpest("room")];
      return { face: face > before.face / 2, room: room < before.room / 3 };
    })
    .toEqual({ face: true, room: true });
  await hers.screenshot({ path: "output/look/background-person.png" });
  await look(his, "background-devices");
});

/** Blue all over. */
const BLUE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAABAAAAAJCAIAAAC0SDtlAAAAFElEQVR4nGMQsXlGEmIY1TAoNAAAxgSuYfPRFq4AAAAASUVORK5CYII=", "base64");

/** Makes an image the one that people can have behind them, as the company's own software does. */
async function setBackground(base: string, image: Buffer): Promise<void> {
  const form = new FormData();
  form.append("virtual_background", new Blob([new Uint8Array(image)], { type: "image/png" }), "wall.png");
  const headers = { miauserid: doctor.userId };
  const added = await fetch(`${base}/settings/background-image`, { method: "POST", headers, body: form });
  expect(added.status).toBe(200);
  const { virtual_background } = (await added.json()) as { virtual_background: { background_alias: string } };
  const body = JSON.stringify({ background_alias: virtual_background.background_alias });
  const chosen = await fetch(`${base}/settings/update`, { method: "PATCH", headers: { ...headers, "content-type": "application/json" }, body });
  expect(chosen.status).toBe(200);
}

test("a link may wish for the company's image, which is behind the person then, and they may choose otherwise", async ({ program, join, newPage }) => {
  test.setTimeout(240_000);
  await setBackground(program.url, BLUE);
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await newPage()];
  await his.addInitScript(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() / 50;
  });
  const link = await accessLink(program.url, roomId, patient);
  await his.goto(`${link}${link.includes("?") ? "&" : "?"}virtual_background=image`);
  const choice = his.getByRole("combobox", { name: "Behind you" });
  await expect(choice).toHaveValue("image");
  await expect(his.getByText("Others do not see your room.")).toBeVisible({ timeout: 60_000 });
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  const picture = hers.locator(`video[aria-label="Picture of ${patient.fullName}"]`);
  /** How much bluer than red the picture is, in its upper left corner and where the face is. */
  const blueness = () =>
    picture.evaluate((video: HTMLVideoElement) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [32, 18];
      const context = canvas.getContext("2d");
      context?.drawImage(video, 0, 0, 32, 18);
      return [2, 14].map((x) => {
        const [red = 0, , blue = 0] = context?.getImageData(x, x === 2 ? 2 : 8, 1, 1).data ?? [];
        return blue - red > 100;
      });
    });
  await expect.poll(blueness).toEqual([true, false]);
  await hers.screenshot({ path: "output/look/background-image.png" });

  await his.getByRole("button", { name: "Choose devices" }).click();
  await choice.selectOption({ label: "Your room, as it is" });
  await expect.poll(blueness).toEqual([false, false]);
});
