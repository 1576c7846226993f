import type { Page } from "@playwright/test";

/**
 * Cuts a page's browser off: the process through which all of its connections go, media included, stands still, so that nothing
 * comes or goes and nothing is told of it, as on a train in a tunnel. Returns how to end that.
 */
export async function cutNetwork(page: Page): Promise<() => void> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page's browser is not ours");
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  const pid = processInfo.find(({ type }) => type === "network.mojom.NetworkService")?.id;
  if (pid === undefined) throw new Error("the browser has no process of its own for the network");
  process.kill(pid, "SIGSTOP");
  return () => process.kill(pid, "SIGCONT");
}
