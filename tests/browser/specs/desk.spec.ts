import type { Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import ICAL from "ical.js";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { HOSTILE } from "../support/hostile.ts";
import { tabTo } from "../support/keyboard.ts";
import { look } from "../support/look.ts";

/** With signs that mean something in an address. */
const KEY = "k3y-of-the-desk+with/signs";

test.use({ settings: { DESK_KEY: KEY } });

const consultations = (page: Page) => page.getByRole("article");
const bookButton = (page: Page) => page.getByRole("button", { name: "Book", exact: true });

async function openDesk(page: Page, base: string): Promise<void> {
  await page.goto(`${base}/desk#key=${encodeURIComponent(KEY)}`);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
}

/** Fills in the form for two people, tomorrow at ten. */
async function fillIn(page: Page, names: readonly [string, string]): Promise<void> {
  const tomorrow = new Date(Date.now() + 24 * 3_600_000);
  const day = [tomorrow.getFullYear(), tomorrow.getMonth() + 1, tomorrow.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
  const form = page.getByRole("dialog", { name: "New consultation" });
  await form.getByLabel("Date").fill(day);
  await form.getByLabel("Begins at").fill("10:00");
  await form.getByLabel("Minutes").fill("45");
  await form.getByRole("group", { name: "Person 1" }).getByLabel("Name, as others see it").fill(names[0]);
  await form.getByRole("group", { name: "Person 2" }).getByLabel("Name, as others see it").fill(names[1]);
}

test("a consultation is booked, changed and cancelled at one desk, and another desk sees it without reloading", async ({ program, newPage }) => {
  const hers = await newPage();
  await openDesk(hers, program.url);
  // Where shoulders and histories see it, the key is not.
  expect(hers.url()).toBe(`${program.url}/desk`);
  await expect(hers.getByText("No consultations are booked from this day on.")).toBeVisible();
  const his = await newPage();
  await openDesk(his, program.url);

  await hers.getByRole("button", { name: "New consultation" }).click();
  await fillIn(hers, ["Dr. Ada Marino", "Luca Conti"]);
  await bookButton(hers).click();
  await expect(hers.getByText("The consultation is booked.")).toBeVisible();
  const booked = consultations(his).filter({ hasText: "Luca Conti" });
  await expect(booked).toHaveAccessibleName("10:00 to 10:45, Dr. Ada Marino, Luca Conti");
  await expect(his.getByRole("heading", { level: 2, name: /^Tomorrow, / })).toBeVisible();

  await booked.getByRole("button", { name: "Change" }).click();
  const form = his.getByRole("dialog", { name: "Change consultation" });
  await expect(form.getByRole("group", { name: "Person 2" }).getByLabel("Name, as others see it")).toHaveValue("Luca Conti");
  await form.getByLabel("Begins at").fill("11:30");
  await form.getByRole("button", { name: "Save the change" }).click();
  await expect(consultations(hers)).toHaveAccessibleName("11:30 to 12:15, Dr. Ada Marino, Luca Conti");

  await consultations(hers).getByRole("button", { name: "Cancel it" }).click();
  const question = hers.getByRole("dialog", { name: "Cancel this consultation?" });
  await question.getByRole("button", { name: "Keep it" }).click();
  await expect(consultations(hers)).toHaveCount(1);
  await consultations(hers).getByRole("button", { name: "Cancel it" }).click();
  await question.getByRole("button", { name: "Cancel the consultation" }).click();
  await expect(consultations(hers)).toHaveCount(0);
  await expect(consultations(his)).toHaveCount(0);
});

test("a link that is copied leads its person into the call, and the calendar file has the same link", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const desk = await newPage();
  await desk.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await openDesk(desk, program.url);
  await desk.getByRole("button", { name: "Copy link of Luca Conti" }).click();
  await expect(desk.getByText("The link is copied. It is for this person only.")).toBeVisible();
  const link = await desk.evaluate(() => navigator.clipboard.readText());
  expect(link).toBe(await accessLink(program.url, roomId, patient));

  const [download] = await Promise.all([desk.waitForEvent("download"), desk.getByRole("button", { name: "Calendar file for Luca Conti" }).click()]);
  expect(download.suggestedFilename()).toBe("consultation.ics");
  const calendar = new ICAL.Component(ICAL.parse(await readFile(await download.path(), "utf8")));
  const event = new ICAL.Event(calendar.getFirstSubcomponent("vevent") ?? undefined);
  expect(event.component.getFirstPropertyValue("url")).toBe(link);
  expect(event.summary).toBe("Video consultation");
  expect(event.description).toContain(doctor.fullName);
  expect(Math.abs(event.startDate.toJSDate().getTime() - Date.now())).toBeLessThan(60_000);
  expect(event.endDate.subtractDate(event.startDate).toSeconds()).toBe(3600);

  const his = await newPage();
  await his.goto(link);
  await expect(his.getByRole("heading", { name: "Ready to join?" })).toBeVisible();
});

test("the desk sees who comes into the call and who leaves it", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const desk = await newPage();
  await openDesk(desk, program.url);
  const row = (name: string) => consultations(desk).getByRole("listitem").filter({ hasText: name });
  await expect(row(patient.fullName).getByText("Not here")).toBeVisible();
  await expect(consultations(desk).getByText("Nobody is in the call")).toBeVisible();

  const hers = await join(roomId, doctor);
  await expect(row(doctor.fullName).getByText("In the call")).toBeVisible();
  await expect(consultations(desk).getByText("In progress")).toBeVisible();
  await expect(row(patient.fullName).getByText("Not here")).toBeVisible();

  await hers.getByRole("button", { name: "Leave the consultation" }).click();
  await expect(row(doctor.fullName).getByText("Let in, not in the call")).toBeVisible();
  await hers.close();
  await expect(row(doctor.fullName).getByText("Not here")).toBeVisible();
});

