import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { choice, fast, LABEL, lastIs, moreOf, plain, ready } from "../support/background.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectShown } from "../support/media.ts";
import { EDGES, sample, sampled } from "../support/sharpness.ts";

declare global {
  interface Window {
    /** What was ever captured of a camera. */
    cameras: MediaStreamTrack[];
    /** How often one of these, as it is, was given to what sends. */
    sentPlain: number;
  }
}

// It loads the model, and looks for seconds at a time.
test.describe.configure({ timeout: 240_000 });

/** The browser's other cameras have a spot in each corner, which is now and then taken for a part of a person. */
const WITHOUT_CORNERS = EDGES.map((part) => ({ ...part, left: 0.08, right: 0.92 }));

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    const args = (launchOptions.args ?? []).map((arg) => (arg.startsWith("--use-fake-device-for-media-stream") ? `${arg},device-count=4` : arg));
    await use({ ...launchOptions, args });
  },
});

test("another camera, the same one anew, and one in place of a dead one show nobody a room that is hidden", async ({ program, join, newPage }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  await sample(hers, LABEL, { room: WITHOUT_CORNERS });
  const his = await fast(await newPage());
  await his.addInitScript(() => {
    window.cameras = [];
    window.sentPlain = 0;
    const look = (track: unknown): void => {
      if (window.cameras.some((each) => each === track)) window.sentPlain += 1;
    };
    const { replaceTrack } = RTCRtpSender.prototype;
    RTCRtpSender.prototype.replaceTrack = function (track) {
      look(track);
      return replaceTrack.call(this, track);
    };
    const { addTransceiver } = RTCPeerConnection.prototype;
    RTCPeerConnection.prototype.addTransceiver = function (track, init) {
      look(track);
      return addTransceiver.call(this, track, init);
    };
    const getUserMedia = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (constraints) => {
      const stream = await getUserMedia(constraints);
      window.cameras.push(...stream.getVideoTracks());
      return stream;
    };
  });
  const inUse = () => his.evaluate(() => window.cameras.filter(({ readyState }) => readyState === "live").map(({ label }) => label));
  const captured = () => his.evaluate(() => window.cameras.length);
  const camera = his.getByRole("combobox", { name: "Camera" });
  await his.goto(await accessLink(program.url, roomId, patient));
  await choice(his).selectOption({ label: "Your room, blurred" });
  await ready(his);
  // Only these two have a clock, which is an edge wherever the picture is plain.
  const cameras = await camera.getByRole("option").allTextContents();
  const [first, other] = [cameras[0]!, cameras[3]!];
  await camera.selectOption({ label: other });
  await expect.poll(inUse).toEqual([other]);
  await his.getByRole("button", { name: "Join now" }).click();
  await his.getByRole("button", { name: "Leave the consultation" }).waitFor();
  await expectShown(hers, patient.fullName);

  await his.getByRole("button", { name: "Choose devices" }).click();
  for (const next of [first, other]) {
    await camera.selectOption({ label: next });
    await expect.poll(inUse).toEqual([next]);
    await expectShown(hers, patient.fullName);
    await moreOf(hers, 25);
  }
  await his.getByRole("button", { name: "Close" }).click();

  await his.getByRole("button", { name: "Turn off camera" }).click();
  await expect.poll(inUse).toEqual([]);
  await his.getByRole("button", { name: "Turn on camera" }).click();
  await expect.poll(inUse).toEqual([other]);
  await expectShown(hers, patient.fullName);
  await moreOf(hers, 25);

  // Nobody touches anything: the page sees that nothing comes, and starts it anew.
  const before = await captured();
  await his.evaluate(() => {
    for (const each of window.cameras) each.stop();
  });
  await expect.poll(captured).toBeGreaterThan(before);
  await expect.poll(inUse).toEqual([other]);
  await expectShown(hers, patient.fullName);
  expect((await moreOf(hers, 25)).filter(plain)).toEqual([]);
  // Also what is too short to be seen.
  expect(await his.evaluate(() => window.sentPlain)).toBe(0);

  // It would have been seen: each of the two has a room that can be told from a hidden one.
  await his.getByRole("button", { name: "Choose devices" }).click();
  await choice(his).selectOption({ label: "Your room, as it is" });
  await lastIs(hers, "plain");
  await camera.selectOption({ label: first });
  await expect.poll(inUse).toEqual([first]);
  await expectShown(hers, patient.fullName);
  await lastIs(hers, "plain");
  expect(await his.evaluate(() => window.sentPlain)).toBeGreaterThan(0);
});
