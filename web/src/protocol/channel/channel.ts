import { backoffMs, jittered } from "../../state/backoff";
import type { ChannelEnd, ChannelEvent } from "../../state/channel";
import { amountIn, isObject, objectIn, parseJson, textIn, type JsonObject } from "../json";
import { commandText, READ_OK, type CommandName, type Commands, type RefusalCode, type Reply } from "./commands";
import { oneOf, parseEvent } from "./parse";
import type { OpenWire, Wire } from "./wire";

/** Where the channel is, on the page's own origin. */
export const CHANNEL_PATH = "/call/channel";
/** An answer is waited for this long. After that the connection counts as dead, for instance after a change of network. */
export const REPLY_MS = 15_000;
/** From the beginning of a connection to the welcome, also over a phone's slow network. */
export const WELCOME_MS = 20_000;
/** The pause after the server closed because the page was too slow or too fast. */
const OVERLOADED_MS = 5_000;

const CODES: readonly RefusalCode[] = ["invalid", "not_allowed", "wrong_stage", "unknown", "too_many", "unavailable"];

/** Close codes after which connecting again would bring the same. */
const ENDS: Readonly<Record<number, ChannelEnd>> = { 4404: "invalid_link", 4409: "replaced", 4410: "room_closed" };
const OVERLOADED = 4429;

export interface ChannelPorts {
  /** A WebSocket address. */
  readonly url: string;
  readonly accessToken: string;
  readonly open: OpenWire;
  /** Runs something later. Returns how to call it off. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** In [0, 1). */
  readonly chance: () => number;
}

interface Pending {
  readonly answer: (value: JsonObject | null) => void;
  readonly forget: () => void;
}

/**
 * The call channel: connects, says hello, comes back by itself with growing pauses, and is done after `close` or an end that connecting
 * again would not change. Knows no page and keeps nothing of the room.
 */
export class Channel {
  readonly #ports: ChannelPorts;
  readonly #listeners = new Set<(event: ChannelEvent) => void>();
  readonly #pending = new Map<number, Pending>();
  #state: "new" | "connecting" | "greeting" | "open" | "pausing" | "closed" = "new";
  #wire: Wire | null = null;
  #lastId = 0;
  #failures = 0;
  #wake: () => void = () => undefined;
  #welcomeLate: () => void = () => undefined;

  constructor(ports: ChannelPorts) {
    this.#ports = ports;
  }

  /** Tells of all that happens. Returns how to stop. */
  on(listener: (event: ChannelEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Connects. Does nothing the second time. */
  start(): void {
    if (this.#state === "new") this.#connect();
  }

  /** Connects at once in place of waiting, for instance when the browser says that it is online again. */
  hurry(): void {
    if (this.#state !== "pausing") return;
    this.#wake();
    this.#connect();
  }

  /**
   * Asks for something. It never rejects: without a connection, or when it breaks before the answer, the reply is a refusal with the
   * code `lost`. Nothing is sent again by itself.
   */
  send<Name extends CommandName>(name: Name, members: Commands[Name]["members"]): Promise<Reply<Commands[Name]["ok"]>> {
    return new Promise((resolve) => {
      if (this.#state !== "open") {
        resolve(LOST);
        return;
      }
      this.#ask(name, { ...members }, (value) => {
        resolve(value === null ? LOST : replyOf(value, READ_OK[name]));
      });
    });
  }

  /** Ends it for good. Nothing is told after that. Safe at any time, and twice. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#wake();
    this.#welcomeLate();
    this.#wire?.close();
    this.#dropPending();
    this.#listeners.clear();
  }

  #connect(): void {
    this.#state = "connecting";
    this.#tell({ kind: "linkChanged", link: "connecting" });
    const wire = this.#ports.open(this.#ports.url, {
      opened: () => {
        if (wire === this.#wire) this.#greet();
      },
      received: (text) => {
        if (wire === this.#wire) this.#received(text);
      },
      closed: (code) => {
        if (wire === this.#wire) this.#broken(code);
      },
    });
    this.#wire = wire;
    this.#welcomeLate();
    this.#welcomeLate = this.#ports.after(WELCOME_MS, () => {
      if (this.#state === "connecting" || this.#state === "greeting") this.#giveUp();
    });
  }

  #greet(): void {
    this.#state = "greeting";
    // What counts is what follows: the welcome, or the close that says why there is none.
    this.#ask("hello", { accessToken: this.#ports.accessToken }, () => undefined);
  }

  #giveUp(): void {
    this.#wire?.close();
    this.#broken(1006);
  }

  #ask(name: string, members: Readonly<Record<string, unknown>>, answer: Pending["answer"]): void {
    this.#lastId += 1;
    const id = this.#lastId;
    const forget = this.#ports.after(REPLY_MS, () => {
      this.#giveUp();
    });
    this.#pending.set(id, { answer, forget });
    this.#wire?.send(commandText(id, name, members));
  }

  #received(text: string): void {
    const value = parseJson(text);
    if (!isObject(value)) return;
    const re = amountIn(value, "re");
    if (re !== null) {
      const pending = this.#pending.get(re);
      this.#pending.delete(re);
      pending?.forget();
      pending?.answer(value);
      return;
    }
    const event = parseEvent(value);
    if (event === null) return;
    if (event.kind === "welcome") {
      this.#failures = 0;
      this.#welcomeLate();
      if (this.#state === "greeting") {
        this.#state = "open";
        this.#tell({ kind: "linkChanged", link: "open" });
      }
    }
    this.#tell(event);
  }

  #broken(code: number): void {
    if (this.#state === "closed") return;
    this.#wire = null;
    this.#welcomeLate();
    const end = ENDS[code];
    if (end !== undefined) {
      this.#state = "closed";
      this.#dropPending();
      this.#tell({ kind: "linkEnded", end });
      return;
    }
    this.#state = "pausing";
    this.#dropPending();
    const pause = Math.max(code === OVERLOADED ? OVERLOADED_MS : 0, backoffMs(this.#failures));
    this.#failures += 1;
    this.#wake = this.#ports.after(jittered(pause, this.#ports.chance()), () => {
      if (this.#state === "pausing") this.#connect();
    });
    this.#tell({ kind: "linkChanged", link: "broken" });
  }

  #dropPending(): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const { answer, forget } of all) {
      forget();
      answer(null);
    }
  }

  #tell(event: ChannelEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

const LOST: { readonly kind: "refused"; readonly code: RefusalCode; readonly field: null } = { kind: "refused", code: "lost", field: null };

function replyOf<Ok>(value: JsonObject, read: (ok: JsonObject) => Ok | null): Reply<Ok> {
  const ok = objectIn(value, "ok");
  const answer = ok === null ? null : read(ok);
  if (answer !== null) return { kind: "ok", ok: answer };
  const refused = objectIn(value, "refused");
  return { kind: "refused", code: oneOf(CODES, refused?.code) ?? "unavailable", field: textIn(refused, "field") };
}
