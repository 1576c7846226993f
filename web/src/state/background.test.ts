import { expect, test } from "vitest";
import { effective, NO_BACKDROP, NO_BACKGROUND, shownOf, stepBackdrop, stepBackground, type Backdrop, type BackdropEvent } from "./background";

const after = (...events: readonly BackdropEvent[]): Backdrop => events.reduce(stepBackdrop, NO_BACKDROP);
const framed = (count: number, ms: number): BackdropEvent[] => Array.from({ length: count }, () => ({ kind: "framed", ms }));
const BLUR: BackdropEvent = { kind: "wished", wish: "blur" };
const IMAGE: BackdropEvent = { kind: "wished", wish: "image" };
const NONE: BackdropEvent = { kind: "wished", wish: "none" };
const READY: BackdropEvent = { kind: "ready" };
const FAILED: BackdropEvent = { kind: "failed" };
const RETRIED: BackdropEvent = { kind: "retried" };

test("the whole picture is blurred until what tells the person from the room is there", () => {
  expect(shownOf(NO_BACKDROP)).toBe("plain");
  expect(after(BLUR)).toMatchObject({ wish: "blur", phase: "loading" });
  expect(shownOf(after(BLUR))).toBe("veiled");
  expect(shownOf(after(BLUR, READY))).toBe("cut");
  expect(shownOf(after(BLUR, READY, NONE))).toBe("plain");
});

test("another background is made ready behind the whole blurred picture; the same one again changes nothing", () => {
  expect(after(BLUR, READY, IMAGE)).toMatchObject({ wish: "image", phase: "loading" });
  expect(after(BLUR, READY, BLUR).phase).toBe("on");
});

test("what fails stays hidden until the person tries again or wishes for none", () => {
  for (const failed of [after(BLUR, FAILED), after(BLUR, READY, FAILED)]) {
    expect(failed.phase).toBe("failed");
    expect(shownOf(failed)).toBe("veiled");
    expect(stepBackdrop(failed, READY)).toBe(failed);
    expect(stepBackdrop(failed, RETRIED).phase).toBe("loading");
    expect(shownOf(stepBackdrop(failed, NONE))).toBe("plain");
  }
  expect(after(FAILED)).toBe(NO_BACKDROP);
});

test("a device that needs more than 100 ms a picture for fifty of them is too slow, and hides everything", () => {
  const warm = [BLUR, READY, ...framed(10, 5_000)];
  expect(after(...warm, ...framed(49, 101)).phase).toBe("on");
  const slow = after(...warm, ...framed(50, 101));
  expect(slow.phase).toBe("slow");
  expect(shownOf(slow)).toBe("veiled");
  expect(stepBackdrop(slow, RETRIED)).toMatchObject({ phase: "loading", pace: { frames: 0, ms: 0 } });
});

test("a device that is fast enough, one busy moment or a sleep between two pictures are no reason", () => {
  expect(after(BLUR, READY, ...framed(10_000, 99)).phase).toBe("on");
  expect(after(BLUR, READY, ...framed(10, 1), ...framed(4, 1_000), ...framed(46, 20), ...framed(200, 20)).phase).toBe("on");
  expect(after(BLUR, READY, ...framed(10, 1), ...framed(1, 3_600_000), ...framed(60, 20)).phase).toBe("on");
});

test("each fifty pictures are judged by themselves", () => {
  expect(after(BLUR, READY, ...framed(10, 1), ...framed(10_000, 5), ...framed(100, 150)).phase).toBe("slow");
});

test("pictures that do not come at all are too slow; before anything is ready they are awaited", () => {
  expect(after(BLUR, READY, { kind: "stalled" }).phase).toBe("slow");
  expect(after(BLUR, { kind: "stalled" }).phase).toBe("loading");
  expect(after({ kind: "stalled" })).toBe(NO_BACKDROP);
});

test("whatever happens, the picture is plain only while the person wishes for none", () => {
  const events: readonly BackdropEvent[] = [BLUR, IMAGE, NONE, READY, FAILED, RETRIED, { kind: "stalled" }, { kind: "framed", ms: 900 }];
  // A fixed walk that comes by every pair of events many times (Numerical Recipes' generator).
  let seed = 7;
  let backdrop = NO_BACKDROP;
  let wish = "none";
  for (let turn = 0; turn < 20_000; turn += 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const event = events[Math.floor((seed / 2 ** 32) * events.length)] ?? NONE;
    backdrop = stepBackdrop(backdrop, event);
    if (event.kind === "wished") wish = event.wish;
    expect(backdrop.wish).toBe(wish);
    expect(shownOf(backdrop) === "plain").toBe(wish === "none");
    if (shownOf(backdrop) === "cut") expect(backdrop.phase).toBe("on");
  }
});

test("a wish is carried out and kept; being told of a phase changes that alone", () => {
  const own = { ...NO_BACKGROUND, possible: true };
  const wished = stepBackground(own, { kind: "backgroundWished", wish: "blur" });
  expect(wished.background.wish).toBe("blur");
  expect(wished.effects).toEqual([
    { kind: "background", background: wished.background },
    { kind: "keepBackground", wish: "blur" },
  ]);
  expect(stepBackground(wished.background, { kind: "backgroundTold", phase: "slow" })).toEqual({
    background: { ...wished.background, phase: "slow" },
    effects: [],
  });
  expect(stepBackground(own, { kind: "backgroundRetried" }).effects).toEqual([{ kind: "retryBackground" }]);
});

test("without the company's image the room is blurred, and where the browser cannot do it nothing is put on", () => {
  const own = { ...NO_BACKGROUND, possible: true, wish: "image" } as const;
  expect(effective(own)).toBe("blur");
  expect(effective({ ...own, image: "/backgrounds/x" })).toBe("image");
  expect(effective({ ...own, possible: false })).toBe("none");
});
