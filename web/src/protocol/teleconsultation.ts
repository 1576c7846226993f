import type { LinkAnswer } from "../state/model";
import { ask, type Fetch } from "./http";
import { isObject } from "./json";

const BASE = "/api/v1/telecons-be/teleconsultation";

/** Returns the id at the end of the page's path as it is written there, still percent-encoded; null if there is none. */
export function teleconsultationIn(pathname: string): string | null {
  return /\/teleconsultation\/([^/]+)\/?$/.exec(pathname)?.[1] ?? null;
}

/** Asks for the person's link (contract §6.4). `id` is percent-encoded. */
export async function fetchLink(fetch: Fetch, id: string, origin: string): Promise<LinkAnswer> {
  const answer = await ask(fetch, "GET", `${BASE}/${id}`);
  if (answer === null) return { kind: "trouble" };
  // 400 and 403 are as final as 401 and 404: asking again brings the same answer.
  if ([400, 401, 403, 404].includes(answer.status)) return { kind: "stranger" };
  if (answer.status !== 200 || !isObject(answer.body)) return { kind: "trouble" };
  const link = answer.body.accessLinkURL;
  if (link === null || link === undefined) return { kind: "pending" };
  return typeof link === "string" && isWebAddress(link, origin) ? { kind: "link", url: link } : { kind: "trouble" };
}

/** Deletes the files that were exchanged in the call. It is tidying: the server does it too, so failure is ignored. */
export async function deleteUploads(fetch: Fetch, id: string): Promise<void> {
  await ask(fetch, "DELETE", `${BASE}/${id}/uploads`);
}

/** Adds the language that the call page should speak, unless the link already names one. */
export function withLanguage(link: string, language: string, origin: string): string {
  const url = new URL(link, origin);
  if (!url.searchParams.has("language") && !url.searchParams.has("l")) url.searchParams.append("language", language);
  return url.href;
}

function isWebAddress(link: string, origin: string): boolean {
  // `URL.canParse` is too new for some of the browsers that the pages are built for.
  try {
    return ["http:", "https:"].includes(new URL(link, origin).protocol);
  } catch {
    return false;
  }
}