/** Says something over the call channel, as the page of a call does, and waits for the reply. */
async function say(page: Page, frame: Readonly<Record<string, unknown>>): Promise<unknown> {
  return page.evaluate(async (frame) => {
    const holder = globalThis as unknown as { channel?: WebSocket };
    holder.channel ??= new WebSocket(`${location.origin.replace("http", "ws")}/call/channel`);
    const socket = holder.channel;
    if (socket.readyState === WebSocket.CONNECTING) await new Promise((resolve) => { socket.onopen = resolve; });
    const replied = new Promise((resolve) => {
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(String(data)) as { re?: unknown };
        if (message.re === frame.id) resolve(message);
      };
    });
    socket.send(JSON.stringify(frame));
    return replied;
  }, frame);
}

test.describe("where patients wait until they are let in", () => {
  test.use({ settings: { DESK_KEY: KEY, WAITING_ROOM: "true" } });

  test("the desk sees who has opened their link, whose microphone is blocked, and who waits", async ({ program, newPage }) => {
    const roomId = await schedule(program.url, [doctor, patient]);
    const desk = await newPage();
    await openDesk(desk, program.url);
    const row = consultations(desk).getByRole("listitem").filter({ hasText: patient.fullName });
    await expect(row.getByText("Not here")).toBeVisible();

    const his = await newPage();
    await his.goto(`${program.url}/call`);
    const link = await accessLink(program.url, roomId, patient);
    expect(await say(his, { id: 1, do: "hello", access_token: link.split("/").at(-1) })).toMatchObject({ ok: {} });
    await expect(row.getByText("Link opened")).toBeVisible();
    const check = { microphone: "blocked", camera: "ok", speaker: "ok", network: "good" };
    expect(await say(his, { id: 2, do: "check", ...check })).toMatchObject({ ok: {} });
    await expect(row.getByText("Permission denied")).toBeVisible();
    await expect(row.getByText("The microphone is blocked in the browser.")).toBeVisible();
    expect(await say(his, { id: 3, do: "check", ...check, microphone: "ok" })).toMatchObject({ ok: {} });
    expect(await say(his, { id: 4, do: "knock" })).toMatchObject({ ok: {} });
    await expect(row.getByText("Waiting to be let in")).toBeVisible();
    await desk.getByLabel("Show").selectOption("Needs attention");
    await expect(consultations(desk)).toHaveCount(1);
    await his.close();
    await expect(row.getByText("Not here")).toBeVisible();
  });
});

