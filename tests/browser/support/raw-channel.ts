import type { Page } from "@playwright/test";

import type { Program } from "./program.ts";

type Json = Record<string, unknown>;

declare global {
  interface Window {
    rawChannel: { socket: WebSocket; replies: Json[]; events: Json[]; closed: number | null };
  }
}

/** Speaks the protocol of the call channel directly, as a changed client would. */
export class RawChannel {
  readonly #page: Page;
  #id = 1;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Connects and says hello with the token of a link. */
  static async open(page: Page, program: Program, link: string): Promise<RawChannel> {
    // A page of the same origin that does nothing by itself.
    await page.goto(`${program.url}/-/ready`);
    await page.evaluate(() => {
      const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/call/channel`);
      window.rawChannel = { socket, replies: [], events: [], closed: null };
      socket.onmessage = ({ data }) => {
        const value: Json = JSON.parse(data);
        (value.re === undefined ? window.rawChannel.events : window.rawChannel.replies).push(value);
      };
      socket.onclose = ({ code }) => (window.rawChannel.closed = code);
      return new Promise((resolve) => (socket.onopen = resolve));
    });
    const channel = new RawChannel(page);
    await channel.ask("hello", { access_token: tokenOf(link) });
    return channel;
  }

  /** Asks for something. Returns `{ ok }` or `{ refused }`. */
  async ask(command: string, members: Json = {}): Promise<{ ok?: Json; refused?: Json }> {
    const id = this.#id++;
    await this.#page.evaluate((frame) => window.rawChannel.socket.send(frame), JSON.stringify({ id, do: command, ...members }));
    const handle = await this.#page.waitForFunction((re) => window.rawChannel.replies.find((reply) => reply.re === re), id);
    return (await handle.jsonValue()) as { ok?: Json; refused?: Json };
  }

  /** The code of the refusal, or null where it was done. */
  async refusal(command: string, members: Json = {}): Promise<unknown> {
    return (await this.ask(command, members)).refused?.code ?? null;
  }

  /** All events of one name so far. */
  async events(name: string): Promise<Json[]> {
    return this.#page.evaluate((wanted) => window.rawChannel.events.filter((event) => event.event === wanted), name);
  }
}

/** The token is the last segment of a link. */
export function tokenOf(link: string): string {
  return decodeURIComponent(new URL(link).pathname.split("/").at(-1) ?? "");
}
