import type { Page } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { HOSTILE } from "../support/hostile.ts";

test.use({ settings: { WAITING_ROOM: "true" } });

const PHONE = { width: 320, height: 568 } as const;

/** Writes down what a page must not do, whatever people are called. */
function watch(page: Page): string[] {
  const seen: string[] = [];
  page.on("dialog", (dialog) => {
    seen.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("pageerror", (error) => seen.push(`error ${error.message}`));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) seen.push(message.text());
  });
  return seen;
}

/** Nothing of a name became a part of the page, nothing is wider than the window, and no name turns around what stands after it. */
async function expectWhole(page: Page, where: string): Promise<void> {
  const found = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let turned = 0;
    while (texts.nextNode() !== null) {
      if (!/[\u202a-\u202e]/.test(texts.currentNode.nodeValue ?? "")) continue;
      if (texts.currentNode.parentElement?.closest("bdi") == null) turned += 1;
    }
    return { wider: scrollWidth - clientWidth, markup: document.querySelectorAll("[onerror], body script:not([src])").length, turned };
  });
  expect(found, where).toEqual({ wider: 0, markup: 0, turned: 0 });
}

// Also without letters from right to left: those would keep it apart from the words around it.
for (const hostile of [HOSTILE.long, HOSTILE.long.replace(/م/g, "")]) {
  test(`a person called ${JSON.stringify(hostile.slice(0, 40))}… of ${hostile.length} breaks no part of the call`, async ({ program, newPage }) => {
    const roomId = await schedule(program.url, [{ ...doctor, fullName: HOSTILE.quoted }, { ...patient, fullName: hostile }]);
    const [hers, his] = [await newPage(), await newPage({ viewport: PHONE })];
    const seen = [watch(hers), watch(his)];

    await his.goto(await accessLink(program.url, roomId, patient));
    await expect(his.getByText(/^You join as .*WWW/)).toBeVisible();
    await expectWhole(his, "lobby");
    await his.getByRole("button", { name: "Ask to join" }).click();
    await expect(his.getByRole("heading", { name: "You are in the waiting room" })).toBeVisible();
    await expectWhole(his, "waiting room");

    await hers.goto(await accessLink(program.url, roomId, doctor));
    await hers.getByRole("button", { name: "Join now" }).click();
    await expect(hers.locator(".knock").getByText(/WWW.*is waiting to be let in\./)).toBeVisible();
    await hers.setViewportSize(PHONE);
    await expectWhole(hers, "somebody waits");
    await hers.getByRole("button", { name: "See who" }).click();
    await expect(hers.getByRole("textbox", { name: /^Write to .*WWW/ })).toBeVisible();
    await expectWhole(hers, "who waits");
    await hers.getByRole("button", { name: /^Let in .*WWW/ }).first().click();

    await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
    await expect(hers.getByRole("region", { name: "In the consultation" }).getByText(/WWW/)).toBeVisible();
    await expectWhole(hers, "people");
    await hers.getByRole("button", { name: "Close" }).first().click();
    await expect(hers.getByRole("group", { name: /WWW/ }).locator("video")).toBeVisible();
    await expectWhole(hers, "tiles");
    await expectWhole(his, "tiles of the other");
    await hers.setViewportSize({ width: 1280, height: 800 });

    await his.setViewportSize({ width: 1280, height: 800 });
    await his.getByRole("button", { name: "Raise hand" }).click();
    await expect(hers.getByText(/WWW.*has raised a hand/).first()).toBeVisible();
    await expectWhole(hers, "toast");
    await his.getByRole("button", { name: "Chat", exact: true }).click();
    await his.getByRole("textbox").fill("Good morning");
    await his.keyboard.press("Enter");
    await hers.getByRole("button", { name: /^Chat/ }).click();
    await expect(hers.getByRole("log").getByText("Good morning")).toBeVisible();
    await expect(hers.getByRole("log").getByText(/WWW/)).toBeVisible();
    await expectWhole(hers, "chat");
    expect(seen).toEqual([[], []]);
  });
}
