import type { Page } from "@playwright/test";

/** Lets a page believe that so much more time has passed. */
export async function shiftClock(page: Page, seconds: number): Promise<void> {
  await page.evaluate((ms) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + ms;
  }, seconds * 1000);
}
