import { expect, type Page } from "@playwright/test";

/** Opens the whiteboard and waits until it can be drawn on. */
export async function openBoard(page: Page): Promise<void> {
  await page.getByRole("group", { name: "Call controls" }).getByRole("button", { name: "Open whiteboard" }).click();
  await boardIsReady(page);
}

export async function boardIsReady(page: Page): Promise<void> {
  await page.getByRole("region", { name: "Whiteboard" }).locator("canvas.interactive").waitFor();
  await expect(page.getByText("Opening the whiteboard…")).toHaveCount(0);
}

/** How many pixels of the board are not as an empty one, or so dark that the sum of their colours is less. */
export function ink(page: Page, less = 600): Promise<number> {
  return page.locator("canvas.static").evaluate((canvas: HTMLCanvasElement, less) => {
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at]! + data[at + 1]! + data[at + 2]! < less) count += 1;
    return count;
  }, less);
}

/** Draws a line by hand across the middle of the board, so many pixels below it. */
export async function drawLine(page: Page, below = 0): Promise<void> {
  await page.getByRole("radio", { name: "Draw" }).check({ force: true });
  const box = (await page.locator("canvas.interactive").boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2 + below];
  await page.mouse.move(x - 60, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y, { steps: 8 });
  await page.mouse.up();
}

/** An element as Excalidraw makes them. */
export function element(id: string, type: string, more: object = {}): Record<string, unknown> {
  return {
    id,
    type,
    version: 1,
    versionNonce: 1,
    isDeleted: false,
    index: "a0",
    x: 0,
    y: 0,
    width: 100,
    height: 100,
    angle: 0,
    strokeColor: "#1e1e1e",
    backgroundColor: "#1e1e1e",
    fillStyle: "solid",
    strokeWidth: 2,
    strokeStyle: "solid",
    roughness: 0,
    opacity: 100,
    seed: 1,
    groupIds: [],
    frameId: null,
    roundness: null,
    boundElements: null,
    updated: 1,
    link: null,
    locked: false,
    ...more,
  };
}

/** A text as Excalidraw makes them. */
export function text(id: string, words: string, more: object = {}): Record<string, unknown> {
  return element(id, "text", {
    text: words,
    originalText: words,
    fontSize: 20,
    fontFamily: 6,
    textAlign: "left",
    verticalAlign: "top",
    containerId: null,
    autoResize: true,
    lineHeight: 1.25,
    backgroundColor: "transparent",
    ...more,
  });
}
