import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
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
