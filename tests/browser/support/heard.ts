import { expect, type Page } from "@playwright/test";

declare global {
  interface Window {
    heard: string[];
  }
}

/**
 * Writes down what a screen reader says by itself while somebody uses a page: what gets the keyboard, and what changes in a live region
 * (WAI-ARIA 1.2, 6.6.5). A status that comes into the page together with its words counts as not said, because many readers miss it.
 */
export async function listen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.heard = [];
    const LIVE = "[role=status], [role=alert], [role=log], [aria-live]";
    const known = new WeakSet<Element>();
    const say = (text: string | null | undefined): void => {
      const words = text?.replace(/\s+/g, " ").trim() ?? "";
      if (words !== "") window.heard.push(words);
    };
    document.addEventListener("focusin", ({ target }) => {
      if (target instanceof Element) say(target.getAttribute("aria-label") ?? target.textContent);
    });
    new MutationObserver((records) => {
      for (const { target, addedNodes } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        const region = element?.closest(LIVE) ?? null;
        const alerts = [...addedNodes].filter((node) => node instanceof Element && node.getAttribute("role") === "alert");
        for (const alert of alerts) say(alert.textContent);
        if (region === null || !known.has(region) || region.getAttribute("aria-live") === "off") continue;
        const atomic = region.getAttribute("aria-atomic") ?? String(region.getAttribute("role") !== "log");
        if (atomic === "true" || addedNodes.length === 0) say(region.textContent);
        else for (const node of addedNodes) say(node.textContent);
      }
      for (const region of document.querySelectorAll(LIVE)) known.add(region);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

/** Waits until the page has said something that has these words. */
export async function expectHeard(page: Page, words: string): Promise<void> {
  await expect.poll(() => page.evaluate(() => window.heard), { message: `“${words}” is said` }).toContainEqual(expect.stringContaining(words));
}
