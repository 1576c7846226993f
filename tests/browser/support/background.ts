import { expect, type Page } from "@playwright/test";

import { patient } from "./api.ts";
import { sampled, type Sample } from "./sharpness.ts";

/** How the page of the other one names the picture of who hides their room. */
export const LABEL = `Picture of ${patient.fullName}`;
/** The clock and the squares of the browser's own camera have edges of some 80; blurred and coded they have none near this. */
const SHARP = 25;

/** Whether the room was to be seen. */
export const plain = ({ sharpest }: Sample): boolean => sharpest > SHARP;
/** Where it is chosen, once the devices are in view. */
export const choice = (page: Page) => page.getByRole("combobox", { name: "Behind you" });

/** A device that is fast enough, whatever else the machine of the tests does: its own clock runs slowly. */
export async function fast(page: Page): Promise<Page> {
  await page.addInitScript(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() / 50;
  });
  return page;
}

/** What is loaded has ten megabytes, which this machine may take its time to read and compile. */
export async function ready(page: Page): Promise<void> {
  await expect(page.getByText("Others do not see your room.")).toBeVisible({ timeout: 60_000 });
}

/** Waits until so many more looks were had at the picture, and returns all. */
export async function moreOf(page: Page, count: number): Promise<readonly Sample[]> {
  const before = (await sampled(page)).length;
  await expect.poll(async () => (await sampled(page)).length, { timeout: 60_000 }).toBeGreaterThan(before + count);
  return sampled(page);
}

/** Waits until the newest looks all saw the room, or none did. */
export async function lastIs(page: Page, wanted: "plain" | "hidden"): Promise<void> {
  await expect.poll(async () => (await sampled(page)).slice(-5).map(plain), { timeout: 60_000 }).toEqual(Array(5).fill(wanted === "plain"));
}
