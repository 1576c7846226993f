import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";

// Here the browser asks before it gives camera and microphone, as people's browsers do.
test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: (launchOptions.args ?? []).filter((arg) => arg !== "--use-fake-ui-for-media-stream") });
  },
});

test("a refusal is answered with the next step, and allowing mends it without a click", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  await his.context().grantPermissions([]);
  await his.goto(await accessLink(program.url, roomId, patient));
  await expect(his.getByText("The camera and the microphone are blocked.")).toBeVisible();
  await expect(his.getByText("turn on camera and microphone there")).toBeVisible();
  await expect(his.getByText("You can join all the same")).toBeVisible();
  await expect(his.getByRole("button", { name: "Try again" })).toBeVisible();
  await his.context().grantPermissions(["camera", "microphone"]);
  await expect(his.getByText("Your camera works.")).toBeVisible();
  await expect(his.getByText("The camera and the microphone are blocked.")).toBeHidden();
});

test("where the system refuses what the browser has allowed, the system's settings are named", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  await his.context().grantPermissions(["camera", "microphone"]);
  await his.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("Permission denied by system", "NotAllowedError"));
  });
  await his.goto(await accessLink(program.url, roomId, patient));
  await expect(his.getByText("Your computer does not let the browser use them.")).toBeVisible();
});
