import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { openBoard } from "../support/board.ts";
import { expect, test } from "../support/fixtures.ts";
import { look, moving } from "../support/look.ts";
import { expectPictureAndSound } from "../support/media.ts";
import { RawChannel } from "../support/raw-channel.ts";

// The states that look.spec.ts and the specs of the tools do not come by. Each of these looks at several of them many times over.
test.describe.configure({ timeout: 240_000 });

test("what moves stands still for those whom motion makes ill", async ({ program, newPage }) => {
  const page = await newPage();
  await page.route("**/call/enter", (route) => route.abort());
  await page.goto(await accessLink(program.url, await schedule(program.url, [doctor, patient]), patient));
  await page.getByRole("heading", { name: "We cannot reach the service" }).waitFor();
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await expect.poll(async () => (await moving(page)).length).toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await expect.poll(() => moving(page)).toEqual([]);
});

test("ways in that are closed", async ({ program, newPage }) => {
  const page = await newPage();
  const answers: Record<number, string> = { 410: "This consultation is over", 429: "Many people are arriving", 503: "The service is not ready yet" };
  for (const [status, heading] of Object.entries(answers)) {
    await page.route("**/call/enter", (route) => route.fulfill({ status: Number(status), json: {} }));
    await page.goto(`${program.url}/eu/direct-rest-call-handler/some-link`);
    await page.getByRole("heading", { name: heading }).waitFor();
    await look(page, `refused-${status}`);
  }
});

test("a lobby to which what carries the call does not come, until it does", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  await his.route("**/assets/engine-*", (route) => route.abort());
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByText("A part of this page does not arrive.").waitFor();
  await look(his, "lobby-incomplete");
  // Who asks before it is there has asked.
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("button", { name: "Joining…" }).waitFor();
  await look(his, "joining");
  await his.unrouteAll();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await expectPictureAndSound(await join(roomId, doctor), { pictures: 1, sounds: 1 });
});

test("a lobby whose network lets no call through, and one whose network is slow", async ({ program, newPage }) => {
  const link = await accessLink(program.url, await schedule(program.url, [doctor, patient]), patient);
  const his = await newPage();
  await his.routeWebSocket(/\/rtc/, (socket) => void socket.close());
  await his.route("**/rtc/**", (route) => route.abort());
  await his.goto(link);
  await his.getByText("The call cannot get through this network.").waitFor();
  await look(his, "lobby-network-failed");
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByText("We could not connect you.").waitFor();
  await look(his, "lobby-join-failed");
  const refusals: Record<number, string> = { 429: "Many people are arriving.", 503: "The service is not ready yet." };
  for (const [status, words] of Object.entries(refusals)) {
    await his.route("**/call/enter", (route) => route.fulfill({ status: Number(status), json: {} }));
    await his.getByRole("button", { name: "Join now" }).click();
    await his.getByText(words).waitFor();
    await look(his, `lobby-join-${status}`);
  }

  const slow = await newPage();
  const session = await slow.context().newCDPSession(slow);
  await session.send("Network.enable");
  await slow.route("**/call/check", async (route) => {
    // Only what is measured: the page itself is not to take its time.
    await session.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: 20_000, uploadThroughput: -1 });
    await route.continue();
  });
  await slow.goto(link);
  await slow.getByText("Your connection is slow.").waitFor();
  await look(slow, "lobby-network-weak");
});

test("an app's own browser that gives neither camera nor microphone", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  await join(roomId, doctor);
  const his = await newPage();
  await his.addInitScript(() => {
    Object.defineProperty(navigator, "userAgent", {
      value: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS]",
    });
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("refused", "NotAllowedError"));
  });
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByText("You opened the link inside another app").waitFor();
  await look(his, "lobby-in-app");
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await his.getByRole("button", { name: "Turn on microphone" }).click();
  await his.getByRole("button", { name: "Turn on camera" }).click();
  await his.getByText("The camera and the microphone are blocked.").waitFor();
  await look(his, "in-app");
  await his.getByRole("button", { name: "Choose devices" }).click();
  await expect(his.getByRole("dialog").getByText("The camera and the microphone are blocked.")).toBeInViewport();
  await look(his, "devices-in-app");
});

