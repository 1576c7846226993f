import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { shiftClock } from "../support/clock.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { expectPictureAndSound } from "../support/media.ts";

// Each of these looks at several states of a page many times over.
test.describe.configure({ timeout: 180_000 });

test("the waiting page", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient], { startsInSeconds: 3600 });
  const address = `${program.url}/telecons-fe/teleconsultation/${roomId}`;
  const his = await newPage({ headers: { miauserid: patient.userId } });
  await his.goto(address);
  await his.getByRole("heading", { name: "You are in the waiting room" }).waitFor();
  await look(his, "waiting");
  await his.route("**/api/v1/telecons-be/**", (route) => route.abort());
  await his.getByText("We keep trying").waitFor();
  await look(his, "waiting-trouble");

  const theirs = await newPage({ headers: { miauserid: "somebody-else" } });
  await theirs.goto(address);
  await theirs.getByRole("heading", { name: "We cannot open this consultation" }).waitFor();
  await look(theirs, "stranger");
});

test("a page whose script does not come", async ({ program, newPage }) => {
  const page = await newPage();
  await page.route("**/assets/*.js", (route) => route.abort());
  await page.goto(`${program.url}/call`);
  await page.getByRole("heading", { name: "One moment…" }).waitFor();
  await look(page, "boot");
});

test("links that lead nowhere", async ({ program, newPage }) => {
  const page = await newPage();
  await page.goto(`${program.url}/eu/direct-rest-call-handler/no-such-link`);
  await page.getByRole("heading", { name: "This link does not work" }).waitFor();
  await look(page, "refused-link");

  const bare = await newPage();
  await bare.goto(`${program.url}/call`);
  await bare.getByRole("heading", { name: "Please open your link again" }).waitFor();
  await look(bare, "refused-no-token");

  await page.route("**/call/enter", (route) => route.abort());
  await page.reload();
  await page.getByRole("heading", { name: "We cannot reach the service" }).waitFor();
  await look(page, "refused-offline");
});

test("the lobby", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const link = await accessLink(program.url, roomId, patient);
  const his = await newPage();
  await his.goto(link);
  const preview = his.getByRole("region", { name: "How others will see you" }).locator("video");
  await expect.poll(() => preview.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0);
  await his.getByRole("meter").waitFor();
  await look(his, "lobby");

  await his.getByRole("button", { name: "Turn off camera" }).click();
  await his.getByRole("button", { name: "Turn off microphone" }).click();
  await look(his, "lobby-off");

  const blocked = await newPage();
  await blocked.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("refused", "NotAllowedError"));
  });
  await blocked.goto(link);
  await blocked.getByText("The camera and the microphone are blocked.").waitFor();
  await look(blocked, "lobby-blocked");
});

test("the call", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const hers = await join(roomId, doctor);
  await look(hers, "alone");

  const his = await join(roomId, patient);
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await look(hers, "two");
  await hers.getByRole("button", { name: "Choose devices" }).click();
  await look(hers, "devices");
  await hers.getByRole("button", { name: "Close" }).click();

  await his.getByRole("button", { name: "Turn off camera" }).click();
  await his.getByRole("button", { name: "Turn off microphone" }).click();
  await hers.getByRole("group", { name: patient.fullName }).getByText("camera off").waitFor({ state: "attached" });
  await hers.getByRole("button", { name: "Turn off microphone" }).click();
  await look(hers, "two-off");

  const third = await join(roomId, interpreter);
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await look(hers, "three");

  await third.getByRole("button", { name: "Share screen" }).click();
  await hers.getByRole("figure").waitFor();
  await expect.poll(() => hers.getByRole("figure").locator("video").evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0);
  await look(hers, "screen");
  await third.getByText("You are sharing your screen.").waitFor();
  await look(third, "screen-own");
});

test.describe("with an end", () => {
  // No call is shorter than five minutes, so the page's clock is moved. When the server ends it is its unit tests' matter.
  test.use({ settings: { UNLIMITED_TELECONSULTATION: "false" } });

  test("the end of the time", async ({ program, join }) => {
    const roomId = await schedule(program.url, [doctor, patient], { durationInSeconds: 300 });
    const his = await join(roomId, patient);
    await join(roomId, doctor);
    await expect(his.getByRole("timer")).toHaveText(/4:\d\d left/);
    await shiftClock(his, 275);
    await expect(his.getByRole("alert")).toHaveText("The consultation ends in less than 30 seconds.");
    await look(his, "warning");
  });
});

test("interruptions and ends", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await program.kill();
  await hers.getByText("Reconnecting…").waitFor();
  await look(hers, "reconnecting");
  await his.getByRole("heading", { name: "Bringing you back…" }).waitFor();
  await look(his, "returning");
  await shiftClock(his, 120);
  await his.getByRole("heading", { name: "The connection was lost" }).waitFor();
  await look(his, "left-lost");
  await program.run();
  await his.getByRole("button", { name: "Re-enter" }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  const second = await join(roomId, patient);
  await his.getByRole("heading", { name: "You are in the consultation in another window" }).waitFor();
  await look(his, "left-elsewhere");
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await second.getByRole("button", { name: "Leave the consultation" }).click();
  await second.getByRole("heading", { name: "You have left the consultation" }).waitFor();
  await look(second, "left-left");
  await hers.getByRole("heading", { name: "The consultation has ended" }).waitFor();
  await look(hers, "left-other-left");
});
