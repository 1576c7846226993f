import { parseJson } from "./json";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** An answer is waited for this long; a slow phone network needs a few seconds, a person gives up soon after. */
export const TIMEOUT_MS = 15_000;

export interface Answer {
  readonly status: number;
  /** Undefined when the body is not JSON. */
  readonly body: unknown;
  /** The server's clock, in milliseconds since the epoch, if it told. */
  readonly date: number | null;
}

/** Sends one request to the page's own origin. Returns null if no whole answer came. */
export async function ask(fetch: Fetch, method: "GET" | "POST" | "DELETE", url: string, body?: unknown): Promise<Answer | null> {
  try {
    const response = await fetch(url, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: body === undefined ? { accept: "application/json" } : { accept: "application/json", "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const date = Date.parse(response.headers.get("date") ?? "");
    return { status: response.status, body: parseJson(await response.text()), date: Number.isNaN(date) ? null : date };
  } catch {
    // fetch rejects for the network, the timeout and a broken body alike: to the caller there is no answer.
    return null;
  }
}
