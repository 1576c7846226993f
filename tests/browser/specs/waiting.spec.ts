import { doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";

const page = (base: string, roomId: string) => `${base}/telecons-fe/teleconsultation/${roomId}`;

test("the waiting page lets a patient wait, then brings them into the call, also after a reload, and offers to come back", async ({ program, newPage, join }) => {
  const his = await newPage({ headers: { miauserid: patient.userId } });
  const roomId = await schedule(program.url, [doctor, patient], { startsInSeconds: 8 });
  await his.goto(page(program.url, roomId));
  // Also for somebody who does not see the page: the keyboard is where its words begin.
  await expect(his.getByRole("heading", { name: "You are in the waiting room" })).toBeFocused();

  const call = his.frameLocator("iframe");
  await expect(his.locator("iframe")).toBeFocused();
  await call.getByRole("button", { name: "Join now" }).click();
  const hers = await join(roomId, doctor);
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });

  await his.reload();
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  await call.getByRole("button", { name: "Leave the consultation" }).click();
  // The call page says how it goes on, also here: with a rating, and a way back in.
  await call.getByRole("radio", { name: "4 stars" }).click();
  await expect(call.getByText("Thank you.", { exact: true })).toBeVisible();
  await call.getByRole("button", { name: "Re-enter" }).click();
  await call.getByRole("button", { name: "Join now" }).click();
  await expect(call.getByRole("button", { name: "Leave the consultation" })).toBeVisible();
});

test("a stranger and somebody with a wrong address are told so in plain words", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  for (const [id, who] of [[roomId, "somebody-else"], ["65f0c0ffee0123456789abcd", patient.userId]] as const) {
    const theirs = await newPage({ headers: { miauserid: who } });
    await theirs.goto(page(program.url, id));
    await expect(theirs.getByRole("heading", { name: "We cannot open this consultation" })).toBeFocused();
    await theirs.getByRole("button", { name: "Try again" }).click();
    await expect(theirs.getByRole("heading", { name: "We cannot open this consultation" })).toBeFocused();
  }
});

test("no page asks another host for anything, and none breaks its content policy", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage({ headers: { miauserid: patient.userId } });
  const foreign: string[] = [];
  const refused: string[] = [];
  his.on("request", (request) => {
    const url = new URL(request.url());
    if (["http:", "https:", "ws:", "wss:"].includes(url.protocol) && url.host !== new URL(program.url).host) foreign.push(request.url());
  });
  his.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) refused.push(message.text());
  });
  await his.goto(page(program.url, roomId));
  await his.frameLocator("iframe").getByRole("button", { name: "Join now" }).click();
  await join(roomId, doctor);
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });

  expect(foreign).toEqual([]);
  expect(refused).toEqual([]);
});
