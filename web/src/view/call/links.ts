/** A part of a message: words, or an address to go to. */
export interface TextPart {
  readonly text: string;
  readonly href: string | null;
}

/** An address ends where white space, quotes, brackets or invisible characters begin. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"'`{}|\\^[\]\p{Cc}\p{Cf}]+/giu;
/** What stands after an address belongs to the sentence. */
const SENTENCE_END = /[.,;:!?)»”’…]+$/u;
/** More than this many in one message is not meant to be read. */
const LINKS_MAX = 50;

/** Finds the web addresses in a text. Nothing but http and https becomes a link, and what is shown is where it leads. */
export function partsOf(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  let links = 0;
  for (const match of text.matchAll(ADDRESS)) {
    if (links === LINKS_MAX) break;
    const written = withoutSentenceEnd(match[0]);
    const href = addressOf(written);
    if (href === null) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null });
    parts.push({ text: written, href });
    end = match.index + written.length;
    links += 1;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null });
  return parts;
}

function withoutSentenceEnd(address: string): string {
  const bare = address.replace(SENTENCE_END, "");
  // As in https://en.wikipedia.org/wiki/Cornea_(disambiguation).
  return bare.includes("(") && !bare.includes(")") && address.startsWith(`${bare})`) ? `${bare})` : bare;
}

function addressOf(text: string): string | null {
  try {
    const url = new URL(text);
    // A name before the host makes an address look like another's.
    return (url.protocol === "http:" || url.protocol === "https:") && url.username === "" && url.password === "" ? url.href : null;
  } catch {
    return null;
  }
}
