import type { Page } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";

/** What may come over the network until a page can be used, in kilobytes of 1000 bytes. */
const LOBBY_MAX_KB = 80;
const CALL_MAX_KB = 250;
const DESK_MAX_KB = 60;

const KEY = "k3y-of-the-reception-desk";
test.use({ settings: { DESK_KEY: KEY, WAITING_ROOM: "false" } });

/** What a page consists of. What it then asks for is not counted: the lobby measures the line with a megabyte. */
const PARTS = ["Document", "Script", "Stylesheet", "Image", "Font"];

interface Weight {
  readonly kilobytes: number;
  readonly paths: readonly string[];
}

/** Starts to weigh what comes over the network for a page, compressed as it comes, with the headers of the answers. Returns the scales. */
async function weigh(page: Page): Promise<() => Weight> {
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
  return () => ({ kilobytes: Math.round(bytes / 1000), paths });
}

test("the call page's first load is small, the lobby's smaller, and both without the whiteboard", async ({ program, newPage }, { annotations }) => {
  const link = await accessLink(program.url, await schedule(program.url, [doctor, patient]), patient);
  const his = await newPage();
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await his.route("**/assets/engine-*", async (route) => {
    await held;
    await route.continue();
  });
  const weighed = await weigh(his);
  await his.goto(link);
  // What carries the call comes while the person reads.
  await his.getByRole("heading", { name: "Ready to join?" }).waitFor();
  const lobby = weighed();
  letGo();
  await his.getByText("Your connection is good.").waitFor();
  const call = weighed();
  annotations.push({ type: "lobby, first load", description: `${lobby.kilobytes} kB` }, { type: "call page, first load", description: `${call.kilobytes} kB` });
  expect(lobby.kilobytes).toBeLessThan(LOBBY_MAX_KB);
  expect(call.kilobytes).toBeLessThan(CALL_MAX_KB);
  expect(call.paths.filter((path) => /excalidraw|island|react/i.test(path))).toEqual([]);
  // Otherwise nothing was weighed.
  expect(lobby.paths.filter((path) => path.endsWith(".js"))).not.toEqual([]);
  expect(lobby.kilobytes).toBeGreaterThan(20);
  expect(call.kilobytes).toBeGreaterThan(lobby.kilobytes + 50);
});

test("the desk's first load is small", async ({ program, newPage }, { annotations }) => {
  const page = await newPage();
  const weighed = await weigh(page);
  await page.goto(`${program.url}/desk#key=${KEY}`);
  await page.getByText("Live", { exact: true }).waitFor();
  const { kilobytes } = weighed();
  annotations.push({ type: "desk, first load", description: `${kilobytes} kB` });
  expect(kilobytes).toBeLessThan(DESK_MAX_KB);
  expect(kilobytes).toBeGreaterThan(5);
});
