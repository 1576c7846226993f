// axe-core is under the MPL-2.0: a tool for tests, which nothing that we ship contains.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { fileURLToPath } from "node:url";

const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
] as const;
/** The narrowest window that people have, also what a page zoomed to 400 % gets on a small laptop, and the same on its side. */
const SMALLEST = [
  { width: 320, height: 568 },
  { width: 568, height: 320 },
] as const;
/** What a finger hits without care (WCAG 2.2, 2.5.5), in pixels. */
const TAP_MIN_PX = 44;
const SCHEMES = ["light", "dark"] as const;

/**
 * Looks at what a page shows now: at two sizes, light and dark, nothing stands in the way of anybody (WCAG 2.2 A and AA), nothing
 * moves for those who wish so, and in the smallest windows nothing must be scrolled sideways and every button is large enough.
 * Keeps pictures of it in a folder of `output`.
 */
export async function look(page: Page, name: string, folder = "look"): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: picture(folder, name, size.width, colorScheme) });
      expect(await violations(page), `${name}, ${size.width} px, ${colorScheme}`).toEqual([]);
    }
  }
  expect(await moving(page), `${name}, for people whom motion makes ill`).toEqual([]);
  await lookInTheSmallest(page, name, folder);
  await page.setViewportSize(SIZES[0]);
}

/** The part of `look` about the smallest windows: nothing must be scrolled sideways and every button is large enough. */
export async function lookInTheSmallest(page: Page, name: string, folder = "look"): Promise<void> {
  for (const size of SMALLEST) {
    await page.setViewportSize(size);
    await page.screenshot({ path: picture(folder, name, size.width, "dark") });
    for (const frame of page.frames()) {
      const { sideways, small } = await frame.evaluate((least) => {
        const { scrollWidth, clientWidth } = document.documentElement;
        // Excalidraw's own buttons are smaller, and large enough for AA, which is looked at above.
        const ours = [...document.querySelectorAll("button, select")].filter((target) => target.closest(".excalidraw") === null);
        const targets = ours.filter((target) => target.checkVisibility());
        const small = targets.filter((target) => {
          const { width, height } = target.getBoundingClientRect();
          return Math.min(width, height) < least;
        });
        return { sideways: scrollWidth - clientWidth, small: small.map((target) => target.outerHTML) };
      }, TAP_MIN_PX);
      expect({ sideways, small }, `${name}, ${size.width} px`).toEqual({ sideways: 0, small: [] });
    }
  }
}

/** A picture of the page as a phone shows it, for people to look at. */
export async function lookLikeAPhone(page: Page, name: string): Promise<void> {
  await page.setViewportSize(SIZES[1]);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.screenshot({ path: picture("look", name, SIZES[1].width, "light"), fullPage: true });
}

function picture(folder: string, name: string, width: number, colorScheme: string): string {
  return fileURLToPath(new URL(`../output/${folder}/${name}-${width}-${colorScheme}.png`, import.meta.url));
}

/** What moves on a page by itself. A text that comes once in place of another moves nothing. */
export async function moving(page: Page): Promise<string[]> {
  const found = await Promise.all(
    page.frames().map((frame) =>
      frame.evaluate(() => {
        // What a keyframe says of itself, besides what it changes.
        const about = ["offset", "computedOffset", "easing", "composite", "visibility"];
        const moves = ({ effect }: Animation): boolean =>
          effect instanceof KeyframeEffect && effect.getKeyframes().some((frame) => Object.keys(frame).some((name) => !about.includes(name)));
        const lasting = document.getAnimations().filter((animation) => Number(animation.effect?.getComputedTiming().activeDuration) > 0);
        return lasting.filter(moves).map(({ effect }) => (effect as KeyframeEffect).target?.outerHTML ?? "");
      }),
    ),
  );
  return found.flat();
}

async function violations(page: Page): Promise<string[]> {
  // The legacy mode does without a page of its own, which would have no camera; all our frames are of one origin.
  const results = await new AxeBuilder({ page })
    .setLegacyMode()
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  return results.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}
