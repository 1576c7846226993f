import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { stopClock } from "../support/clock.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { RawChannel } from "../support/raw-channel.ts";

test("one tap rates the consultation, a word may follow, and the person can go back in", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await join(roomId, patient);
  await his.getByRole("button", { name: "Leave the consultation" }).click();
  await his.getByRole("radio", { name: "4 stars" }).click();
  await expect(his.getByText("Thank you.")).toBeVisible();
  await expect(his.getByRole("radio", { name: "4 stars" })).toBeChecked();
  await his.getByRole("textbox", { name: /What could be better/ }).fill("The sound was clear.");
  await his.getByRole("button", { name: "Send" }).click();
  await expect(his.getByText("Thank you for your words.")).toBeVisible();
  await his.getByRole("button", { name: "Re-enter" }).click();
  await his.getByRole("button", { name: "Join now" }).click();
  await expect(his.getByRole("button", { name: "Leave the consultation" })).toBeVisible();
});

test("a rating that makes no sense is refused with the field", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const raw = await RawChannel.open(await newPage(), program, await accessLink(program.url, roomId, patient));
  for (const stars of [0, 6, 2.5, "5", null]) expect((await raw.ask("rate", { stars })).refused, String(stars)).toMatchObject({ code: "invalid", field: "stars" });
  expect((await raw.ask("rate", { stars: 5, comment: "x".repeat(1001) })).refused).toMatchObject({ code: "invalid", field: "comment" });
  expect((await raw.ask("rate", { stars: 5 })).ok).toEqual({});
});

test.describe("where the company has a page of its own for afterwards", () => {
  const key = "ak_live_0123456789abcdef01234567";
  test.use({ settings: { WAITING_ROOM: "false", BANDYER_API_SECRET_KEY: key } });

  /** Lets the company send people to a page of another host, and gives that page's address and who came. */
  async function companyPage(base: string) {
    const came: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      came.push(request);
      response.setHeader("content-type", "text/html").end("<!doctype html><title>Goodbye</title><h1>Goodbye</h1>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bye`;
    const body = JSON.stringify({ end_call_redirect_url: url, end_call_redirect_timeout_ms: 1_000 });
    const set = await fetch(`${base}/v2/company`, { method: "PUT", headers: { apikey: key, "content-type": "application/json" }, body });
    expect(set.status).toBe(200);
    return { url, came: () => came.filter((request) => request.url === "/bye"), close: () => server.close() };
  }

  test("who has rated is taken there in a while that they see, and nothing of ours goes with them", async ({ program, join }) => {
    const company = await companyPage(program.url);
    const his = await join(await schedule(program.url, [doctor, patient]), patient);
    await his.getByRole("button", { name: "Leave the consultation" }).click();
    await expect(his.getByRole("link", { name: /^Go to 127\.0\.0\.1/ })).toBeVisible();
    await expect(his.getByRole("timer")).toHaveCount(0);
    await his.getByRole("radio", { name: "4 stars" }).click();
    await expect(his.getByText(/This page goes on to 127\.0\.0\.1:\d+ by itself/)).toBeVisible();
    await expect(his.getByRole("timer")).toHaveText(/In \d+ s/);
    await his.waitForURL(company.url, { timeout: 60_000 });
    expect(company.came().map((request) => request.headers.referer)).toEqual([undefined]);
    company.close();
  });

  test("who wants to stay stays, and the link leads out of the waiting page's frame", async ({ program, newPage }) => {
    const company = await companyPage(program.url);
    const his = await newPage({ headers: { miauserid: patient.userId } });
    await his.goto(`${program.url}/telecons-fe/teleconsultation/${await schedule(program.url, [doctor, patient])}`);
    const call = his.frameLocator("iframe");
    await call.getByRole("button", { name: "Join now" }).click();
    await call.getByRole("button", { name: "Leave the consultation" }).click();
    // Less than the end of a call needs: what counts down comes into view by itself.
    await his.setViewportSize({ width: 320, height: 568 });
    await stopClock(his);
    await call.getByRole("radio", { name: "5 stars" }).click();
    await expect(call.getByRole("timer")).toHaveText(/In \d+ s/);
    await expect(call.getByRole("timer")).toBeInViewport();
    await expect(call.getByRole("button", { name: "Stay here" })).toBeInViewport();
    await look(his, "left-counting");
    await call.getByRole("button", { name: "Stay here" }).click();
    await expect(call.getByText("You stay on this page.")).toBeVisible();
    await expect(call.getByRole("timer")).toHaveCount(0);
    await call.getByRole("link", { name: /^Go to/ }).click();
    await his.waitForURL(company.url);
    await expect(his.getByRole("heading", { name: "Goodbye" })).toBeVisible();
    expect(company.came().map((request) => request.headers.referer)).toEqual([undefined]);
    company.close();
  });
});

test.describe("when the time is up", () => {
  const key = "ak_live_0123456789abcdef01234567";
  test.use({ settings: { WAITING_ROOM: "false", BANDYER_API_SECRET_KEY: key } });
  test.setTimeout(180_000);

  test("the page says so, offers no way back, and still takes a rating", async ({ program, newPage }) => {
    const api = async (path: string, body: unknown) => {
      const headers = { apikey: key, "content-type": "application/json" };
      const response = await fetch(`${program.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      expect(response.ok, path).toBe(true);
      return response.json();
    };
    for (const [id, role] of [["anna", "plus"], ["bert", "basic"]]) await api("/v2/users", { id, role });
    // The shortest room that there is.
    const room = await api("/v2/rooms", { duration: 60, participants: [{ user_id: "anna" }, { user_id: "bert" }] });
    const pages = [];
    for (const { access_link: link } of room.participants) {
      const page = await newPage();
      await page.goto(link);
      await page.getByRole("button", { name: "Join now" }).click();
      pages.push(page);
    }
    for (const page of pages) {
      await expect(page.getByRole("heading", { name: "The time is up" })).toBeFocused({ timeout: 120_000 });
      await expect(page.getByRole("button", { name: "Re-enter" })).toHaveCount(0);
      await page.getByRole("radio", { name: "3 stars" }).click();
      await expect(page.getByText("Thank you.", { exact: true })).toBeVisible();
    }
    for (const page of pages.slice(0, 1)) await look(page, "left-time-up");
  });
});
