import type { Page } from "@playwright/test";

import { accessLink, doctor, interpreter, patient, type Person, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { patientsMayUse } from "../support/privileges.ts";
import { RawChannel } from "../support/raw-channel.ts";

const openChat = (page: Page) => page.getByRole("button", { name: /^Chat/ }).click();
const write = async (page: Page, text: string) => {
  await page.getByRole("textbox").fill(text);
  await page.keyboard.press("Enter");
};
const inLog = (page: Page, text: string) => page.getByRole("log", { name: "Messages" }).getByText(text, { exact: true });

test("two and three people write, see who is writing, and who comes later reads what was before", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await openChat(hers);
  await hers.getByRole("textbox").fill("Good mor");
  await openChat(his);
  await hers.getByRole("textbox").fill("Good morning");
  await expect(his.getByText(`${doctor.fullName} is writing…`)).toBeVisible();
  await hers.keyboard.press("Enter");
  await expect(inLog(his, "Good morning")).toBeVisible();
  await his.getByRole("button", { name: "Close" }).click();
  await write(hers, "See https://clinic.example/plan.");
  await expect(his.getByRole("button", { name: "Chat, 1 unread" })).toBeVisible();

  const third = await join(roomId, interpreter);
  await openChat(third);
  await expect(inLog(third, "Good morning")).toBeVisible();
  const address = third.getByRole("link", { name: "https://clinic.example/plan" });
  await expect(address).toHaveAttribute("rel", /noopener/);
  await write(third, "Hello both");
  for (const page of [hers, third]) await expect(inLog(page, "Hello both")).toHaveCount(1);
  await expect(his.getByRole("button", { name: "Chat, 2 unread" })).toBeVisible();
});

test("the chat is there after a reload and a restart, in order, and what is written meanwhile arrives once", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await openChat(hers);
  for (const text of ["one", "two"]) await write(hers, text);
  await expect(inLog(hers, "two")).toBeVisible();

  await program.kill();
  await write(hers, "three");
  // The one before may not have been confirmed either.
  await expect(hers.getByText("Will be sent as soon as you are connected again").last()).toBeVisible();
  await write(hers, "four");
  await program.run();
  await his.reload();
  await openChat(his);
  await expect(inLog(his, "four")).toBeVisible();
  await expect(his.locator(".message-text")).toHaveText(["one", "two", "three", "four"]);
  await expect(hers.locator(".message-text")).toHaveText(["one", "two", "three", "four"]);
});

test("older messages come when they are asked for, and hostile ones break nothing", async ({ program, newPage, join }) => {
  // Four write: each of them as many as the server takes from one person at once.
  const writers: Person[] = [1, 2, 3, 4].map((number) => ({ userId: `writer-${number}`, fullName: `Writer ${number}`, group: "patient" }));
  const roomId = await schedule(program.url, [doctor, ...writers]);
  const hers = await join(roomId, doctor);
  const hostile = `<img src=x onerror="document.title='broken'"> \u202e ${"w".repeat(3_900)}`;
  let number = 0;
  for (const writer of writers) {
    const raw = await RawChannel.open(await newPage(), program, await accessLink(program.url, roomId, writer));
    for (const last = Math.min(number + 14, 55); number < last; ) {
      number += 1;
      expect(await raw.refusal("chat.send", { text: number === 55 ? hostile : `message ${number}`, key: `key-${number}` })).toBeNull();
    }
  }
  await hers.reload();
  await openChat(hers);
  await expect(hers.getByRole("log", { name: "Messages" }).getByText("<img src=x")).toBeVisible();
  await expect(inLog(hers, "message 6")).toBeAttached();
  await expect(inLog(hers, "message 5")).toHaveCount(0);
  await expect(hers.getByRole("button", { name: "Show older messages" })).toBeAttached();
  // They come by themselves when the reader nears them.
  await hers.getByRole("log", { name: "Messages" }).evaluate((log) => {
    log.scrollTo({ top: -log.scrollHeight });
  });
  await expect(inLog(hers, "message 1")).toBeAttached();
  await expect(hers.locator(".message-text")).toHaveCount(55);
  await expect(hers).toHaveTitle("Video consultation");
  expect(await hers.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
});

test.describe("where patients have no chat", () => {
  test.use({ settings: async ({}, use) => use({ WAITING_ROOM: "false", ...(await patientsMayUse({ chat: false, screen_sharing: true })) }) });

  test("they have no button for it, read nothing, and are refused", async ({ program, newPage, join }) => {
    const roomId = await schedule(program.url, [doctor, patient, interpreter]);
    const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
    await expect(his.getByRole("button", { name: "People" })).toBeVisible();
    await expect(his.getByRole("button", { name: /^Chat/ })).toHaveCount(0);
    await openChat(hers);
    await write(hers, "Not for patients");

    const raw = await RawChannel.open(await newPage(), program, await accessLink(program.url, roomId, interpreter));
    for (const [command, members] of [["chat.send", { text: "let me", key: "k" }], ["chat.typing", {}], ["chat.older", { before: 99 }]] as const) {
      expect(await raw.refusal(command, members), command).toBe("not_allowed");
    }
    await write(hers, "Still not");
    await expect(inLog(hers, "Still not")).toBeVisible();
    expect([...(await raw.events("chat.message")), ...(await raw.events("chat.typing"))]).toEqual([]);
    expect((await raw.events("welcome"))[0]).toMatchObject({ chat: { messages: [], more: false } });
    await expect(inLog(hers, "let me")).toHaveCount(0);
  });
});
