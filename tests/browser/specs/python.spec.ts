import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { expect, test } from "../support/fixtures.ts";
import { expectPictureAndSound } from "../support/media.ts";

const python = fileURLToPath(new URL("../../../target/test-python/bin/python", import.meta.url));
const guest = fileURLToPath(new URL("../../python/guest.py", import.meta.url));

test("somebody in a browser and somebody with the Python client see and hear each other", async ({ program, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const hers = await join(roomId, doctor);
  const link = await accessLink(program.url, roomId, patient);
  const his = spawn(python, [guest, program.url, link], { stdio: ["pipe", "pipe", "inherit"] });

  let got = { frames: 0, sounds: 0 };
  createInterface(his.stdout).on("line", (line) => (got = JSON.parse(line) as typeof got));
  await expectPictureAndSound(hers, { pictures: 1, sounds: 1 });
  await expect.poll(() => got.frames).toBeGreaterThan(30);
  await expect.poll(() => got.sounds).toBeGreaterThan(30);

  const ended = once(his, "exit");
  his.stdin.end();
  expect(await ended).toEqual([0, null]);
  await expect(hers.getByRole("group", { name: patient.fullName })).toBeHidden();
});
