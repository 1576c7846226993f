import type { Page } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { choice, fast, LABEL, lastIs, moreOf, plain, ready } from "../support/background.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { sample, sampled } from "../support/sharpness.ts";

// Each loads the model, and looks for seconds at a time.
test.describe.configure({ timeout: 240_000 });

/** Frames that were on their way when somebody chose cannot be called back. */
const ON_THE_WAY_MS = 1_500;
/** What is loaded for it. */
const MODEL = "**/assets/segmentation-*/**";

/** Writes down whatever a page asks of another host, and what its policy forbade. */
function watch(page: Page, own: string): { readonly strangers: string[]; readonly forbidden: string[] } {
  const seen = { strangers: [] as string[], forbidden: [] as string[] };
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== own) seen.strangers.push(request.url());
  });
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) seen.forbidden.push(message.text());
  });
  return seen;
}

test("from the moment that somebody chooses it in the call, nobody receives their room, whatever happens to the camera", async ({ program, join, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await fast(await newPage())];
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  const seen = watch(his, program.url);
  await sample(hers, LABEL);
  await lastIs(hers, "plain");

  await his.getByRole("button", { name: "Choose devices" }).click();
  await expect(choice(his)).toHaveValue("none");
  const chosen = Date.now();
  await choice(his).selectOption({ label: "Your room, blurred" });
  await ready(his);
  await lastIs(hers, "hidden");
  await his.getByRole("button", { name: "Close" }).click();

  await his.getByRole("button", { name: "Turn off camera" }).click();
  await expect(hers.getByRole("group", { name: patient.fullName }).getByText("camera off")).toBeAttached();
  await his.getByRole("button", { name: "Turn on camera" }).click();
  await moreOf(hers, 50);

  // Everything is published anew.
  await program.kill();
  await his.getByRole("heading", { name: "Bringing you back…" }).waitFor();
  await program.run();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await hers.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await expect(hers.locator(`video[aria-label="${LABEL}"]`)).toBeVisible();
  const samples = await moreOf(hers, 50);

  const later = samples.filter(({ at }) => at > chosen);
  const first = later.findIndex((each) => !plain(each));
  expect(first).toBeGreaterThan(-1);
  expect((later[first]?.at ?? Infinity) - chosen).toBeLessThan(ON_THE_WAY_MS);
  expect(later.slice(first).filter(plain)).toEqual([]);
  expect(later.slice(first).length).toBeGreaterThan(100);
  expect(seen).toEqual({ strangers: [], forbidden: [] });

  // It is theirs to show it again.
  await his.getByRole("button", { name: "Choose devices" }).click();
  await choice(his).selectOption({ label: "Your room, as it is" });
  await lastIs(hers, "plain");
});

test("what was chosen before the call holds from the first picture on, and for the next call on this device", async ({ program, join, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  await sample(hers, LABEL);
  const his = await fast(await newPage());
  const asked: string[] = [];
  his.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const link = await accessLink(program.url, roomId, patient);
  await his.goto(link);
  await expect(his.getByText("Your camera works.")).toBeVisible();
  // Who does not want it loads nothing for it.
  expect(asked.filter((path) => path.includes("segmentation") || path.includes("ticker"))).toEqual([]);
  await choice(his).selectOption({ label: "Your room, blurred" });
  await ready(his);
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await moreOf(hers, 50);

  // A reload comes straight back into the call.
  await his.reload();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await his.getByRole("button", { name: "Choose devices" }).click();
  await expect(choice(his)).toHaveValue("blur");
  await ready(his);
  await his.getByRole("button", { name: "Close" }).click();
  expect((await sampled(hers)).filter(plain)).toEqual([]);

  // A link without any wish, opened later in the same browser.
  await his.getByRole("button", { name: "Leave the consultation" }).click();
  await his.getByRole("button", { name: "Re-enter" }).waitFor();
  await his.goto(link);
  await expect(choice(his)).toHaveValue("blur");
  await ready(his);
});

test("when the model does not come, the picture stays hidden, which is said, until it comes or the person allows the plain one", async ({ program, join, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  await sample(hers, LABEL);
  const his = await fast(await newPage());
  await his.route(MODEL, (route) => route.fulfill({ status: 404 }));
  await his.goto(await accessLink(program.url, roomId, patient));
  await choice(his).selectOption({ label: "Your room, blurred" });
  const failed = his.getByText("Your room cannot be hidden by itself right now.");
  await expect(failed).toBeVisible();
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await expect(failed).toBeVisible();
  expect((await moreOf(hers, 50)).filter(plain)).toEqual([]);

  await his.unroute(MODEL);
  await his.getByRole("button", { name: "Try again" }).click();
  await expect(failed).toBeHidden();
  await his.getByRole("button", { name: "Choose devices" }).click();
  await ready(his);
  expect((await moreOf(hers, 50)).filter(plain)).toEqual([]);

  await his.route(MODEL, (route) => route.abort());
  await choice(his).selectOption({ label: "Your room, as it is" });
  await lastIs(hers, "plain");
  await choice(his).selectOption({ label: "Your room, blurred" });
  await expect(failed).toBeVisible();
  await lastIs(hers, "hidden");
  await his.getByRole("button", { name: "Show my picture with my room" }).click();
  await expect(failed).toBeHidden();
  await lastIs(hers, "plain");
});

test("a device that is too slow hides the whole picture and asks, instead of showing the room", async ({ program, join, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  await sample(hers, LABEL);
  const his = await newPage();
  // A device on which everything takes a hundred times longer.
  await his.addInitScript(() => {
    const now = performance.now.bind(performance);
    performance.now = () => now() * 100;
  });
  await his.goto(await accessLink(program.url, roomId, patient));
  await choice(his).selectOption({ label: "Your room, blurred" });
  await his.getByRole("button", { name: "Join now" }).click();
  await expect(his.getByText("This device is too slow to hide only your room.")).toBeVisible({ timeout: 60_000 });
  const samples = await moreOf(hers, 50);
  expect(samples.filter(plain)).toEqual([]);
});

test("every state of it can be read by everybody", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  let let404 = false;
  await his.route(MODEL, (route) => (let404 ? route.fulfill({ status: 404 }) : undefined));
  await his.goto(await accessLink(program.url, roomId, patient));
  await choice(his).selectOption({ label: "Your room, blurred" });
  await his.getByText("Your background is being prepared.").waitFor();
  await look(his, "background-loading");
  let404 = true;
  await choice(his).selectOption({ label: "Your room, as it is" });
  await choice(his).selectOption({ label: "Your room, blurred" });
  await his.getByText("Your room cannot be hidden by itself right now.").waitFor();
  await look(his, "background-failed");
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await his.getByText("Your room cannot be hidden by itself right now.").waitFor();
  await look(his, "background-failed-call");
});
