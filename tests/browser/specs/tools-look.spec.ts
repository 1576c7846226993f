import { accessLink, doctor, interpreter, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { expectPictureAndSound } from "../support/media.ts";

// Each of these looks at several states of a page many times over.
test.describe.configure({ timeout: 300_000 });

test.describe("with a waiting room", () => {
  test.use({ settings: { WAITING_ROOM: "true" } });

  test("at the door", async ({ program, newPage }) => {
    const roomId = await schedule(program.url, [doctor, patient]);
    const his = await newPage();
    await his.goto(await accessLink(program.url, roomId, patient));
    await his.getByRole("button", { name: "Ask to join" }).click();
    await his.getByText("You are the first one here.").waitFor();
    await look(his, "waiting-room-first");

    const hers = await newPage();
    await hers.goto(await accessLink(program.url, roomId, doctor));
    await hers.getByRole("textbox", { name: `Write to ${patient.fullName}` }).fill("Good morning! I am with you in five minutes. https://clinic.example/map");
    await hers.keyboard.press("Enter");
    await his.getByText("Good morning!").waitFor();
    await look(his, "waiting-room");
    await look(hers, "lobby-arrivals");
    await hers.getByRole("button", { name: "Join now" }).click();
    await hers.locator(".knock").getByText(`${patient.fullName} is waiting to be let in.`).waitFor();
    await look(hers, "knock");
    await hers.getByRole("button", { name: "See who" }).click();
    await hers.getByRole("button", { name: `Not now: ${patient.fullName}` }).click();
    await look(hers, "turn-away");
    await hers.getByRole("button", { name: "Not now", exact: true }).click();
    await his.getByText("The clinician cannot let you in at the moment.").waitFor();
    await look(his, "turned-away");

    await his.getByRole("button", { name: "Ask to join" }).click();
    await hers.getByRole("button", { name: `Let in ${patient.fullName}` }).waitFor();
    await his.route("**/call/enter", (route) => route.abort());
    await hers.getByRole("button", { name: `Let in ${patient.fullName}` }).click();
    await his.getByRole("heading", { name: "Please come in…" }).waitFor();
    await look(his, "coming-in");
    // There is nothing to press: the page goes on trying.
    await his.unrouteAll();
    await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  });
});

test("the tools", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient, interpreter]);
  const [hers, his, third] = [await join(roomId, doctor), await join(roomId, patient), await join(roomId, interpreter)];
  await expectPictureAndSound(hers, { pictures: 2, sounds: 2 });
  await third.getByRole("button", { name: "Raise hand" }).click();
  await his.getByRole("button", { name: /^Chat/ }).click();
  for (const text of ["Hello", "See https://clinic.example/plan", "سلام \u202e abc", "w".repeat(900), "two\nlines 👩‍⚕️"]) {
    await his.getByRole("textbox").fill(text);
    await his.keyboard.press("Enter");
  }
  await hers.getByRole("button", { name: "Chat, 5 unread" }).click();
  await hers.getByRole("log", { name: "Messages" }).getByText("Hello").waitFor({ state: "attached" });
  await look(hers, "chat");
  await hers.getByRole("tab", { name: "People" }).click();
  await look(hers, "people");
  await hers.getByRole("button", { name: `Turn off microphone of ${patient.fullName}` }).click();
  await look(hers, "people-confirm");
  await hers.getByRole("tab", { name: "Files" }).click();
  await look(hers, "files-empty");
  await hers.getByRole("button", { name: "Close" }).click();
  await his.getByRole("button", { name: "Present to everyone" }).click();
  await expect(hers.getByRole("figure").locator("video")).toBeVisible();
  await hers.getByRole("button", { name: "Point at pictures" }).click();
  await hers.getByRole("application", { name: patient.fullName }).hover();
  await his.getByRole("group", { name: patient.fullName }).getByText(doctor.fullName).waitFor();
  await look(hers, "presented");
  await third.getByRole("button", { name: "Leave the consultation" }).click();
  await third.getByRole("radio", { name: "4 stars" }).click();
  await third.getByText("Thank you.").waitFor();
  await look(third, "rating");
});
