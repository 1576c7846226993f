import { isObject, parseJson, type JsonObject } from "../json";
import { Channel, type ChannelPorts } from "./channel";
import type { Hears, OpenWire } from "./wire";

// For tests: connections that a test opens, answers and breaks, and a time that it moves.

export class FakeTime {
  #now = 0;
  #due: { readonly at: number; readonly run: () => void }[] = [];

  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#now + ms, run };
    this.#due.push(timer);
    return () => {
      this.#due = this.#due.filter((each) => each !== timer);
    };
  };

  pass(ms: number): void {
    this.#now += ms;
    for (const timer of this.#due.filter(({ at }) => at <= this.#now)) {
      if (!this.#due.includes(timer)) continue;
      this.#due = this.#due.filter((each) => each !== timer);
      timer.run();
    }
  }
}

export class FakeWire {
  readonly hears: Hears;
  readonly sent: JsonObject[] = [];
  closed = false;

  constructor(hears: Hears) {
    this.hears = hears;
  }

  /** The newest that was sent. */
  get last(): JsonObject {
    return this.sent.at(-1) ?? {};
  }

  tell(value: unknown): void {
    this.hears.received(JSON.stringify(value));
  }

  /** Answers the newest command. */
  answer(ok: unknown = {}): void {
    this.tell({ re: this.last.id, ok });
  }

  refuse(code: string, field?: string): void {
    this.tell({ re: this.last.id, refused: { code, ...(field === undefined ? {} : { field }), message: "no" } });
  }

  /** Opens, and lets the page in. */
  welcome(welcome: Record<string, unknown> = {}): void {
    this.hears.opened();
    this.answer();
    this.tell({ ...WELCOME, ...welcome });
  }
}

export const WELCOME = {
  event: "welcome",
  you: "user_me",
  stage: "admitted",
  server_time: "2026-01-01T00:00:00.000Z",
  room: "room_1",
  waiting_room: true,
  hosts_present: true,
  people: [],
  chat: { messages: [], more: false },
  presented: null,
  files: [],
  boards: [],
};

/** A channel on fake connections, the newest last. */
export function fakeChannel(ports: Partial<ChannelPorts> = {}): { channel: Channel; wires: FakeWire[]; time: FakeTime; wire: () => FakeWire } {
  const time = new FakeTime();
  const wires: FakeWire[] = [];
  const open: OpenWire = (_, hears) => {
    const wire = new FakeWire(hears);
    wires.push(wire);
    return {
      send: (text) => {
        const value = parseJson(text);
        if (isObject(value)) wire.sent.push(value);
      },
      close: () => {
        wire.closed = true;
      },
    };
  };
  const channel = new Channel({
    url: "wss://clinic.example/call/channel",
    accessToken: "token",
    open,
    after: time.after,
    chance: () => 0.5,
    ...ports,
  });
  const wire = (): FakeWire => {
    const newest = wires.at(-1);
    if (newest === undefined) throw new Error("nothing was opened");
    return newest;
  };
  return { channel, wires, time, wire };
}