test("without the right key nothing is shown, and what is typed is said to be wrong", async ({ program, newPage }) => {
  await schedule(program.url, [doctor, patient]);
  const page = await newPage();
  await page.goto(`${program.url}/desk`);
  await expect(page.getByRole("heading", { name: "Open the reception desk" })).toBeVisible();
  await page.getByLabel("Key of the desk").fill("not-the-key-of-the-desk");
  await page.getByRole("button", { name: "Open" }).click();
  await expect(page.getByText("This key is not right. Please check that you have all of it.")).toBeVisible();
  await expect(page.getByText(patient.fullName)).toHaveCount(0);

  await page.getByLabel("Key of the desk").fill(KEY);
  await page.getByRole("button", { name: "Open" }).click();
  await expect(consultations(page)).toHaveCount(1);
  // A reload of the tab keeps the key; locking forgets it.
  await page.reload();
  await expect(consultations(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Lock the desk" }).click();
  await expect(page.getByRole("heading", { name: "Open the reception desk" })).toBeFocused();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Open the reception desk" })).toBeVisible();
});

test("what the server refuses is shown at its field", async ({ program, newPage }) => {
  const page = await newPage();
  await openDesk(page, program.url);
  await page.getByRole("button", { name: "New consultation" }).click();
  await bookButton(page).click();
  const form = page.getByRole("dialog", { name: "New consultation" });
  const first = form.getByRole("group", { name: "Person 1" }).getByLabel("Name, as others see it");
  await expect(first).toBeFocused();
  await expect(first).toHaveAccessibleDescription("A name of 1 to 128 characters.");

  await fillIn(page, ["Dr. Ada Marino", "Luca Conti"]);
  // A control character, which only the server looks for.
  const id = form.getByRole("group", { name: "Person 2" }).getByLabel("Id in your system");
  await id.fill("a\u0007b");
  await bookButton(page).click();
  await expect(id).toBeFocused();
  await expect(id).toHaveAttribute("aria-invalid", "true");
  await id.fill("conti-7");
  await bookButton(page).click();
  await expect(consultations(page)).toHaveCount(1);
});

test("a desk that loses the service says so and comes back with what it missed", async ({ program, newPage }) => {
  const page = await newPage();
  await openDesk(page, program.url);
  await program.kill();
  await expect(page.getByText("Reconnecting… What you see may be out of date.")).toBeVisible();
  await program.run();
  await schedule(program.url, [doctor, patient]);
  await expect(consultations(page)).toHaveCount(1);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
});

test("everything at the desk is done with the keyboard alone", async ({ program, newPage }) => {
  const page = await newPage();
  await openDesk(page, program.url);
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await tabTo(page, "New consultation");
  await press("Enter");
  await tabTo(page, "Name, as others see it");
  await page.keyboard.type("Dr. Ada Marino");
  await tabTo(page, "Name, as others see it");
  await page.keyboard.type("Luca Conti");
  await press("Enter");
  await expect(consultations(page)).toHaveCount(1);
  await expect(page.getByRole("button", { name: "New consultation" })).toBeFocused();

  await tabTo(page, "Cancel it");
  await press("Enter");
  await expect(page.getByRole("button", { name: "Keep it" })).toBeFocused();
  await press("Escape");
  await expect(page.getByRole("button", { name: "Cancel it" })).toBeFocused();
  await press("Enter", "Tab", "Enter");
  await expect(consultations(page)).toHaveCount(0);
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
});

test("hostile names break nothing", async ({ program, newPage }) => {
  await schedule(program.url, [{ ...doctor, fullName: HOSTILE.long }, { ...patient, fullName: HOSTILE.quoted }]);
  const page = await newPage({ viewport: { width: 320, height: 568 } });
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => { dialogs.push(dialog.message()); void dialog.dismiss(); });
  await openDesk(page, program.url);
  await expect(consultations(page)).toHaveCount(1);
  await expect(page.locator("article img, article script")).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  await page.getByRole("button", { name: "Cancel it" }).click();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
  expect(dialogs).toEqual([]);
});

test("look: the desk in every state", async ({ program, newPage }) => {
  test.setTimeout(240_000);
  const page = await newPage();
  await page.goto(`${program.url}/desk`);
  await expect(page.getByRole("heading", { name: "Open the reception desk" })).toBeVisible();
  await look(page, "desk-key");
  await page.getByLabel("Key of the desk").fill("not-the-key-of-the-desk");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("This key is not right.").waitFor();
  await look(page, "desk-key-wrong");
  await openDesk(page, program.url);
  await look(page, "desk-empty");

  await schedule(program.url, [doctor, patient]);
  await schedule(program.url, [doctor, { ...patient, fullName: "Maria Giulia dell’Acqua-Fontanarosa von und zu Hohenstein" }], { startsInSeconds: 26 * 3600 });
  await expect(consultations(page)).toHaveCount(2);
  // What only a call with a channel and measurements shows, as the API tells it.
  await page.route("**/teleconsultation/*/quality", (route) => route.fulfill({ json: measured() }));
  await page.route("**/teleconsultation/*/ratings", (route) => route.fulfill({ json: rated() }));
  await page.route("**/teleconsultations?*", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: peopled(await answer.json()) });
  });
  await page.reload();
  await expect(page.getByText("Permission denied")).toBeVisible();
  await page.getByRole("button", { name: "How it was" }).first().click();
  await page.getByText("As a table").click();
  // Anybody's words are words, and stay within the page.
  await expect(page.getByRole("list", { name: "Ratings" }).getByText("<img src=x onerror=")).toBeVisible();
  expect(await page.getByRole("list", { name: "Ratings" }).evaluate((list) => [list.querySelectorAll("img").length, list.scrollWidth > list.clientWidth])).toEqual([0, false]);
  await look(page, "desk-list");

  await page.getByRole("button", { name: "New consultation" }).click();
  await look(page, "desk-form");
  await bookButton(page).click();
  await look(page, "desk-form-problems");
  await page.getByRole("button", { name: "Back" }).click();
  await page.getByRole("button", { name: "Cancel it" }).first().click();
  await look(page, "desk-cancel");

  // What the service does not do, or not now.
  await page.route("**/teleconsultation/*", (route) => route.abort());
  await page.getByRole("button", { name: "Cancel the consultation" }).click();
  await page.getByText("It could not be cancelled.").waitFor();
  await look(page, "desk-cancel-failed");
  await page.getByRole("button", { name: "Keep it" }).click();
  await page.getByRole("button", { name: "Change" }).last().click();
  await page.getByRole("spinbutton", { name: "Minutes" }).fill("2");
  await page.getByRole("button", { name: "Add a person" }).click();
  await page.getByRole("button", { name: "Save the change" }).click();
  await page.getByText("At least 5 minutes, in whole minutes.").waitFor();
  await look(page, "desk-change-problems");
  await page.getByRole("button", { name: "Back" }).click();
  await page.route("**/teleconsultation/*/quality", (route) => route.abort());
  await page.getByRole("button", { name: "How it was" }).last().click();
  await page.getByText("It could not be loaded.").waitFor();
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("refused", "NotAllowedError"));
  });
  await page.getByRole("button", { name: "Copy link of Luca Conti" }).click();
  await page.getByRole("textbox", { name: "The link of Luca Conti" }).waitFor();
  await program.kill();
  await page.getByText("Reconnecting… What you see may be out of date.").waitFor();
  await look(page, "desk-trouble");
  await program.run();
});

