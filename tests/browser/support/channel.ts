import type { Page } from "@playwright/test";

interface Reply {
  readonly ok?: Record<string, unknown>;
  readonly refused?: { readonly code: string; readonly field?: string };
}

/** Somebody who speaks the protocol of the call channel themselves, without our page. */
export interface RawChannel {
  readonly ask: (command: string, members?: object) => Promise<Reply>;
  /** The events of one kind that came so far. */
  readonly heard: (event: string) => Promise<Record<string, unknown>[]>;
}

/** Connects with the access token of a link, and says hello. `page` only lends its WebSocket. */
export async function speakChannel(page: Page, base: string, link: string): Promise<RawChannel> {
  await page.goto(`${base}/-/ready`);
  const raw = await page.evaluateHandle((address) => {
    const socket = new WebSocket(address);
    const waiting = new Map<number, (reply: object) => void>();
    const events: Record<string, unknown>[] = [];
    let last = 0;
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const message = JSON.parse(data) as Record<string, unknown>;
      if (typeof message.re === "number") waiting.get(message.re)?.(message);
      else events.push(message);
    };
    const ask = (command: string, members: object): Promise<object> =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, resolve);
        socket.onclose = ({ code }) => {
          reject(new Error(`the channel was closed with ${code}`));
        };
        socket.send(JSON.stringify({ id: last, do: command, ...members }));
      });
    return new Promise<{ ask: typeof ask; events: typeof events }>((resolve) => {
      socket.onopen = () => {
        resolve({ ask, events });
      };
    });
  }, `${base.replace(/^http/, "ws")}/call/channel`);
  const ask: RawChannel["ask"] = (command, members = {}) =>
    raw.evaluate(({ ask }, [command, members]) => ask(command, members), [command, members] as const);
  await ask("hello", { access_token: new URL(link).pathname.split("/").at(-1) });
  return {
    ask,
    heard: (event) => raw.evaluate(({ events }, event) => events.filter((each) => each.event === event), event),
  };
}
