import type { Fetch } from "../http";
import { isObject, parseJson, textIn } from "../json";
import { authorization, BASE } from "./api";

/** Longer than the server is ever silent: it says something every 15 s. */
const SILENCE_MAX_MS = 45_000;

/** The longest event that is waited for, in characters; ours have a hundred. */
const EVENT_MAX = 65_536;

export interface ServerEvent {
  readonly name: string;
  readonly id: string | null;
  readonly data: string;
}

/** Reads server-sent events (WHATWG HTML §9.2.6) from text as it comes; returns those that are whole, and the rest of the text. */
export function parseEvents(text: string): { readonly events: readonly ServerEvent[]; readonly rest: string } {
  const blocks = text.replace(/\r\n?/g, "\n").split("\n\n");
  const rest = blocks.pop() ?? "";
  const events = blocks.flatMap((block) => {
    let [name, id]: [string, string | null] = ["message", null];
    const data: string[] = [];
    for (const line of block.split("\n")) {
      const [field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line)?.slice(1) ?? [];
      if (field === "event") name = value ?? "";
      else if (field === "id") id = value ?? "";
      else if (field === "data") data.push(value ?? "");
    }
    return data.length === 0 ? [] : [{ name, id, data: data.join("\n") }];
  });
  return { events, rest };
}

export type Told = "ready" | "reload" | { readonly id: string; readonly cancelled: boolean };

/** Null for an event that the desk does not know. */
export function toldIn(event: ServerEvent): Told | null {
  if (event.name === "ready" || event.name === "reload") return event.name;
  if (event.name !== "teleconsultation") return null;
  const data = parseJson(event.data);
  const id = textIn(isObject(data) ? data : null, "roomId");
  return id === null || !isObject(data) ? null : { id, cancelled: data.what === "cancelled" };
}

/**
 * Listens to what changes. It cannot be the browser's own `EventSource`, which sends no key. One at a time: listening again, or stopping,
 * ends what was before.
 */
export class DeskWatch {
  readonly #fetch: Fetch;
  #running: AbortController | null = null;
  /** The last event of this page's life, after which the server goes on. */
  #last: string | null = null;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
  }

  /** Tells what changes until the connection ends; `lost` is told once, unless it was stopped. */
  async watch(key: string, told: (what: Told) => void, lost: (locked: boolean) => void): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    const stopped = (): boolean => running.signal.aborted && this.#running !== running;
    let silence = setTimeout(() => { running.abort(); }, SILENCE_MAX_MS);
    let locked = false;
    try {
      const headers = { accept: "text/event-stream", ...authorization(key), ...(this.#last === null ? {} : { "last-event-id": this.#last }) };
      const response = await this.#fetch(`${BASE}/teleconsultations/events`, { headers, cache: "no-store", signal: running.signal });
      locked = response.status === 401;
      const reader = response.ok ? response.body?.getReader() : undefined;
      const decoder = new TextDecoder();
      let text = "";
      while (reader !== undefined) {
        const { done, value } = await reader.read();
        if (done || stopped()) break;
        clearTimeout(silence);
        silence = setTimeout(() => { running.abort(); }, SILENCE_MAX_MS);
        const { events, rest } = parseEvents(text + decoder.decode(value, { stream: true }));
        if (rest.length > EVENT_MAX) break;
        text = rest;
        for (const event of events) {
          this.#last = event.id ?? this.#last;
          const what = toldIn(event);
          if (what !== null) told(what);
        }
      }
      running.abort();
    } catch {
      // The connection broke, or was ended here: either way it is over.
    } finally {
      clearTimeout(silence);
    }
    if (this.#running === running) {
      this.#running = null;
      lost(locked);
    }
  }
}
