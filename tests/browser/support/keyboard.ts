import { expect, type Page } from "@playwright/test";

/** More stops than any of our screens has. */
export const STOPS_MAX = 60;

/** What has the keyboard, as a screen reader calls it. */
export async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    const field = element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement;
    const label = field ? element.labels?.[0]?.textContent : null;
    return (element?.getAttribute("aria-label") ?? label ?? element?.textContent ?? "").trim();
  });
}

/** Goes on with Tab until what begins with this name has the keyboard; that it can be seen there is asserted too. */
export async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  while (passed.length < STOPS_MAX) {
    await page.keyboard.press("Tab");
    passed.push(await focused(page));
    if (!passed.at(-1)?.startsWith(name)) continue;
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle);
    expect(outline, `the focus on “${name}” can be seen`).not.toBe("none");
    return;
  }
  throw new Error(`“${name}” is not among ${passed.join(" | ")}`);
}

/** Goes to a button with Tab and presses it. */
export async function pressByKey(page: Page, name: string, key = "Enter"): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press(key);
}
