import { expect, test } from "vitest";
import type { ChannelEvent } from "../../state/channel";
import { REPLY_MS, WELCOME_MS } from "./channel";
import { fakeChannel } from "./fake-wire";

function listening(): ReturnType<typeof fakeChannel> & { heard: ChannelEvent[] } {
  const fake = fakeChannel();
  const heard: ChannelEvent[] = [];
  fake.channel.on((event) => heard.push(event));
  fake.channel.start();
  return { ...fake, heard };
}

test("it says hello first, and is open once it was welcomed", () => {
  const { wire, heard } = listening();
  expect(wire().sent).toEqual([]);
  wire().hears.opened();
  expect(wire().sent).toEqual([{ id: 1, do: "hello", access_token: "token" }]);
  wire().answer();
  expect(heard).toEqual([{ kind: "linkChanged", link: "connecting" }]);
  wire().welcome();
  expect(heard.slice(1).map((event) => event.kind)).toEqual(["linkChanged", "welcome"]);
});

test("each answer goes to the command it is for, in whatever order", async () => {
  const { channel, wire } = listening();
  wire().welcome();
  const sent = channel.send("chat.send", { text: "hello", to: null, key: "k1" });
  const older = channel.send("chat.older", { before: 7 });
  const [first, second] = wire().sent.slice(-2);
  expect([first, second]).toEqual([
    { id: 2, do: "chat.send", text: "hello", key: "k1" },
    { id: 3, do: "chat.older", before: 7 },
  ]);
  wire().tell({ re: 3, ok: { messages: [{ number: 6, from: "user_a", waiting: null, text: "hi", at: "2026-01-01T00:00:01.500Z", key: null }], more: true } });
  wire().tell({ re: 2, ok: { number: 8, at: "2026-01-01T00:00:02.000Z" } });
  expect(await sent).toEqual({ kind: "ok", ok: { number: 8, at: Date.UTC(2026, 0, 1, 0, 0, 2) } });
  expect(await older).toEqual({
    kind: "ok",
    ok: { messages: [{ number: 6, from: "user_a", waiting: null, text: "hi", at: Date.UTC(2026, 0, 1, 0, 0, 1, 500), key: null }], more: true },
  });
});

test("names of members have underscores on the wire, and null is said only where it means something", () => {
  const { channel, wire } = listening();
  wire().welcome();
  void channel.send("point", { userId: "user_a", source: "camera", x: null, y: null });
  expect(wire().last).toEqual({ id: 2, do: "point", user_id: "user_a", source: "camera", x: null, y: null });
  void channel.send("turn_away", { userId: "user_a", message: null });
  expect(wire().last).toEqual({ id: 3, do: "turn_away", user_id: "user_a" });
  void channel.send("present", { source: null });
  expect(wire().last).toEqual({ id: 4, do: "present", source: null });
});

test("a refusal has a code and perhaps a field; an unknown code or answer counts as unavailable", async () => {
  const { channel, wire } = listening();
  wire().welcome();
  const text = channel.send("chat.send", { text: "", to: null, key: "k" });
  wire().refuse("invalid", "text");
  expect(await text).toEqual({ kind: "refused", code: "invalid", field: "text" });
  const hand = channel.send("hand", { raised: true });
  wire().refuse("of_the_future");
  expect(await hand).toEqual({ kind: "refused", code: "unavailable", field: null });
  const snapshot = channel.send("snapshot.request", { userId: "user_a" });
  wire().answer({ nothing: true });
  expect(await snapshot).toEqual({ kind: "refused", code: "unavailable", field: null });
});

test("a link to a file leads to the page's own host only", async () => {
  const { channel, wire } = listening();
  wire().welcome();
  for (const url of ["https://elsewhere.example/x", "//elsewhere.example/x", "/\\elsewhere.example", "javascript:alert(1)"]) {
    const link = channel.send("file.link", { fileId: "file_1" });
    wire().answer({ url });
    expect(await link, url).toEqual({ kind: "refused", code: "unavailable", field: null });
  }
  const link = channel.send("file.link", { fileId: "file_1" });
  wire().answer({ url: "/call/files/file_1?signature=x", expires_at: "2026-01-01T00:10:00.000Z" });
  expect(await link).toMatchObject({ kind: "ok", ok: { url: "/call/files/file_1?signature=x" } });
});