test("a call by voice only", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await newPage(), await newPage()];
  for (const [page, person] of [[hers, doctor], [his, patient]] as const) {
    await page.route("**/call/enter", async (route) => {
      const answer = await route.fetch();
      const entry = (await answer.json()) as { room: object };
      await route.fulfill({ response: answer, json: { ...entry, room: { ...entry.room, call_type: "audio_only" } } });
    });
    await page.goto(await accessLink(program.url, roomId, person));
  }
  await his.getByText("You take part by voice.").waitFor();
  await look(his, "lobby-voice");
  for (const page of [hers, his]) await page.getByRole("button", { name: "Join now" }).click();
  await expectPictureAndSound(his, { pictures: 0, sounds: 1 });
  await expect(his.getByRole("button", { name: "Turn on camera" })).toHaveCount(0);
  await look(his, "voice");
});

test("ends that somebody else decides on, and what is said of them", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await join(roomId, patient);
  await RawChannel.open(await newPage(), program, await accessLink(program.url, roomId, patient));
  await his.getByText("Your link was opened in another window.").waitFor();
  await look(his, "tools-elsewhere");

  await hers.getByRole("button", { name: "People" }).click();
  await hers.getByRole("button", { name: `Remove ${patient.fullName} from the consultation` }).click();
  await look(hers, "remove-question");
  await hers.getByRole("button", { name: "Remove", exact: true }).click();
  await his.getByRole("heading", { name: "You are no longer in the consultation" }).waitFor();
  await his.getByRole("radio", { name: "2 stars" }).click();
  await his.getByRole("textbox", { name: /What could be better/ }).fill("I do not know why I was taken out.");
  await his.getByRole("button", { name: "Send" }).click();
  await his.getByText("Thank you for your words.").waitFor();
  await look(his, "left-removed");

  await hers.getByRole("button", { name: "Re-enter" }).click();
  await hers.getByRole("button", { name: "Join now" }).click();
  await expectPictureAndSound(await join(roomId, patient), { pictures: 1, sounds: 1 });
  await hers.route("**/call/rating", (route) => route.abort());
  const cancelled = await fetch(`${program.url}/teleconsultation/${roomId}`, { method: "DELETE" });
  expect(cancelled.status).toBe(204);
  await hers.getByText("If the consultation is still open, you can go back in.").waitFor();
  await hers.getByRole("radio", { name: "4 stars" }).click();
  await hers.getByText("That did not reach us.").waitFor();
  await look(hers, "left-closed");
});

test("a whiteboard that does not come, and one that is to be cleared", async ({ program, join }) => {
  const hers = await join(await schedule(program.url, [doctor, patient]), doctor);
  await hers.route("**/assets/*", (route) => route.abort());
  await hers.getByRole("button", { name: "Open whiteboard" }).click();
  await hers.getByText("The whiteboard could not be loaded.").waitFor();
  await look(hers, "whiteboard-failed");
  await hers.unrouteAll();
  await hers.getByRole("region", { name: "Whiteboard" }).getByRole("button", { name: "Close whiteboard" }).click();
  await openBoard(hers);
  await hers.getByRole("button", { name: "Clear" }).click();
  await hers.getByRole("group", { name: "Remove everything that was drawn here, for everybody?" }).waitFor();
  await look(hers, "whiteboard-clear");
});

test("the description of the API", async ({ program, newPage }) => {
  const page = await newPage();
  await page.goto(`${program.url}/documentation/`);
  await page.getByRole("heading", { name: "Schemas" }).waitFor();
  await look(page, "documentation");
});