function rated(): unknown {
  const rating = (stars: number, fullName: string | null, comment: string | null): unknown => ({ userId: fullName, fullName, stars, comment, at: "2026-01-01T10:00:00.000Z" });
  const hostile = `<img src=x onerror="document.title='taken'">\u202e ${"W".repeat(400)}`;
  return { asked: true, more: true, ratings: [rating(2, patient.fullName, hostile), rating(5, doctor.fullName, null), rating(4, null, "A little late, then good.")] };
}

function measured(): unknown {
  const minutes = Array.from({ length: 25 }, (_, index) => ({
    minute: new Date(Date.UTC(2026, 0, 1, 9, index)).toISOString(),
    worst: index === 11 ? "lost" : index % 7 === 5 ? "weak" : "good",
    roundTripMs: index === 11 ? null : 40 + ((index * 37) % 160),
    lossPercent: index % 7 === 5 ? 4.2 : 0.1,
    uplinkKbps: 900 - index * 10,
    downlinkKbps: null,
  }));
  return { measured: true, participants: [{ userId: doctor.userId, fullName: doctor.fullName, minutes }, { userId: patient.userId, fullName: null, minutes: [] }] };
}

interface Listed {
  readonly teleconsultations: readonly { readonly participants: { readonly data: { presence: unknown }[] } }[];
}

function peopled(list: Listed): Listed {
  const check = { microphone: "blocked", camera: "ok", speaker: "ok", network: "good", uplink_kbps: 900, downlink_kbps: 900, browser: null, at: "2026-01-01T09:00:00.000Z" };
  const [first, second] = list.teleconsultations.map((one) => one.participants.data);
  if (first?.[0] !== undefined) first[0].presence = { stage: "in", since: "2026-01-01T09:00:00.000Z", quality: "weak", check: null };
  if (first?.[1] !== undefined) first[1].presence = { stage: "lobby", since: "2026-01-01T09:01:00.000Z", quality: "unknown", check };
  if (second?.[1] !== undefined) second[1].presence = { stage: "waiting", since: "2026-01-01T09:02:00.000Z", quality: "unknown", check: null };
  return list;
}
