// axe-core is under the MPL-2.0: a tool for tests, which nothing that we ship contains.
import { AxeBuilder } from "@axe-core/playwright";
import type { Page, WebSocketRoute } from "@playwright/test";

import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { boardIsReady, drawLine, element, ink, openBoard, text } from "../support/board.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { patientsMayUse } from "../support/privileges.ts";
import { RawChannel } from "../support/raw-channel.ts";

// Up to three browsers, each of which draws.
test.describe.configure({ timeout: 180_000 });
test.use({ settings: { WAITING_ROOM: "false" } });

/** What the page should never do: ask another host, run into its policy, or break. */
function watchMishaps(page: Page, base: string): string[] {
  const mishaps: string[] = [];
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== "data:" && protocol !== "blob:" && host !== new URL(base).host) mishaps.push(`asks ${request.url()}`);
  });
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) mishaps.push(message.text());
  });
  page.on("pageerror", (error) => mishaps.push(error.message));
  return mishaps;
}

test("two people draw and see it, and a third who comes later sees all of it", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  const mishaps = [hers, his].map((page) => watchMishaps(page, program.url));

  await openBoard(hers);
  // He learns of it without looking, and opens it from there.
  await expect(his.getByText(`${doctor.fullName} is at the whiteboard.`)).toBeVisible();
  await his.getByRole("status").getByRole("button", { name: "Open whiteboard" }).click();
  await boardIsReady(his);
  expect([await ink(hers), await ink(his)]).toEqual([0, 0]);

  await drawLine(hers);
  await expect.poll(() => ink(his)).toBeGreaterThan(100);
  const one = await ink(his);
  await drawLine(his, 60);
  await expect.poll(() => ink(hers)).toBeGreaterThan(1.5 * one);

  const third = await join(roomId, interpreter);
  await openBoard(third);
  await expect.poll(() => ink(third)).toBeGreaterThan(1.5 * one);
  await expect(third.getByRole("region", { name: "Whiteboard" }).locator("iframe, a[href^=http]")).toHaveCount(0);
  expect(mishaps).toEqual([[], []]);
});

test("what was drawn is there after a reload, and after the program was killed and started again", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  await openBoard(hers);
  await drawLine(hers);
  await expect.poll(() => ink(hers)).toBeGreaterThan(100);
  const drawn = await ink(hers);

  const his = await join(roomId, patient);
  await openBoard(his);
  await expect.poll(() => ink(his)).toBeGreaterThan(100);
  await his.reload();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await openBoard(his);
  await expect.poll(() => ink(his)).toBeGreaterThan(100);

  await program.kill();
  await expect(hers.getByText("No connection at the moment.")).toBeVisible();
  await drawLine(hers, 60);
  await program.run();
  await expect(hers.getByText("No connection at the moment.")).toBeHidden();
  await boardIsReady(his);
  await expect.poll(() => ink(his)).toBeGreaterThan(1.5 * drawn);
});

test("what is drawn while the connection is cut is not lost, on either side", async ({ program, join, newPage }) => {
  test.slow();
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  await openBoard(hers);
  const his = await newPage();
  let cut = false;
  const sockets: WebSocketRoute[] = [];
  await his.routeWebSocket(/\/call\/channel/, (socket) => {
    sockets.push(socket);
    if (cut) void socket.close({ code: 1001 });
    else socket.connectToServer();
  });
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await openBoard(his);

  cut = true;
  for (const socket of sockets.splice(0)) await socket.close({ code: 1001 });
  await expect(his.getByText("No connection at the moment.")).toBeVisible();
  await drawLine(his, 60);
  await drawLine(hers);
  const alone = await ink(his);
  await look(his, "whiteboard-waiting");
  cut = false;
  await expect(his.getByText("No connection at the moment.")).toBeHidden();
  await expect.poll(() => ink(his)).toBeGreaterThan(1.5 * alone);
  await expect.poll(() => ink(hers)).toBeGreaterThan(1.5 * alone);
});

