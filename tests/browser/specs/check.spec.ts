import type { Page } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";

/** The whole check may take so long, with a person who does what it asks. */
const WITHIN_MS = 20_000;

/** Counts what a page asks for. */
function countRequests(page: Page, path: string): { count: number } {
  const requests = { count: 0 };
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === path) requests.count += 1;
  });
  return requests;
}

test("the lobby finds out by itself that camera, microphone and connection work, and a reload keeps what it knows", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await newPage();
  const checks = countRequests(his, "/call/check");
  await his.goto(await accessLink(program.url, roomId, patient));
  const began = Date.now();
  await expect(his.getByText("Checking your connection…")).toBeVisible();
  await expect(his.getByText("Your camera works.")).toBeVisible();
  await expect(his.getByText("Your microphone works: we hear you.")).toBeVisible();
  await expect(his.getByText("Your connection is good.")).toBeVisible();
  expect(Date.now() - began).toBeLessThan(WITHIN_MS);
  await expect(his.getByText("Camera, microphone and connection work. You can join.")).toBeAttached();
  await expect(hers.getByRole("heading", { name: "You are the first one here" }), "nobody in the call notices").toBeVisible();

  await his.getByRole("button", { name: "Play a sound" }).click();
  await his.getByRole("button", { name: "I hear nothing" }).click();
  await expect(his.getByText("Turn the volume up")).toBeVisible();
  await his.getByRole("button", { name: "Play it again" }).click();
  await his.getByRole("button", { name: "I hear it" }).click();
  await expect(his.getByText("Your speaker works.")).toBeVisible();

  await his.reload();
  await expect(his.getByText("Your connection is good.")).toBeVisible();
  await expect(his.getByText("Your speaker works.")).toBeVisible();
  expect(checks.count).toBe(1);

  await his.getByRole("button", { name: "Join now" }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
});

test("another camera is looked at anew", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  await his.goto(await accessLink(program.url, roomId, patient));
  await expect(his.getByText("Your camera works.")).toBeVisible();
  await his.getByRole("button", { name: "Turn off camera" }).click();
  await expect(his.getByText("Your camera works.")).toBeHidden();
  await his.getByRole("button", { name: "Turn on camera" }).click();
  await expect(his.getByText("Your camera works.")).toBeVisible();
});

test("joining does not wait for the check, and ends it", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await newPage();
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByText("Checking your connection…").waitFor();
  await his.getByRole("button", { name: "Join now" }).click();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expect.poll(() => his.evaluate(() => window.peerConnections.filter(({ connectionState }) => connectionState === "connected").length)).toBe(1);
});

test("a network that lets no call through is told before the call, and can be checked again", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  let closed = true;
  await his.routeWebSocket(/\/rtc/, (socket) => {
    if (closed) void socket.close();
    else socket.connectToServer();
  });
  await his.route("**/rtc/**", (route) => (closed ? route.abort() : route.continue()));
  await his.goto(await accessLink(program.url, roomId, patient));
  await expect(his.getByText("The call cannot get through this network.")).toBeVisible();
  await expect(his.getByRole("button", { name: "Join now" })).toBeEnabled();
  closed = false;
  await his.getByRole("button", { name: "Check again" }).click();
  await expect(his.getByText("Your connection is good.")).toBeVisible();
});

test("inside a messenger's own browser the link can be copied for a real one", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const link = await accessLink(program.url, roomId, patient);
  const his = await newPage();
  await his.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await his.addInitScript(() => {
    Object.defineProperty(navigator, "userAgent", {
      value: "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS]",
    });
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("refused", "NotAllowedError"));
  });
  await his.goto(link);
  await expect(his.getByText("You opened the link inside another app")).toBeVisible();
  await his.getByRole("button", { name: "Copy link" }).click();
  await expect(his.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await his.evaluate(() => navigator.clipboard.readText());
  const elsewhere = await newPage();
  await elsewhere.goto(copied);
  await expect(elsewhere.getByText(`You join as ${patient.fullName}.`)).toBeVisible();
});
