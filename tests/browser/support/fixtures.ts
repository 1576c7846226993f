import { test as base, type Browser, type Page } from "@playwright/test";

import { accessLink, type Person } from "./api.ts";
import { watchMedia } from "./media.ts";
import { Program } from "./program.ts";

interface PageOptions {
  readonly viewport?: { width: number; height: number };
  readonly headers?: Record<string, string>;
  /** What the browser is set to; else British English. */
  readonly locale?: string;
  /** Ask before the page gets camera and microphone, as people's browsers do; they have what their context is granted. */
  readonly asks?: boolean;
}

interface Fixtures {
  /** Settings of the program, by the names of its environment. */
  settings: Record<string, string>;
  program: Program;
  /** A browser of its own for each caller. */
  newPage: (options?: PageOptions) => Promise<Page>;
  /** Opens a person's link, passes the lobby and is in the call. */
  join: (roomId: string, person: Person) => Promise<Page>;
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  program: async ({ settings }, use) => {
    const program = await Program.start(settings);
    await use(program);
    await program.stop();
  },
  newPage: async ({ playwright, launchOptions }, use) => {
    const browsers: Browser[] = [];
    await use(async (options = {}) => {
      // Contexts of one browser would share its one camera, which stalls when two of them start it anew at the same moment.
      const args = (launchOptions.args ?? []).filter((arg) => options.asks !== true || arg !== "--use-fake-ui-for-media-stream");
      const browser = await playwright.chromium.launch({ ...launchOptions, args });
      browsers.push(browser);
      const context = await browser.newContext({
        locale: options.locale ?? "en-GB",
        viewport: options.viewport ?? { width: 1280, height: 800 },
        extraHTTPHeaders: options.headers ?? {},
      });
      await watchMedia(context);
      return context.newPage();
    });
    for (const browser of browsers) await browser.close();
  },
  join: async ({ program, newPage }, use) => {
    await use(async (roomId, person) => {
      const page = await newPage();
      await page.goto(await accessLink(program.url, roomId, person));
      await page.getByRole("button", { name: "Join now" }).click();
      await page.getByRole("button", { name: "Leave the consultation" }).waitFor();
      return page;
    });
  },
});

export { expect } from "@playwright/test";
