import { expect, test } from "vitest";
import type { DrawnElement } from "../../state/board-element";
import { BoardSession, type BoardView } from "./session";
import type { BoardWire, DrawReply, OpenReply, Place } from "./wire";

/** Time that passes when it is told to. */
class FakeTime {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  };

  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settled();
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = until;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Fake {
  readonly session: BoardSession;
  readonly time: FakeTime;
  readonly said: string[];
  readonly shown: string[];
  readonly drawn: (readonly DrawnElement[])[];
  open: OpenReply;
  draw: DrawReply;
}

function fake(): Fake {
  const [time, said, shown, drawn]: [FakeTime, string[], string[], (readonly DrawnElement[])[]] = [new FakeTime(), [], [], []];
  const place = (at: Place | null): string => (at === null ? "gone" : `${at.x},${at.y}`);
  const wire: BoardWire = {
    open: (board) => {
      said.push(`open ${board}`);
      return Promise.resolve(all.open);
    },
    draw: (_board, elements) => {
      drawn.push(elements);
      const kept = elements.map(({ id }) => id);
      return Promise.resolve(all.draw.kind === "answered" && all.draw.refused.length === 0 ? { ...all.draw, kept } : all.draw);
    },
    cursor: (_board, at) => {
      said.push(place(at));
    },
    clear: () => Promise.resolve(true),
  };
  const view: BoardView = {
    show: (elements, gone) => {
      shown.push([...elements.map(({ id, version, link }) => `${id}/${version}${link === null ? "" : " link"}`), ...gone.map((id) => `-${id}`)].join(" "));
    },
    refused: (codes) => {
      shown.push(`refused ${codes.join(" ")}`);
    },
    cursorsChanged: (cursors) => {
      shown.push(`cursors ${[...cursors].map(([user, at]) => `${user} ${place(at)}`).join(" ")}`);
    },
  };
  const session = new BoardSession("board", wire, time.after, (link) => shown.push(link));
  session.attach(view);
  const all: Fake = {
    session,
    time,
    said,
    shown,
    drawn,
    open: { kind: "opened", elements: [] },
    draw: { kind: "answered", kept: [], refused: [], elements: [] },
  };
  return all;
}

const rectangle = (id: string, version: number, more: Record<string, unknown> = {}): Record<string, unknown> & Pick<DrawnElement, "id" | "version" | "versionNonce"> => ({
  type: "rectangle",
  id,
  version,
  versionNonce: 1,
  x: 0,
  y: 0,
  width: 1,
  height: 1,
  link: null,
  ...more,
});

test("a board is opened once there is a connection, and again when it is back", async () => {
  const { session, time, said, shown } = fake();
  expect(said).toEqual([]);
  session.linked();
  await time.pass(0);
  session.unlinked();
  session.linked();
  await time.pass(0);
  expect(said).toEqual(["open board", "open board"]);
  expect(shown.filter((line) => !line.startsWith("cursors"))).toEqual(["opening", "open", "closed", "opening", "open"]);
});

test("of what the drawing tells again and again, only what has changed is sent", async () => {
  const { session, time, drawn } = fake();
  session.linked();
  await time.pass(0);
  for (let times = 0; times < 5; times += 1) session.changed([rectangle("a", 1), rectangle("b", 1)]);
  await time.pass(1000);
  session.changed([rectangle("a", 1), rectangle("b", 2)]);
  await time.pass(1000);
  expect(drawn.map((elements) => elements.map(({ id, version }) => `${id}/${version}`))).toEqual([["a/1", "b/1"], ["b/2"]]);
});

test("a link that somebody puts on their own element is taken off before anybody gets it", async () => {
  const { session, time, drawn, shown } = fake();
  session.linked();
  await time.pass(0);
  session.changed([rectangle("a", 1, { link: "https://example.org" })]);
  await time.pass(1000);
  expect(drawn[0]?.[0]?.link).toBeNull();
  expect(shown.at(-1)).toBe("a/1");
});

test("hostile elements of others are not shown", async () => {
  const { session, time, shown } = fake();
  session.linked();
  await time.pass(0);
  session.drawn([rectangle("a", 1, { type: "iframe" }), rectangle("b", 1, { link: "javascript:alert(1)" }), null, rectangle("c", 1, { x: "0" })]);
  expect(shown.at(-1)).toBe("b/1");
});

test("what is refused is put back, and why is told", async () => {
  const all = fake();
  all.session.linked();
  await all.time.pass(0);
  all.draw = { kind: "answered", kept: [], refused: [{ id: "a", code: "not_allowed" }], elements: [] };
  all.session.changed([rectangle("a", 1)]);
  await all.time.pass(100);
  expect(all.shown.slice(-2)).toEqual(["-a", "refused not_allowed"]);
});

test("the own pointer is told a few times a second, and last where it is", async () => {
  const { session, time, said } = fake();
  session.linked();
  await time.pass(0);
  for (let x = 0; x < 10; x += 1) session.point({ x, y: 0 });
  await time.pass(70);
  session.point({ x: 10, y: 0 });
  await time.pass(100);
  session.point(null);
  session.point(null);
  await time.pass(1000);
  expect(said.slice(1)).toEqual(["0,0", "10,0", "gone"]);
});

test("a pointer that was put somewhere is taken away, unless it has moved on", async () => {
  const { session, time, said } = fake();
  session.linked();
  await time.pass(0);
  const [first, second] = [{ x: 1, y: 1 }, { x: 2, y: 2 }];
  session.point(first);
  session.unpoint(first);
  await time.pass(100);
  session.point(second);
  session.unpoint(first);
  await time.pass(100);
  expect(said.slice(1)).toEqual(["1,1", "gone", "2,2"]);
});

test("pointers of others come and go, and are gone with the connection", async () => {
  const { session, time, shown } = fake();
  session.linked();
  await time.pass(0);
  session.cursorMoved("ada", { x: 1, y: 2 });
  session.cursorMoved("luca", { x: 3, y: 4 });
  session.cursorMoved("ada", null);
  session.unlinked();
  expect(shown.filter((line) => line.startsWith("cursors"))).toEqual(["cursors ada 1,2", "cursors ada 1,2 luca 3,4", "cursors luca 3,4", "cursors "]);
});

test("a board goes on without a drawing, and whoever opens it again sees all of it", async () => {
  const { session, time, drawn } = fake();
  session.linked();
  await time.pass(0);
  session.changed([rectangle("a", 1)]);
  session.attach({ show: () => undefined, refused: () => undefined, cursorsChanged: () => undefined })();
  session.drawn([rectangle("b", 1)]);
  await time.pass(1000);
  expect(drawn).toHaveLength(1);
  expect(session.elements().map(({ id }) => id).sort()).toEqual(["a", "b"]);
  session.close();
  session.changed([rectangle("a", 2)]);
  await time.pass(1000);
  expect(drawn).toHaveLength(1);
});
