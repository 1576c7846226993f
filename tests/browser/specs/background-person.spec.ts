import { doctor, patient, schedule } from "../support/api.ts";
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