test("hostile content does nothing, and the board goes on", async ({ program, join, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const mishaps = watchMishaps(hers, program.url);
  await openBoard(hers);
  const him = await RawChannel.open(await newPage(), program, await accessLink(program.url, roomId, patient));
  const draw = (...elements: object[]) => him.ask("board.draw", { board: "board", elements });

  const script = await draw(
    element("link", "rectangle", { link: "javascript:alert(1)" }),
    element("data", "rectangle", { customData: { generationData: { html: "<script>alert(1)</script>" } } }),
    element("frame", "iframe"),
    element("page", "embeddable", { link: "https://www.youtube.com/embed/x" }),
  );
  expect(script.ok).toMatchObject({ kept: [], refused: [{ id: "link" }, { id: "data" }, { id: "frame" }, { id: "page" }] });
  await expect.poll(() => ink(hers)).toBe(0);

  // The server keeps what it does not read; the page does not show what the drawing would choke on.
  const odd = await draw(
    element("far", "rectangle", { x: 1e300, index: "!!" }),
    element("many", "freedraw", { points: "all" }),
    element("colour", "rectangle", { x: 300, strokeColor: "url(https://example.org/x)", backgroundColor: { toString: 1 } }),
    text("long", `\u202e${"<img src=x onerror=alert(1)> 👩‍⚕️ ".repeat(320)}`, { index: "a1", y: 120 }),
  );
  expect(odd.refused).toBeUndefined();
  await expect.poll(() => ink(hers)).toBeGreaterThan(100);
  const before = await ink(hers);
  await drawLine(hers, 150);
  await expect.poll(() => ink(hers)).toBeGreaterThan(before);
  await expect.poll(async () => (await him.events("board.drawn")).length).toBeGreaterThan(0);
  await expect(hers.getByRole("region", { name: "Whiteboard" }).locator("iframe, img, a[href]")).toHaveCount(0);
  const { scrollWidth, clientWidth } = await hers.evaluate(() => document.documentElement);
  expect(scrollWidth).toBe(clientWidth);
  expect(mishaps).toEqual([]);
});

test("the board is used by keyboard alone, and gives the keyboard back", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  await openBoard(hers);
  await expect(hers.getByRole("heading", { name: "Whiteboard" })).toBeFocused();
  await hers.locator(".excalidraw").focus();
  // Escape first gives up the tool, and then leads out of the drawing.
  await hers.keyboard.press("p");
  await expect(hers.getByRole("radio", { name: "Draw" })).toBeChecked();
  await hers.keyboard.press("Escape");
  await expect(hers.getByRole("radio", { name: "Selection" })).toBeChecked();
  await hers.keyboard.press("Escape");
  await expect(hers.getByRole("heading", { name: "Whiteboard" })).toBeFocused();
  await hers.keyboard.press("Escape");
  await expect(hers.getByRole("region", { name: "Whiteboard" })).toBeHidden();
  await expect(hers.getByRole("button", { name: "Open whiteboard" })).toBeFocused();
});

test("an admin clears the board for everybody, after a question", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await openBoard(hers);
  await openBoard(his);
  await drawLine(his);
  await expect.poll(() => ink(hers)).toBeGreaterThan(100);
  await expect(his.getByRole("button", { name: "Clear" })).toHaveCount(0);
  await hers.getByRole("button", { name: "Clear" }).click();
  expect(await ink(hers)).toBeGreaterThan(100);
  await hers.getByRole("button", { name: "Clear for everybody" }).click();
  await expect.poll(() => ink(his)).toBe(0);
  expect(await ink(hers)).toBe(0);
});

