// What is being said, in writing. Nothing of it is kept.

/** A caption that says nothing new for this long goes. Long enough to be read by somebody who looks at the picture too. */
const SHOWN_MS = 8_000;
/** More lines than this cover the picture. */
const LINES_MAX = 3;
/** As much as the channel takes (docs/call-channel.md). */
export const CAPTION_LENGTH_MAX = 500;

export interface Caption {
  readonly id: number;
  readonly from: string;
  readonly text: string;
  /** Said to the end: it does not change any more. */
  readonly final: boolean;
  readonly until: number;
}

/** Takes in what somebody is saying: it replaces what the same person had begun to say. */
export function withCaption(captions: readonly Caption[], said: Pick<Caption, "from" | "text" | "final">, now: number): readonly Caption[] {
  const text = said.text.trim().slice(0, CAPTION_LENGTH_MAX);
  const open = captions.find(({ from, final }) => from === said.from && !final);
  const others = captions.filter((caption) => caption !== open);
  if (text === "") return others;
  const id = open?.id ?? Math.max(0, ...captions.map((caption) => caption.id)) + 1;
  return [...others, { id, from: said.from, text, final: said.final, until: now + SHOWN_MS }].slice(-LINES_MAX);
}

export function freshCaptions(captions: readonly Caption[], now: number): readonly Caption[] {
  return captions.every(({ until }) => until > now) ? captions : captions.filter(({ until }) => until > now);
}

/** All that the page knows of captions. */
export interface Captions {
  readonly lines: readonly Caption[];
  /** Whether what the person says can be written down on this device. */
  readonly possible: boolean;
  /** It is written down, and sent to the others. */
  readonly writing: boolean;
  readonly shown: boolean;
  /** A screen reader reads them too. Off at first: it would talk over the voices. */
  readonly spoken: boolean;
}

export const NO_CAPTIONS: Captions = { lines: [], possible: false, writing: false, shown: true, spoken: false };
