import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";

import { doctor, patient } from "../support/api.ts";
import { boardIsReady, drawLine, ink, openBoard } from "../support/board.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { expectPictureAndSound } from "../support/media.ts";
import { cutNetwork } from "../support/network.ts";

const KEY = "k3y-of-the-reception-desk";
/** For so long nothing comes or goes. */
const CUT_MS = 30_000;
const PDF = Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");

test.use({ settings: { DESK_KEY: KEY, WAITING_ROOM: "true", UNLIMITED_TELECONSULTATION: "false" } });

/** Pictures of the stages, in the order of the story, are in `output/story`. */
function pictures(): (page: Page, name: string) => Promise<void> {
  let number = 0;
  return (page, name) => look(page, `${String(++number).padStart(2, "0")}-${name}`, "story");
}

const press = (page: Page, name: string | RegExp) => page.getByRole("button", { name, ...(typeof name === "string" && { exact: true }) }).click();
const closePanel = (page: Page) => page.getByRole("complementary", { name: "Chat, people and files" }).getByRole("button", { name: "Close" }).click();
const inLog = (page: Page, text: string) => page.getByRole("log").getByText(text, { exact: true });

async function write(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Write a message" }).fill(text);
  await page.keyboard.press("Enter");
}

test("a clinician and a patient who have never seen it get through a consultation", async ({ program, newPage }) => {
  test.setTimeout(300_000);
  const see = pictures();
  const [desk, his, hers] = [await newPage(), await newPage({ asks: true }), await newPage()];
  const links = { hers: "", his: "" };

  await test.step("the desk books it and copies the links", async () => {
    await desk.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await desk.goto(`${program.url}/desk#key=${KEY}`);
    await press(desk, "New consultation");
    const form = desk.getByRole("dialog", { name: "New consultation" });
    const now = await desk.evaluate(() => {
      const at = new Date();
      return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString();
    });
    await form.getByLabel("Date").fill(now.slice(0, 10));
    await form.getByLabel("Begins at").fill(now.slice(11, 16));
    await form.getByLabel("Minutes").fill("60");
    for (const [index, { fullName }] of [doctor, patient].entries()) {
      await form.getByRole("group", { name: `Person ${index + 1}` }).getByLabel("Name, as others see it").fill(fullName);
    }
    await see(desk, "desk-form");
    await press(desk, "Book");
    await expect(desk.getByText("The consultation is booked.")).toBeVisible();
    for (const [whose, { fullName }] of [["hers", doctor], ["his", patient]] as const) {
      await press(desk, `Copy link of ${fullName}`);
      await expect(desk.getByText("The link is copied.")).toBeVisible();
      links[whose] = await desk.evaluate(() => navigator.clipboard.readText());
    }
    expect(links.his).not.toBe(links.hers);
    await see(desk, "desk-booked");
  });

  const atDesk = desk.getByRole("listitem").filter({ hasText: patient.fullName }).last();

  await test.step("the patient's microphone is blocked, and the page says what to do", async () => {
    await his.context().grantPermissions(["camera"]);
    await his.goto(links.his);
    await expect(his.getByText("The microphone is blocked.")).toBeVisible();
    await expect(his.getByText("Select the icon at the left end of the page's address")).toBeVisible();
    await expect(his.getByText("You can join all the same")).toBeVisible();
    await expect(his.getByText("Your connection is good.")).toBeVisible();
    await see(his, "check-microphone-blocked");
    await expect(atDesk.getByText("Permission denied")).toBeVisible();
    await see(desk, "desk-permission-denied");
  });

  await test.step("the clinician sees why, and what helped", async () => {
    await hers.goto(links.hers);
    const door = hers.getByRole("region", { name: "At the door" });
    await expect(door.getByText("microphone blocked")).toBeVisible();
    await see(hers, "clinician-before");
    await his.context().grantPermissions(["camera", "microphone"]);
    await expect(his.getByText("Your microphone works: we hear you.")).toBeVisible();
    await expect(door.getByText("Devices and network are fine")).toBeVisible();
    await see(his, "check-well");
  });

  await test.step("he waits, is written to, and is let in", async () => {
    await press(his, "Ask to join");
    await expect(his.getByRole("heading", { name: "You are in the waiting room" })).toBeVisible();
    await expect(atDesk.getByText("Waiting to be let in")).toBeVisible();
    await press(hers, "Join now");
    await expect(hers.locator(".knock").getByText(`${patient.fullName} is waiting to be let in.`)).toBeVisible();
    await see(hers, "knock");
    await press(hers, "See who");
    await expect(hers.getByRole("region", { name: "At the door" }).getByText("Devices and network are fine")).toBeVisible();
    await hers.getByRole("textbox", { name: `Write to ${patient.fullName}` }).fill("Good morning! I am with you in a minute.");
    await hers.keyboard.press("Enter");
    await expect(inLog(his, "Good morning! I am with you in a minute.")).toBeVisible();
    await see(his, "waiting");
    await see(hers, "arrivals");
    await hers.getByRole("region", { name: "At the door" }).getByRole("button", { name: `Let in ${patient.fullName}` }).click();
    for (const page of [hers, his]) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
    await closePanel(hers);
    await see(hers, "call-clinician");
    await see(his, "call-patient");
  });

  await test.step("they write", async () => {
    await press(hers, "Chat");
    await write(hers, "What has changed since last week?");
    await press(his, "Chat, 1 unread");
    await write(his, "The rash is smaller, and itches less.");
    for (const page of [hers, his]) await expect(inLog(page, "The rash is smaller, and itches less.")).toBeVisible();
    await see(his, "chat");
    for (const page of [hers, his]) await closePanel(page);
  });

  await test.step("they draw", async () => {
    await openBoard(hers);
    await his.getByRole("status").getByRole("button", { name: "Open whiteboard" }).click();
    await boardIsReady(his);
    await drawLine(hers);
    await expect.poll(() => ink(his)).toBeGreaterThan(100);
    await see(his, "whiteboard");
    for (const page of [hers, his]) await page.getByRole("region", { name: "Whiteboard" }).getByRole("button", { name: "Close whiteboard" }).click();
  });

  await test.step("she shows her screen", async () => {
    await press(hers, "Share screen");
    const screen = his.getByRole("figure", { name: `Screen of ${doctor.fullName}` }).locator("video");
    await expect.poll(() => screen.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0);
    await see(his, "screen");
    await press(hers, "Stop sharing screen");
    await expect(his.getByRole("figure")).toBeHidden();
  });

  await test.step("he sends a file, and she has it", async () => {
    await press(his, "Files");
    await his.locator("input[type=file]").setInputFiles({ name: "Letter of the laboratory.pdf", mimeType: "application/pdf", buffer: PDF });
    await press(hers, "Files");
    const downloading = hers.waitForEvent("download");
    await press(hers, "Download Letter of the laboratory.pdf");
    expect(await readFile(await (await downloading).path())).toEqual(PDF);
    await see(hers, "file");
  });

  await test.step("she takes a still of his camera and draws on it, while he watches", async () => {
    await hers.getByRole("tab", { name: "People" }).click();
    await press(hers, `Take a picture of ${patient.fullName}`);
    await expect(his.getByText("A picture of you is being taken")).toBeVisible();
    await expect(hers.getByText(`A picture of ${patient.fullName} is in Files`)).toBeVisible();
    await hers.getByRole("tab", { name: "Files" }).click();
    await press(hers, /^Draw on Picture of/);
    await closePanel(hers);
    const board = { name: "Drawing on a picture" };
    await hers.getByRole("region", board).locator("canvas.interactive").waitFor();
    await closePanel(his);
    await his.getByRole("status").getByRole("button", { name: "Open whiteboard" }).click();
    await his.getByRole("region", board).locator("canvas.interactive").waitFor();
    await expect.poll(() => ink(his)).toBeGreaterThan(10_000);
    // The picture is green; the line is nearly black.
    const before = await ink(his, 100);
    await drawLine(hers);
    await expect.poll(() => ink(his, 100)).toBeGreaterThan(before + 50);
    await see(his, "snapshot");
    for (const page of [hers, his]) await page.getByRole("region", board).getByRole("button", { name: "Close whiteboard" }).click();
  });

  await test.step("she points at his picture, and he shows himself large", async () => {
    await press(hers, "Point at pictures");
    await hers.getByRole("application", { name: patient.fullName }).hover();
    await expect(his.locator(".pointer").getByText(doctor.fullName)).toBeVisible();
    await see(his, "pointer");
    await press(hers, "Stop pointing");
    await press(his, "Present to everyone");
    await expect(hers.getByRole("figure", { name: `Shown to everyone: ${patient.fullName}` }).locator("video")).toBeVisible();
    await see(hers, "presented");
    await press(his, "Stop presenting");
    await expect(hers.getByRole("figure")).toBeHidden();
  });

  await test.step("he raises his hand, and she turns his microphone off", async () => {
    await press(his, "Raise hand");
    await press(hers, "People");
    await expect(hers.getByRole("region", { name: "Raised hands, in order" }).getByText(patient.fullName)).toBeVisible();
    await see(hers, "hand");
    await press(his, "Lower hand");
    await press(hers, `Turn off microphone of ${patient.fullName}`);
    await see(hers, "mute-question");
    await hers.getByRole("group", { name: /Turn off the microphone of/ }).getByRole("button", { name: "Turn off microphone" }).click();
    await expect(his.getByText(`${doctor.fullName} turned off your microphone`)).toBeVisible();
    await expectPictureAndSound(hers, { pictures: 1, sounds: 0 });
    await see(his, "muted");
    await press(his, "Turn on microphone");
    await closePanel(hers);
    await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  });

  await test.step("his network is gone for half a minute, and the call goes on", async () => {
    const restore = await cutNetwork(his);
    const since = Date.now();
    await expect(his.getByText("Reconnecting…")).toBeVisible();
    await press(his, "Chat");
    await write(his, "Can you still hear me?");
    await expect(his.getByText("Will be sent as soon as you are connected again")).toBeVisible();
    await expect(hers.getByRole("group", { name: patient.fullName }).getByText("Connection lost")).toBeVisible();
    await see(hers, "cut-clinician");
    await see(his, "cut-patient");
    await expect.poll(() => Date.now() - since, { timeout: CUT_MS }).toBeGreaterThanOrEqual(CUT_MS);
    restore();
    for (const page of [hers, his]) await expectPictureAndSound(page, { pictures: 1, sounds: 1 });
    await press(hers, "Chat, 1 unread");
    await expect(inLog(hers, "Can you still hear me?")).toHaveCount(1);
    await see(his, "back");
  });

  await test.step("it is over for both, and he says how it was", async () => {
    await press(hers, "Leave the consultation");
    await expect(hers.getByRole("heading", { name: "You have left the consultation" })).toBeVisible();
    await expect(his.getByRole("heading", { name: "The consultation has ended" })).toBeVisible();
    await see(hers, "left");
    await his.getByRole("radio", { name: "4 stars" }).click();
    await expect(his.getByText("Thank you.")).toBeVisible();
    await his.getByRole("textbox", { name: /What could be better/ }).fill("Half a minute without a picture, then it went on.");
    await see(his, "rating");
    await press(his, "Send");
    await expect(his.getByText("Thank you for your words.")).toBeVisible();
    await press(desk, "How it was");
    await expect(desk.getByText("Rated 4 of 5 · Half a minute without a picture, then it went on.")).toBeVisible();
    await expect(desk.getByText("As a table").first()).toBeVisible();
    await see(desk, "desk-after");
  });
});
