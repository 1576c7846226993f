// axe-core is under the MPL-2.0: a tool for tests, which nothing that we ship contains.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { fileURLToPath } from "node:url";

const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
] as const;
/** The narrowest window that people have, and what a page zoomed to 400 % gets on a small laptop. */
const NARROWEST = { width: 320, height: 568 };
const SCHEMES = ["light", "dark"] as const;

/**
 * Looks at what a page shows now: at two sizes, light and dark, nothing stands in the way of anybody (WCAG 2.2 A and AA), and
 * nothing must be scrolled sideways even in the narrowest window. Keeps pictures of it in `output/look`.
 */
export async function look(page: Page, name: string): Promise<void> {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.screenshot({ path: fileURLToPath(new URL(`../output/look/${name}-${size.width}-${colorScheme}.png`, import.meta.url)) });
      expect(await violations(page), `${name}, ${size.width} px, ${colorScheme}`).toEqual([]);
    }
  }
  await page.setViewportSize(NARROWEST);
  for (const frame of page.frames()) {
    const { scrollWidth, clientWidth } = await frame.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return { scrollWidth, clientWidth };
    });
    expect(scrollWidth, `${name}, ${NARROWEST.width} px`).toBeLessThanOrEqual(clientWidth);
  }
  await page.setViewportSize(SIZES[0]);
}

async function violations(page: Page): Promise<string[]> {
  // The legacy mode does without a page of its own, which would have no camera; all our frames are of one origin.
  const results = await new AxeBuilder({ page })
    .setLegacyMode()
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  return results.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}
