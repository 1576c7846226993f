import type { Page } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";

/** What may come over the network until a page can be used, in kilobytes of 1000 bytes. */
const CALL_MAX_KB = 250;
const DESK_MAX_KB = 60;

const KEY = "k3y-of-the-reception-desk";
test.use({ settings: { DESK_KEY: KEY, WAITING_ROOM: "false" } });

/** What a page consists of. What it then asks for is not counted: the lobby measures the line with a megabyte. */
const PARTS = ["Document", "Script", "Stylesheet", "Image", "Font"];

/** What has come over the network for a page, compressed as it came, with the headers of the answers; and what it was. */
async function weigh(page: Page, open: () => Promise<void>): Promise<{ kilobytes: number; paths: string[] }> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  const paths: string[] = [];
  const parts = new Set<string>();
  session.on("Network.responseReceived", ({ requestId, type, response }) => {
    if (!PARTS.includes(type)) return;
    parts.add(requestId);
    paths.push(new URL(response.url).pathname);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (parts.has(requestId)) bytes += encodedDataLength;
  });
  await open();
  return { kilobytes: Math.round(bytes / 1000), paths };
}

test("the call page's first load is small, and without the whiteboard", async ({ program, newPage }, { annotations }) => {
  const link = await accessLink(program.url, await schedule(program.url, [doctor, patient]), patient);
  const his = await newPage();
  const { kilobytes, paths } = await weigh(his, async () => {
    await his.goto(link);
    await his.getByText("Your connection is good.").waitFor();
  });
  annotations.push({ type: "call page, first load", description: `${kilobytes} kB` });
  expect(kilobytes).toBeLessThan(CALL_MAX_KB);
  expect(paths.filter((path) => /excalidraw|island|react/i.test(path))).toEqual([]);
  // Otherwise nothing was weighed.
  expect(paths.filter((path) => path.endsWith(".js"))).not.toEqual([]);
  expect(kilobytes).toBeGreaterThan(50);
});

test("the desk's first load is small", async ({ program, newPage }, { annotations }) => {
  const page = await newPage();
  const { kilobytes } = await weigh(page, async () => {
    await page.goto(`${program.url}/desk#key=${KEY}`);
    await page.getByText("Live", { exact: true }).waitFor();
  });
  annotations.push({ type: "desk, first load", description: `${kilobytes} kB` });
  expect(kilobytes).toBeLessThan(DESK_MAX_KB);
  expect(kilobytes).toBeGreaterThan(5);
});