test.describe("where patients have only the pen", () => {
  test.use({
    settings: async ({}, use) => {
      await use({ WAITING_ROOM: "false", ...(await patientsMayUse({ chat: true, whiteboard: { wb_pen: true } })) });
    },
  });

  test("the page offers nothing else", async ({ program, join }) => {
    const roomId = await schedule(program.url, [doctor, patient]);
    const his = await join(roomId, patient);
    await openBoard(his);
    await expect(his.getByRole("radio", { name: "Draw" })).toBeVisible();
    for (const name of ["Rectangle", "Diamond", "Ellipse", "Arrow", "Line", "Text", "Insert image", "Eraser"]) {
      await expect(his.getByRole("radio", { name, exact: true }), name).toBeHidden();
    }
    // Nor by its key.
    await his.locator(".excalidraw").focus();
    await his.keyboard.press("r");
    await expect(his.getByRole("radio", { name: "Selection" })).toBeChecked();
    await expect(his.getByRole("button", { name: "Clear" })).toHaveCount(0);
  });

  test("each of two has no more, also after a reload and a restart of the program, and all three see what is drawn", async ({ program, join }) => {
    const roomId = await schedule(program.url, [doctor, patient, interpreter]);
    const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
    for (const page of [hers, his, third]) await openBoard(page);
    await drawLine(his);
    for (const page of [hers, third]) await expect.poll(() => ink(page)).toBeGreaterThan(100);
    const one = await ink(hers);

    await his.reload();
    await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
    await openBoard(his);
    await program.kill();
    await program.run();
    for (const page of [his, third]) {
      await expect(page.getByText("No connection at the moment.")).toBeHidden();
      await boardIsReady(page);
      await expect(page.getByRole("radio", { name: "Draw" })).toBeVisible();
      for (const name of ["Rectangle", "Text", "Eraser"]) await expect(page.getByRole("radio", { name, exact: true }), name).toBeHidden();
    }
    await drawLine(third, 60);
    for (const page of [hers, his]) await expect.poll(() => ink(page)).toBeGreaterThan(1.5 * one);
  });

  test("and whoever speaks the protocol themselves is refused, and nobody sees it", async ({ program, join, newPage }) => {
    const roomId = await schedule(program.url, [doctor, patient]);
    const hers = await join(roomId, doctor);
    await openBoard(hers);
    await drawLine(hers, -100);
    await expect.poll(() => ink(hers)).toBeGreaterThan(100);
    const drawn = await ink(hers);
    const him = await RawChannel.open(await newPage(), program, await accessLink(program.url, roomId, patient));
    const opened = await him.ask("board.open", { board: "board" });
    const [line] = opened.ok?.elements as Record<string, unknown>[];
    const draw = (...elements: object[]) => him.ask("board.draw", { board: "board", elements });

    const refused = await draw(
      element("r", "rectangle"),
      text("t", "x"),
      element("i", "image", { fileId: "file_x" }),
      { ...line, version: 1000, isDeleted: true },
    );
    expect(refused.ok).toMatchObject({ kept: [], refused: [{ id: "r", code: "not_allowed" }, { id: "t" }, { id: "i" }, { id: line?.id }] });
    for (const command of ["board.clear", "board.cursor"]) {
      expect(await him.refusal(command, { board: "board", x: 1, y: 1 }), command).toBe("not_allowed");
    }
    expect(await him.refusal("board.open", { board: "snapshot:file_x" })).toBe("unknown");

    // What he may do arrives, and is all that does.
    const kept = await draw(element("p", "freedraw", { points: [[0, 0], [80, 0]], pressures: [], simulatePressure: true, lastCommittedPoint: null }));
    expect(kept.ok).toMatchObject({ kept: ["p"], refused: [] });
    await expect.poll(() => ink(hers)).toBeGreaterThan(drawn);
    expect(await ink(hers)).toBeLessThan(3 * drawn);
  });
});

test.describe("where patients have no whiteboard", () => {
  test.use({
    settings: async ({}, use) => {
      await use({ WAITING_ROOM: "false", ...(await patientsMayUse({ chat: true })) });
    },
  });

  test("they have no button for it, hear nothing of it, and are refused", async ({ program, join, newPage }) => {
    const roomId = await schedule(program.url, [doctor, patient, interpreter]);
    const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
    await openBoard(hers);
    const them = await RawChannel.open(await newPage(), program, await accessLink(program.url, roomId, interpreter));
    await drawLine(hers);
    await expect.poll(() => ink(hers)).toBeGreaterThan(100);
    for (const command of ["board.open", "board.draw", "board.cursor", "board.clear"]) {
      expect(await them.refusal(command, { board: "board", elements: [element("r", "rectangle")], x: 1, y: 1 }), command).toBe("not_allowed");
    }
    expect([await them.events("board.drawn"), await them.events("board.cursor")]).toEqual([[], []]);
    const [welcome] = await them.events("welcome");
    expect(welcome?.boards).toEqual([]);
    await expect(his.getByRole("button", { name: /whiteboard/i })).toHaveCount(0);
  });
});

test("the board with all its tools is in nobody's way", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  await openBoard(hers);
  await drawLine(hers);
  for (const size of [{ width: 1280, height: 800 }, { width: 390, height: 844 }]) {
    await hers.setViewportSize(size);
    for (const colorScheme of ["light", "dark"] as const) {
      await hers.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await expect(hers.locator(colorScheme === "dark" ? ".excalidraw.theme--dark" : ".excalidraw:not(.theme--dark)")).toBeVisible();
      // As in support/look.ts, which also measures buttons: Excalidraw's are smaller than ours, and large enough for AA.
      const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      const { violations } = await new AxeBuilder({ page: hers }).setLegacyMode().withTags(tags).analyze();
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
      expect(found, `${size.width} px, ${colorScheme}`).toEqual([]);
    }
  }
  for (const size of [{ width: 320, height: 568 }, { width: 568, height: 320 }]) {
    await hers.setViewportSize(size);
    expect(await hers.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${size.width} px`).toBe(0);
  }
});
