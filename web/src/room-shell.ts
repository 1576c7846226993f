import { Channel, CHANNEL_PATH } from "./protocol/channel/channel";
import type { CommandName, Commands, Reply } from "./protocol/channel/commands";
import { openWebSocket, type OpenWire } from "./protocol/channel/wire";
import type { ChannelEvent } from "./state/channel";
import { freshRoom, knownMessage, NO_ROOM, stepRoom, type RoomState } from "./state/room";

/** The call channel for the view: to ask for something, and to hear what is drawn past the state, such as pointers and drawings. */
export interface ChannelPort {
  readonly send: <Name extends CommandName>(name: Name, members: Commands[Name]["members"]) => Promise<Reply<Commands[Name]["ok"]>>;
  /** Returns how to stop. */
  readonly on: (listener: (event: ChannelEvent) => void) => () => void;
}

export interface RoomBrowser {
  readonly origin: string;
  readonly now: () => number;
  readonly chance: () => number;
  readonly openWire?: OpenWire;
}

const LOST = { kind: "refused", code: "lost", field: null } as const;

/** Holds what is known of the room, and its channel, which is made anew after it has ended. */
export class RoomShell implements ChannelPort {
  readonly #browser: RoomBrowser;
  readonly #listeners = new Set<(event: ChannelEvent) => void>();
  #channel: Channel | null = null;
  #state: RoomState = NO_ROOM;

  constructor(browser: RoomBrowser) {
    this.#browser = browser;
  }

  get state(): RoomState {
    return this.#state;
  }

  /** Connects, if that was not done or has ended. */
  open(accessToken: string): void {
    if (this.#channel !== null) return;
    const { origin, now, chance, openWire = openWebSocket } = this.#browser;
    const channel = new Channel({
      url: origin.replace(/^http/, "ws") + CHANNEL_PATH,
      accessToken,
      open: openWire,
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => {
          clearTimeout(timer);
        };
      },
      chance,
      knownMessage: () => knownMessage(this.#state),
    });
    this.#channel = channel;
    channel.on((event) => {
      if (event.kind === "linkEnded") this.#channel = null;
      this.#state = stepRoom(this.#state, event, now());
      for (const listener of [...this.#listeners]) listener(event);
    });
    channel.start();
  }

  /** Connects at once if it waits to: the browser is online again. */
  hurry(): void {
    this.#channel?.hurry();
  }

  /** Time has passed. Returns whether that changed anything. */
  tick(): boolean {
    const before = this.#state;
    this.#state = freshRoom(before, this.#browser.now());
    return before !== this.#state;
  }

  readonly send: ChannelPort["send"] = (name, members) => this.#channel?.send(name, members) ?? Promise.resolve(LOST);

  readonly on: ChannelPort["on"] = (listener) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };
}
