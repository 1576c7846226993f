// What a personal link says: the token in its path, and wishes in its query (kaleyra-video-api.md §8.2).
import { BACKGROUNDS } from "../state/background";
import type { LinkWishes } from "../state/model";

/** Longest display name that is shown; the server keeps no longer one. */
const NAME_LENGTH_MAX = 128;

/** Returns the access token at the end of a link's path, or null on a path without one such as `/call`. */
export function tokenIn(pathname: string): string | null {
  const segment = /\/(?:direct-rest-call-handler|rest-call-handler)\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (segment === undefined) return null;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Puts a link together that opens this page in another browser. The server takes it under this path whatever region it was made for. */
export function linkOf(origin: string, token: string, search: string): string {
  return `${origin}/connect/direct-rest-call-handler/${encodeURIComponent(token)}${search}`;
}

/** Reads the wishes. Where both names of one are present the long one counts; unknown ones are ignored. */
export function wishesIn(search: string): LinkWishes {
  const query = new URLSearchParams(search);
  const value = (long: string, short: string): string | null => query.get(long) ?? query.get(short);
  const flag = (long: string, short: string): boolean => ["true", "1"].includes(value(long, short)?.toLowerCase() ?? "");
  const theme = value("theme", "t");
  const background = value("virtual_background", "vb");
  const name = value("display_name", "dn")?.trim().slice(0, NAME_LENGTH_MAX) ?? "";
  return {
    microphoneOff: flag("audio_disabled", "ad"),
    cameraOff: flag("video_disabled", "vd"),
    displayName: name === "" ? null : name,
    language: value("language", "l"),
    theme: theme === "light" || theme === "dark" ? theme : null,
    backCamera: flag("mobile_back_camera", "mbc"),
    ownLarge: flag("swapped_local_camera", "slc"),
    background: BACKGROUNDS.find((known) => known === background) ?? null,
  };
}
