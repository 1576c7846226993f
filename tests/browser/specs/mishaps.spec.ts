import type { WebSocketRoute } from "@playwright/test";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { look } from "../support/look.ts";
import { expectPictureAndSound } from "../support/media.ts";

test("where the browser keeps a page silent, one button turns the sound on", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  // Refuses to play as phones do, until the person asks for it.
  await his.addInitScript(() => {
    let allowed = false;
    document.addEventListener("click", ({ target }) => (allowed ||= target instanceof Element && target.textContent === "Turn on sound"), true);
    const play = HTMLMediaElement.prototype.play;
    HTMLMediaElement.prototype.play = function () {
      return allowed || this.muted ? play.call(this) : Promise.reject(new DOMException("no gesture", "NotAllowedError"));
    };
  });
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Join now" }).click();
  await join(roomId, doctor);

  await his.getByRole("button", { name: "Turn on sound" }).waitFor();
  await look(his, "sound-blocked");
  await his.getByRole("button", { name: "Turn on sound" }).click();
  await expect(his.getByRole("button", { name: "Turn on sound" })).toBeHidden();
  // The button had the keyboard, and is gone.
  await expect(his.getByRole("heading", { name: "Video consultation" })).toBeFocused();
  await expect.poll(() => his.locator("audio").evaluateAll((all) => all.some((audio) => !(audio as HTMLAudioElement).paused))).toBe(true);
});

test("in a browser that lets no page use a camera, the person is told so and joins all the same", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const his = await newPage();
  // As in the browsers inside some other apps.
  await his.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, "mediaDevices"));
  await his.goto(await accessLink(program.url, roomId, patient));
  await expect(his.getByText("This browser can use neither camera nor microphone.")).toBeVisible();

  await his.getByRole("button", { name: "Join now" }).click();
  await expectPictureAndSound(his, { pictures: 1, sounds: 1 });
  await expect(hers.getByRole("group", { name: patient.fullName }).getByText("camera off")).toBeAttached();
});

test("a microphone that does not start during the call is said to both, and another one can be chosen", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await his.evaluate(() => {
    const capture = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = () => {
      navigator.mediaDevices.getUserMedia = capture;
      return Promise.reject(new DOMException("in use", "NotReadableError"));
    };
  });

  await his.getByRole("button", { name: "Choose devices" }).click();
  const dialog = his.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Microphone" }).selectOption({ label: "Fake Audio Input 1" });
  await expect(dialog.getByText("Another program is using the microphone.")).toBeVisible();
  await expect(hers.getByRole("group", { name: patient.fullName }).getByText("microphone off")).toBeAttached();

  await dialog.getByRole("combobox", { name: "Microphone" }).selectOption({ label: "Fake Audio Input 2" });
  await expect(dialog.getByText("Another program is using the microphone.")).toBeHidden();
  await expect(his.getByRole("button", { name: "Turn off microphone", includeHidden: true })).toBeAttached();
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
});

test("a microphone that is unplugged during the call, and has no other to take its place, is said to both", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, his] = [await join(roomId, doctor), await join(roomId, patient)];
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });

  await his.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("none", "NotFoundError"));
    const senders = window.peerConnections.flatMap((connection) => connection.getSenders());
    const track = senders.find((sender) => sender.track?.kind === "audio")?.track;
    track?.stop();
    // The browser says this by itself only when the device really goes.
    track?.dispatchEvent(new Event("ended"));
  });
  await expect(his.getByRole("status").getByText("Your microphone was turned off")).toBeVisible();
  await expect(hers.getByRole("group", { name: patient.fullName }).getByText("microphone off")).toBeAttached();
  await his.getByRole("button", { name: "Turn on microphone" }).click();
  await expect(his.getByText("We found no microphone.")).toBeVisible();
});

test("who is taken out of the consultation is told so", async ({ program, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const his = await newPage();
  let signalling: WebSocketRoute | undefined;
  await his.routeWebSocket(/\/rtc/, (socket) => {
    socket.connectToServer();
    signalling = socket;
  });
  await his.goto(await accessLink(program.url, roomId, patient));
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();

  // What the server says to somebody whose link was revoked: SignalResponse { leave: { reason: PARTICIPANT_REMOVED } }.
  signalling?.send(Buffer.from([0x42, 0x02, 0x10, 0x04]));
  await expect(his.getByRole("heading", { name: "You are no longer in the consultation" })).toBeVisible();
});
