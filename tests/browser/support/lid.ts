import type { Page } from "@playwright/test";

/**
 * Closes the lid of the laptop that a page is on, while `meanwhile` goes on: every process of its browser stands still, timers too, and
 * nothing of it says a word. The page cannot be asked anything until it is over.
 */
export async function withLidClosed(page: Page, meanwhile: () => Promise<void>): Promise<void> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page's browser is not ours");
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  for (const { id } of processInfo) process.kill(id, "SIGSTOP");
  try {
    await meanwhile();
  } finally {
    for (const { id } of processInfo) process.kill(id, "SIGCONT");
  }
}
