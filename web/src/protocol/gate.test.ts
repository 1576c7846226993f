import { expect, test } from "vitest";
import { Gate, type Gated } from "./gate";

const [plain, other, hidden] = ["plain", "other", "hidden"];

/** What sends, and writes down what it was given. */
class FakeSender implements Gated<string> {
  readonly sent: (string | null)[] = [];
  readonly track: string | null;

  constructor(first: string | null) {
    this.track = first;
  }

  replaceTrack(track: string | null): Promise<void> {
    this.sent.push(track);
    return Promise.resolve();
  }
}

test("what may pass passes, and anything else is nothing", async () => {
  const sender = new FakeSender(hidden);
  new Gate(sender, (track) => track === hidden);
  expect(sender.sent).toEqual([]);
  await sender.replaceTrack(plain);
  await sender.replaceTrack(hidden);
  await sender.replaceTrack(null);
  expect(sender.sent).toEqual([null, hidden, null]);
});

test("what was sent before is called back at once when it may not pass any more, and comes back when it may", async () => {
  const sender = new FakeSender(plain);
  let all = true;
  const gate = new Gate(sender, (track) => all || track === hidden);
  gate.look();
  expect(sender.sent).toEqual([]);
  all = false;
  gate.look();
  gate.look();
  expect(sender.sent).toEqual([null]);
  // A camera that was on its way.
  await sender.replaceTrack(other);
  expect(sender.sent).toEqual([null, null]);
  all = true;
  gate.look();
  expect(sender.sent).toEqual([null, null, other]);
});

test("what begins with something that may not pass sends nothing", () => {
  const sender = new FakeSender(plain);
  new Gate(sender, () => false);
  expect(sender.sent).toEqual([null]);
});
