import type { CDPSession, Page } from "@playwright/test";
import { readFile } from "node:fs/promises";

import { doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";

// Not part of CI: `npx playwright test --project=long`, on a machine that does nothing else.
const MINUTES = Number(process.env.MINUTES ?? 10);
const MINUTE_MS = 60_000;
/** What is loaded and compiled late is not what grows. */
const SETTLED_AFTER = 2;
/** The heap after a collection may grow by so much a minute: 0.3 MB, which is 18 MB in an hour. */
const HEAP_SLOPE_MAX_MB = 0.3;
/**
 * What the page's process holds may grow by so much a minute: 2 MB, which is 120 MB in an hour. From one minute to the next it goes up and
 * down by some 10 MB, as caches and freed memory are kept or given back; over eight minutes that alone makes slopes of up to 1.5.
 */
const RESIDENT_SLOPE_MAX_MB = 2;
const NODES_SLOPE_MAX = 10;
/** The last third of the minutes may cost so much more than the first, as other programs of the machine come and go. */
const CPU_GROWTH_MAX = 1.5;

// A trace would grow with the minutes and take part of the time.
test.use({ trace: "off" });

const relative = { userId: "relative-1", fullName: "Sara Conti", group: "patient" } as const;

interface Sample {
  /** Minutes since everybody was there. */
  readonly minute: number;
  readonly heapMb: number;
  readonly residentMb: number;
  readonly nodes: number;
  readonly listeners: number;
  /** Seconds of the page's main thread, and of its whole process, since the sample before. */
  readonly tasksS: number;
  readonly processS: number;
}

/** What a process holds besides files, among them the browser's program, of which the system loads and drops parts as it likes (proc(5)). */
async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = ["RssAnon", "RssShmem", "VmSwap"].map((name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]));
  return kilobytes.reduce((sum, each) => sum + each) * 1024;
}

/** What the page and its process have used so far. */
async function totals(page: CDPSession, browser: CDPSession): Promise<Record<"heap" | "resident" | "nodes" | "listeners" | "tasks" | "process", number>> {
  await page.send("HeapProfiler.collectGarbage");
  const { metrics } = await page.send("Performance.getMetrics");
  const metric = (name: string) => metrics.find((one) => one.name === name)?.value ?? Number.NaN;
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  // The page's is the busiest: the others have shown nothing since they began.
  const [process] = processInfo.filter(({ type }) => type === "renderer").sort((a, b) => b.cpuTime - a.cpuTime);
  if (process === undefined) throw new Error("the page has no process");
  const resident = await residentBytes(process.id);
  return { heap: metric("JSHeapUsedSize"), resident, nodes: metric("Nodes"), listeners: metric("JSEventListeners"), tasks: metric("TaskDuration"), process: process.cpuTime };
}

async function watch(page: Page): Promise<Sample[]> {
  const session = await page.context().newCDPSession(page);
  const browser = await page.context().browser()!.newBrowserCDPSession();
  await session.send("Performance.enable");
  const began = Date.now();
  const samples: Sample[] = [];
  let before = await totals(session, browser);
  for (let minute = 1; minute <= MINUTES; minute++) {
    await expect.poll(() => Date.now() - began, { timeout: 2 * MINUTE_MS, intervals: [1000] }).toBeGreaterThanOrEqual(minute * MINUTE_MS);
    const now = await totals(session, browser);
    samples.push({
      minute,
      heapMb: now.heap / 1e6,
      residentMb: now.resident / 1e6,
      nodes: now.nodes,
      listeners: now.listeners,
      tasksS: now.tasks - before.tasks,
      processS: now.process - before.process,
    });
    before = now;
  }
  return samples;
}

/** By how much a figure grows a minute, by least squares. */
function slope(samples: readonly Sample[], figure: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ minute }) => minute), mean(figure)];
  const [covariance, variance] = [mean((sample) => (sample.minute - x) * (figure(sample) - y)), mean(({ minute }) => (minute - x) ** 2)];
  return covariance / variance;
}

test("a call of four people takes no more after ten minutes than at its beginning", async ({ program, join }) => {
  test.setTimeout((MINUTES + 5) * MINUTE_MS);
  const people = [doctor, patient, interpreter, relative];
  const roomId = await schedule(program.url, people);
  const pages: Page[] = [];
  for (const person of people) pages.push(await join(roomId, person));
  const [hers] = pages as [Page];
  await expectPictureAndSound(hers, { pictures: 3, sounds: 3 });

  const samples = await watch(hers);
  console.log(["minute", "heap MB", "resident MB", "nodes", "listeners", "tasks s", "process s"].join("\t"));
  for (const { minute, heapMb, residentMb, nodes, listeners, tasksS, processS } of samples) {
    console.log([minute, heapMb.toFixed(1), residentMb.toFixed(1), nodes, listeners, tasksS.toFixed(1), processS.toFixed(1)].join("\t"));
  }
  await expectPictureAndSound(hers, { pictures: 3, sounds: 3 });

  const settled = samples.filter(({ minute }) => minute > SETTLED_AFTER);
  expect(settled.length).toBeGreaterThanOrEqual(3);
  expect(slope(settled, ({ heapMb }) => heapMb)).toBeLessThan(HEAP_SLOPE_MAX_MB);
  expect(slope(settled, ({ residentMb }) => residentMb)).toBeLessThan(RESIDENT_SLOPE_MAX_MB);
  expect(slope(settled, ({ nodes }) => nodes)).toBeLessThan(NODES_SLOPE_MAX);
  expect(slope(settled, ({ listeners }) => listeners)).toBeLessThan(NODES_SLOPE_MAX);
  const third = Math.floor(settled.length / 3);
  const cost = (some: readonly Sample[]) => some.reduce((sum, { processS }) => sum + processS, 0);
  expect(cost(settled.slice(-third))).toBeLessThan(CPU_GROWTH_MAX * cost(settled.slice(0, third)));
});
