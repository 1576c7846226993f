import type { Page } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { stopClock } from "../support/clock.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";

/** Opens the choice of devices of somebody whose browser was prepared before the page ran. */
async function dialogOf(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole("button", { name: "Join now" }).click();
  await page.getByRole("button", { name: "Choose devices" }).click();
}

test("where the browser cannot write down what is said on the device itself, that is not offered", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await newPage();
  // As in browsers that have a recognition, but only as a service.
  await hers.addInitScript(() => {
    Object.defineProperty(window, "SpeechRecognition", { value: class extends EventTarget {} });
  });
  await dialogOf(hers, await accessLink(program.url, roomId, doctor));
  await expect(hers.getByRole("checkbox", { name: "Show captions" })).toBeChecked();
  await expect(hers.getByRole("checkbox", { name: "Let my screen reader read captions" })).not.toBeChecked();
  await expect(hers.getByRole("checkbox", { name: "Write down what I say" })).toHaveCount(0);
});

test("what is said is written down on the device when the person wishes so, and can be hidden", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await newPage();
  await hers.addInitScript(() => {
    class OnDevice extends EventTarget {
      static available = ({ processLocally }: { processLocally: boolean }): Promise<string> => Promise.resolve(processLocally ? "available" : "unavailable");
      get processLocally(): boolean {
        return true;
      }
      set processLocally(local: boolean) {
        if (!local) throw new Error("nothing may leave the device");
      }
      abort(): void {}
      start(): void {
        const result = Object.assign([{ transcript: "How do you feel today?" }], { isFinal: true });
        setTimeout(() => this.dispatchEvent(Object.assign(new Event("result"), { resultIndex: 0, results: [result] })), 50);
      }
    }
    Object.defineProperty(window, "SpeechRecognition", { value: OnDevice });
  });
  await dialogOf(hers, await accessLink(program.url, roomId, doctor));
  await hers.getByRole("checkbox", { name: "Write down what I say" }).check();
  const line = hers.getByText("How do you feel today?");
  await expect(line).toBeAttached();
  await expect(hers.locator("[role=log]")).toHaveAttribute("aria-live", "off");
  await stopClock(hers);
  await look(hers, "devices-captions");
  await hers.getByRole("button", { name: "Close" }).click();
  await look(hers, "captions");
  await hers.getByRole("button", { name: "Choose devices" }).click();
  await hers.getByRole("checkbox", { name: "Show captions" }).uncheck();
  await expect(line).not.toBeAttached();
});
