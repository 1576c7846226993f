import type { Page } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { lookInTheSmallest, lookLikeAPhone } from "../support/look.ts";

const KEY = "key-of-the-desk-in-five-languages";

test.use({ settings: { DESK_KEY: KEY } });

/** What the pages say, where a test has to find it. */
const WORDS = {
  it: { opening: "Apertura del consulto…", lobby: "Tutto pronto per entrare?", join: "Entra ora", leave: "Esci dal consulto", waiting: "Si trova nella sala d'attesa", desk: "Segreteria", book: "Nuovo consulto" },
  es: { opening: "Abriendo su consulta…", lobby: "¿Todo listo para entrar?", join: "Entrar ahora", leave: "Salir de la consulta", waiting: "Está en la sala de espera", desk: "Recepción", book: "Nueva consulta" },
  de: { opening: "Ihre Sprechstunde wird geöffnet…", lobby: "Sind Sie bereit?", join: "Jetzt teilnehmen", leave: "Sprechstunde verlassen", waiting: "Sie sind im Wartezimmer", desk: "Empfang", book: "Neuer Termin" },
  fr: { opening: "Ouverture de votre consultation…", lobby: "Tout est prêt\u202f?", join: "Entrer maintenant", leave: "Quitter la consultation", waiting: "Vous êtes dans la salle d’attente", desk: "Accueil", book: "Nouvelle consultation" },
} as const;

/** The files with the texts of one language each, whose hash has eight characters; the whiteboard's are named after a region too. */
const TEXTS = /\/assets\/(?:it|es|de|fr)-[\w-]{8}\.js$/;

/** What was cut off although it is to be read: words that are wider than their button. */
async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll("button, h1, h2")]
      .filter((element) => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1)
      .map((element) => element.outerHTML),
  );
}

async function expectRoom(page: Page, name: string): Promise<void> {
  await lookInTheSmallest(page, name);
  await page.setViewportSize({ width: 320, height: 568 });
  expect(await cutOff(page), name).toEqual([]);
}

for (const [language, words] of Object.entries(WORDS)) {
  test(`${language}: every page speaks it and has room for its words in the narrowest window`, async ({ program, newPage }) => {
    const roomId = await schedule(program.url, [doctor, patient]);
    const locale = `${language}-${language.toUpperCase()}`;
    const call = await newPage({ locale });
    await call.goto(await accessLink(program.url, roomId, doctor));
    await expect(call.getByRole("heading", { name: words.lobby })).toBeVisible();
    await expect(call.locator("html")).toHaveAttribute("lang", language);
    await expect(call.getByRole("meter")).toBeVisible();
    await lookLikeAPhone(call, `lobby-${language}`);
    await expectRoom(call, `lobby-${language}`);
    await call.getByRole("button", { name: words.join }).click();
    await expect(call.getByRole("button", { name: words.leave })).toBeVisible();
    await expectRoom(call, `call-${language}`);

    const later = await schedule(program.url, [doctor, patient], { startsInSeconds: 26 * 3600 });
    const waiting = await newPage({ locale, headers: { miauserid: patient.userId } });
    await waiting.goto(`${program.url}/telecons-fe/teleconsultation/${later}`);
    await expect(waiting.getByRole("heading", { name: words.waiting })).toBeVisible();
    await expectRoom(waiting, `waiting-${language}`);

    const desk = await newPage({ locale });
    await desk.goto(`${program.url}/desk#key=${KEY}`);
    await expect(desk.getByRole("heading", { name: words.desk, level: 1 })).toBeVisible();
    await expect(desk.getByRole("article")).toHaveCount(2);
    await expectRoom(desk, `desk-${language}`);
    await desk.getByRole("button", { name: words.book }).click();
    await expect(desk.getByRole("dialog")).toBeVisible();
    await expectRoom(desk, `desk-form-${language}`);
  });
}

/** Collects every heading that the page shows once it has drawn anything. */
async function headingsOf(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const seen = new Set<string>();
    Object.assign(globalThis, { seenHeadings: seen });
    new MutationObserver(() => {
      for (const heading of document.querySelectorAll("main:not(.boot) h1")) seen.add(heading.textContent);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => [...(globalThis as unknown as { seenHeadings: Set<string> }).seenHeadings]);
}

test("a language that comes late is waited for, and no other one is shown before", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const page = await newPage({ locale: "de-AT" });
  const headings = await headingsOf(page);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const asked: string[] = [];
  await page.route(TEXTS, async (route) => {
    asked.push(new URL(route.request().url()).pathname);
    await held;
    await route.continue();
  });
  const entered = page.waitForResponse("**/call/enter");
  await page.goto(await accessLink(program.url, roomId, patient), { waitUntil: "domcontentloaded" });
  await entered;
  await expect.poll(() => asked.length).toBe(1);
  await expect(page.locator(".boot")).toBeAttached();
  expect(await headings()).toEqual([]);
  release();
  await expect(page.getByRole("heading", { name: WORDS.de.lobby })).toBeVisible();
  expect((await headings()).filter((heading) => heading !== WORDS.de.opening)).toEqual([WORDS.de.lobby]);
  expect(asked).toEqual([expect.stringMatching(/\/de-/)]);
});

test("who reads English loads no other language, and a person's own language counts more than the browser's", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, { ...patient, language: "fr" }]);
  const asked: string[] = [];
  const open = async (link: string, heading: string): Promise<void> => {
    const page = await newPage();
    page.on("request", (request) => {
      if (TEXTS.test(request.url())) asked.push(new URL(request.url()).pathname);
    });
    await page.goto(link);
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
  };
  await open(await accessLink(program.url, roomId, doctor), "Ready to join?");
  expect(asked).toEqual([]);
  await open(await accessLink(program.url, roomId, patient), WORDS.fr.lobby);
  expect(asked).toEqual([expect.stringMatching(/\/fr-/)]);
});

test("a page whose language does not come at all speaks English", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const page = await newPage({ locale: "es-ES" });
  await page.route(TEXTS, (route) => route.abort());
  await page.goto(await accessLink(program.url, roomId, patient));
  await expect(page.getByRole("heading", { name: "Ready to join?" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});
