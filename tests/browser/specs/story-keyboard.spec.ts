import type { Page } from "@playwright/test";

import { doctor, patient } from "../support/api.ts";
import { shiftClock } from "../support/clock.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectHeard, listen } from "../support/heard.ts";
import { pressByKey, tabTo } from "../support/keyboard.ts";
import { expectPictureAndSound } from "../support/media.ts";
import { cutNetwork } from "../support/network.ts";

const KEY = "k3y-of-the-reception-desk";

/** What a screen reader finds, screen by screen: landmarks, headings and what can be used, in this order. */
const DESK = `
- main:
  - search:
    - searchbox "Search by name or id"
    - combobox "Show"
  - status: Live
  - region /^(Today|Tomorrow), /:
    - heading [level=2]
    - list:
      - listitem:
        - article /Dr. Ada Marino, Luca Conti$/:
          - list "People":
            - listitem:
              - button "Copy link of Dr. Ada Marino"
`;
const LOBBY = `
- main:
  - region "How others will see you":
    - button "Turn off microphone"
    - button "Turn off camera"
  - heading "Ready to join?" [level=1]
  - paragraph: You join as Luca Conti.
  - group:
    - combobox "Camera"
    - combobox "Microphone"
    - meter "Microphone level"
    - combobox "Speaker"
  - status: Camera, microphone and connection work. You can join.
  - button "Ask to join"
`;
const WAITING = `
- main:
  - region "How others will see you":
    - button "Turn off microphone"
    - button "Turn off camera"
  - heading "You are in the waiting room" [level=1]
  - status:
    - paragraph
  - region "Messages with the practice":
    - textbox "Write to the practice"
  - button "Leave the waiting room"
`;
const CALL = `
- main:
  - heading "Video consultation" [level=1]
  - timer: /\\d+ min left/
  - list "People in the consultation":
    - listitem:
      - group "Dr. Ada Marino"
    - listitem:
      - group "Luca Conti (you)"
  - group "Call controls":
    - button "Turn off microphone"
    - button "Turn off camera"
    - button "Raise hand"
    - button "Chat"
    - button "Share screen"
    - button "Choose devices"
    - button "People"
    - button "Files"
    - button "Open whiteboard"
    - button "Point at pictures"
    - button "Present to everyone"
    - button "Leave the consultation"
`;
const CHAT = `
- complementary "Chat, people and files":
  - tablist "Chat, people and files":
    - tab "Chat" [selected]
    - tab "People"
    - tab "Files"
  - button "Close"
  - tabpanel "Chat":
    - log "Messages":
      - paragraph: Good morning
      - paragraph: Good morning, how are you?
    - textbox "Write a message"
    - button "Send"
`;
const AFTER = `
- main:
  - heading "You have left the consultation" [level=1]
  - button "Re-enter"
  - region "How was the consultation, technically?":
    - heading [level=2]
    - radiogroup "How was the consultation, technically?":
      - radio "1 star"
      - radio "4 stars" [checked]
      - radio "5 stars"
    - status: Thank you.
    - textbox "What could be better? (optional)"
    - button "Send"
`;

test.use({ settings: { DESK_KEY: KEY, WAITING_ROOM: "true", UNLIMITED_TELECONSULTATION: "false" } });