test("what is unknown or broken is passed over", () => {
  const { wire, heard } = listening();
  wire().welcome();
  const before = heard.length;
  for (const text of ["no json", "[]", "7", '{"event":"of.the.future"}', '{"event":"person","person":{"stage":"in"}}', '{"re":99,"ok":{}}']) {
    wire().hears.received(text);
  }
  expect(heard.length).toBe(before);
  wire().tell({ event: "hosts", present: true, member: "of the future" });
  expect(heard.at(-1)).toEqual({ kind: "hosts", present: true });
});

test("it comes back with growing pauses, and with a short one again after it was welcomed", () => {
  const { wires, wire, time } = listening();
  for (const pause of [500, 1000, 2000, 4000, 8000, 8000]) {
    const before = wires.length;
    wire().hears.closed(1006);
    time.pass(pause - 1);
    expect(wires.length).toBe(before);
    time.pass(1);
    expect(wires.length).toBe(before + 1);
  }
  wire().welcome();
  wire().hears.closed(1001);
  const before = wires.length;
  time.pass(500);
  expect(wires.length).toBe(before + 1);
});

test.each([
  [4404, "invalid_link"],
  [4409, "replaced"],
  [4410, "room_closed"],
] as const)("after close code %i it does not come back", (code, end) => {
  const { wires, wire, time, heard } = listening();
  wire().welcome();
  wire().hears.closed(code);
  time.pass(600_000);
  expect(wires.length).toBe(1);
  expect(heard.at(-1)).toEqual({ kind: "linkEnded", end });
});

test("who was too fast waits longer", () => {
  const { wires, wire, time } = listening();
  wire().welcome();
  wire().hears.closed(4429);
  time.pass(4_999);
  expect(wires.length).toBe(1);
  time.pass(1);
  expect(wires.length).toBe(2);
});

test("a browser that is online again does not wait for the pause to end, and connects once", () => {
  const { channel, wires, wire, time } = listening();
  channel.hurry();
  expect(wires.length).toBe(1);
  wire().hears.closed(1006);
  channel.hurry();
  time.pass(60_000);
  expect(wires.length).toBe(2);
});

test("what was asked of a connection that breaks is lost, and is not sent again", async () => {
  const { channel, wire, time } = listening();
  wire().welcome();
  const hand = channel.send("hand", { raised: true });
  wire().hears.closed(1006);
  expect(await hand).toMatchObject({ kind: "refused", code: "lost" });
  expect(await channel.send("hand", { raised: true })).toMatchObject({ kind: "refused", code: "lost" });
  time.pass(1000);
  wire().welcome();
  expect(wire().sent.map((sent) => sent.do)).toEqual(["hello"]);
});

test("a connection that answers nothing is given up, and what it says later is not heard", async () => {
  const { channel, wires, wire, time, heard } = listening();
  wire().welcome();
  const dead = wire();
  const hand = channel.send("hand", { raised: true });
  time.pass(REPLY_MS);
  expect(await hand).toMatchObject({ code: "lost" });
  expect(dead.closed).toBe(true);
  time.pass(1000);
  expect(wires.length).toBe(2);
  const before = heard.length;
  dead.tell({ event: "hosts", present: true });
  dead.hears.closed(4404);
  expect(heard.length).toBe(before);
});

test("a connection that does not open, or brings no welcome, is given up", () => {
  const { wires, wire, time } = listening();
  time.pass(WELCOME_MS + 1000);
  expect(wires.map(({ closed }) => closed)).toEqual([true]);
  time.pass(1000);
  wire().hears.opened();
  wire().answer();
  time.pass(WELCOME_MS);
  time.pass(2000);
  expect(wires.map(({ closed }) => closed)).toEqual([true, true, false]);
});

test("after a hello that was refused, the close that follows says why", () => {
  const { wires, wire, time, heard } = listening();
  wire().hears.opened();
  wire().refuse("unknown", "access_token");
  wire().hears.closed(4404);
  time.pass(60_000);
  expect(wires.length).toBe(1);
  expect(heard.at(-1)).toEqual({ kind: "linkEnded", end: "invalid_link" });
});

test("after close nothing is told and nothing is opened", async () => {
  const { channel, wires, wire, time, heard } = listening();
  wire().welcome();
  const hand = channel.send("hand", { raised: true });
  const before = heard.length;
  channel.close();
  channel.close();
  expect(await hand).toMatchObject({ code: "lost" });
  wire().tell({ event: "hosts", present: true });
  wire().hears.closed(1006);
  time.pass(60_000);
  expect([wires.length, heard.length]).toEqual([1, before]);
});
