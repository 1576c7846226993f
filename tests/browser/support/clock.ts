import type { Page } from "@playwright/test";

/** Lets a page believe that so much more time has passed. */
export async function shiftClock(page: Page, seconds: number): Promise<void> {
  await page.evaluate((ms) => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + ms;
  }, seconds * 1000);
}

/** Lets the time of a page stand still, so that what is shown for a moment can be looked at. */
export async function stopClock(page: Page): Promise<void> {
  await page.clock.setFixedTime(Date.now());
}