/** Writes a message, once the keyboard is where one writes. */
async function type(page: Page, text: string): Promise<void> {
  await expect(page.getByRole("textbox", { name: "Write a message" })).toBeFocused();
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

test("the story without a mouse, as a screen reader tells it", async ({ program, newPage }) => {
  test.setTimeout(180_000);
  const [desk, his, hers] = [await newPage(), await newPage(), await newPage()];
  for (const page of [desk, his, hers]) await listen(page);
  let link = "";

  await test.step("the desk books it and copies his link", async () => {
    await desk.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await desk.goto(`${program.url}/desk#key=${KEY}`);
    await expect(desk.getByText("Live", { exact: true })).toBeVisible();
    await pressByKey(desk, "New consultation");
    for (const { fullName } of [doctor, patient]) {
      await tabTo(desk, "Name, as others see it");
      await desk.keyboard.type(fullName);
    }
    await desk.keyboard.press("Enter");
    await expectHeard(desk, "The consultation is booked.");
    await expect(desk.getByRole("main")).toMatchAriaSnapshot(DESK);
    await pressByKey(desk, `Copy link of ${doctor.fullName}`);
    await expectHeard(desk, "The link is copied.");
    const copied = () => desk.evaluate(() => navigator.clipboard.readText());
    const first = await copied();
    await hers.goto(first);
    await pressByKey(desk, `Copy link of ${patient.fullName}`);
    await expect.poll(copied).not.toBe(first);
    link = await copied();
  });

  await test.step("he knocks, and she lets him in", async () => {
    await his.goto(link);
    await expectHeard(his, "Camera, microphone and connection work. You can join.");
    await expect(his.getByRole("main")).toMatchAriaSnapshot(LOBBY);
    await pressByKey(his, "Ask to join");
    await expectHeard(his, "You are in the waiting room");
    await expect(his.getByRole("main")).toMatchAriaSnapshot(WAITING);
    await pressByKey(hers, "Join now");
    await expectHeard(his, "The clinician knows that you are here and will let you in.");
    await expectHeard(hers, `${patient.fullName} is waiting to be let in`);
    await pressByKey(hers, `Let in ${patient.fullName}`);
    await expectHeard(his, "Please come in…");
    await expectHeard(his, "Video consultation");
    await expectHeard(hers, `${patient.fullName} has joined`);
    await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
    await expect(his.getByRole("main")).toMatchAriaSnapshot(CALL);
  });

  await test.step("they write, and he raises his hand", async () => {
    await pressByKey(his, "Chat");
    await type(his, "Good morning");
    await expectHeard(hers, `New message from ${patient.fullName}`);
    await pressByKey(hers, "Chat, 1 unread");
    await type(hers, "Good morning, how are you?");
    await expectHeard(his, "Good morning, how are you?");
    await expect(his.getByRole("complementary")).toMatchAriaSnapshot(CHAT);
    await his.keyboard.press("Escape");
    await expect(his.getByRole("complementary")).toBeHidden();
    await pressByKey(his, "Raise hand");
    await expectHeard(hers, `${patient.fullName} has raised a hand`);
  });

  await test.step("his connection is lost and comes back", async () => {
    const restore = await cutNetwork(his);
    await expectHeard(his, "Reconnecting");
    restore();
    await expectHeard(his, "You are connected again");
    await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  });

  await test.step("the time is nearly up", async () => {
    const timer = his.getByRole("timer");
    const minutes = Number.parseInt((await timer.textContent()) ?? "");
    await shiftClock(his, (minutes - 4) * 60);
    await expect(timer).toHaveText(/^\d:\d\d left$/);
    const [left = 0, seconds = 0] = ((await timer.textContent()) ?? "").split(":").map((part) => Number.parseInt(part));
    await shiftClock(his, left * 60 + seconds - 20);
    await expectHeard(his, "The consultation ends in less than 30 seconds.");
  });

  await test.step("he leaves, and says how it was", async () => {
    await pressByKey(his, "Leave the consultation");
    await expectHeard(his, "You have left the consultation");
    await expectHeard(hers, "The consultation has ended");
    await tabTo(his, "1 star");
    for (let star = 1; star < 4; star++) await his.keyboard.press("ArrowRight");
    await his.keyboard.press("Enter");
    await expectHeard(his, "Thank you.");
    await expect(his.getByRole("main")).toMatchAriaSnapshot(AFTER);
    await tabTo(his, "What could be better");
    await his.keyboard.type("Nothing.");
    await pressByKey(his, "Send");
    await expectHeard(his, "Thank you for your words.");
  });
});
