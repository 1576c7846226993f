import { accessLink, doctor, patient, schedule } from "../support/api.ts";
import { element } from "../support/board.ts";
import { expect, test } from "../support/fixtures.ts";
import { patientsMayUse } from "../support/privileges.ts";
import { RawChannel, tokenOf } from "../support/raw-channel.ts";

// Each tool's own tests show that nothing of a refused command is seen by others. Screens, which the media engine decides: screen.spec.ts.
test.use({ settings: async ({}, use) => use(await patientsMayUse({ chat: false })) });

test("who has no tool and leads nothing is refused everything by the server, before a restart of the program and after it", async ({ program, newPage, join }) => {
  const roomId = await schedule(program.url, [doctor, patient]);
  const [hers, them] = [await join(roomId, doctor), await newPage()];
  const link = await accessLink(program.url, roomId, patient);
  for (const when of ["before", "after"]) {
    const raw = await RawChannel.open(them, program, link);
    const [welcome] = await raw.events("welcome");
    expect(welcome).toMatchObject({ stage: "admitted", chat: { messages: [], more: false }, boards: [] });
    const names = welcome?.names as { user_id: string; display_name: string }[];
    const user_id = names.find(({ display_name }) => display_name === doctor.fullName)?.user_id;
    for (const [command, members] of [
      ["chat.send", { text: "let me", key: "k" }],
      ["chat.typing", {}],
      ["chat.older", { before: 99 }],
      ["board.open", { board: "board" }],
      ["board.draw", { board: "board", elements: [element("r", "rectangle")] }],
      ["board.cursor", { board: "board", x: 1, y: 1 }],
      ["board.clear", { board: "board" }],
      ["snapshot.request", { user_id }],
      ["point", { user_id, source: "camera", x: 0.5, y: 0.5 }],
      ["present", { source: "camera" }],
      ["mute", { user_id, source: "microphone" }],
      ["remove", { user_id }],
      ["admit", { user_id }],
      ["turn_away", { user_id }],
    ] as const) {
      expect(await raw.refusal(command, members), `${command} ${when}`).toBe("not_allowed");
    }
    for (const kind of ["file", "snapshot", "board_image"]) {
      const metadata = Object.entries({ filename: "x.pdf", kind }).map(([name, value]) => `${name} ${btoa(value)}`);
      const headers = { authorization: `Bearer ${tokenOf(link)}`, "tus-resumable": "1.0.0", "upload-length": "100", "upload-metadata": metadata.join(",") };
      const answer = await fetch(`${program.url}/call/files`, { method: "POST", headers });
      expect([answer.status, ((await answer.json()) as { code: string }).code], `${kind} ${when}`).toEqual([403, "not_allowed"]);
    }
    // A hand is everybody's: the refusals are not those of a connection that may do nothing at all.
    expect((await raw.ask("hand", { raised: true })).ok).toEqual({});
    await hers.getByRole("button", { name: "People" }).click();
    await expect(hers.getByRole("region", { name: "Raised hands, in order" }).getByText(patient.fullName)).toBeVisible();
    await hers.getByRole("button", { name: "People" }).click();
    if (when === "after") break;
    await program.kill();
    await program.run();
  }
});
