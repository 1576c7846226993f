import type { Page } from "@playwright/test";

/** A part of a picture, in fractions of its width and height. */
export interface Part {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The largest step in brightness, of 255, between neighbours in a row of the picture at 320 by 180: how sharp its sharpest edge is. */
  readonly sharpest: number;
}

declare global {
  interface Window {
    samples: Record<string, Sample[]>;
  }
}

/**
 * Where the picture of the browser's own camera has its clock and its squares. The figure in its middle is now and then taken for a person: it
 * shows nothing of what is a room for sure.
 */
export const EDGES: readonly Part[] = [
  { left: 0, top: 0, right: 1, bottom: 0.15 },
  { left: 0, top: 0.85, right: 1, bottom: 1 },
];

/**
 * Looks at somebody's picture as this page shows it, at every frame that it can catch, from now on and also when the picture is taken away and
 * comes back. A picture that is not there gives no samples.
 */
export async function sample(page: Page, label: string, parts: Record<string, readonly Part[]> = { room: EDGES }): Promise<void> {
  await page.evaluate(
    ([label, parts]) => {
      window.samples = Object.fromEntries(Object.keys(parts).map((name) => [name, []]));
      const [width, height] = [320, 180];
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext("2d", { willReadFrequently: true });
      setInterval(() => {
        const video = [...document.querySelectorAll("video")].find((each) => each.getAttribute("aria-label") === label);
        if (context === null || video === undefined || video.videoWidth === 0 || video.readyState < 2) return;
        context.drawImage(video, 0, 0, width, height);
        const { data } = context.getImageData(0, 0, width, height);
        const brightness = (x: number, y: number): number => {
          const at = (y * width + x) * 4;
          return 0.299 * (data[at] ?? 0) + 0.587 * (data[at + 1] ?? 0) + 0.114 * (data[at + 2] ?? 0);
        };
        for (const [name, boxes] of Object.entries(parts)) {
          let sharpest = 0;
          for (const { left, top, right, bottom } of boxes) {
            for (let y = Math.floor(top * height); y < bottom * height; y += 1) {
              for (let x = Math.floor(left * width); x < right * width - 1; x += 1) {
                sharpest = Math.max(sharpest, Math.abs(brightness(x, y) - brightness(x + 1, y)));
              }
            }
          }
          window.samples[name]?.push({ at: Date.now(), sharpest });
        }
      }, 40);
    },
    [label, parts] as const,
  );
}

/** What has been seen since `sample`. */
export async function sampled(page: Page, part = "room"): Promise<readonly Sample[]> {
  return page.evaluate((name) => window.samples[name] ?? [], part);
}
