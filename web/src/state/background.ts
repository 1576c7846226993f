// What is behind the person in their own picture, and what of that picture others may see at any moment.

/** What somebody asks for. `image`: the company's, where it has one. */
export type Background = "none" | "blur" | "image";

export const BACKGROUNDS: readonly Background[] = ["none", "blur", "image"];

/**
 * How far that is. `slow`: this device cannot tell the person from the room in time; `failed`: what does it did not load or stopped. Neither
 * takes the wish back.
 */
export type BackgroundPhase = "off" | "loading" | "on" | "slow" | "failed";

/** How long the pictures took that are judged together. */
export interface Pace {
  readonly frames: number;
  readonly ms: number;
}

export interface Backdrop {
  readonly wish: Background;
  readonly phase: BackgroundPhase;
  readonly pace: Pace;
}

export type BackdropEvent =
  | { readonly kind: "wished"; readonly wish: Background }
  | { readonly kind: "retried" }
  /** Whatever the wish needs is loaded. */
  | { readonly kind: "ready" }
  | { readonly kind: "failed" }
  /** A picture was finished, so long after it was taken. */
  | { readonly kind: "framed"; readonly ms: number }
  /** No picture was finished for so long that nobody need count. */
  | { readonly kind: "stalled" };

/** What leaves the device: the camera's picture, that picture blurred as a whole, or the person before something else. */
export type Shown = "plain" | "veiled" | "cut";

/** The first pictures wait for what has just been loaded. */
const WARMING_FRAMES = 10;
/** So many pictures are judged together: a busy moment is nothing. */
const JUDGED_FRAMES = 50;
/** What takes longer leaves less than ten pictures a second, and the device hot. */
const FRAME_MOST_MS = 100;
/** A device that slept in the middle of a picture is not slow. */
const FRAME_COUNTED_MS = 1_000;

const NO_PACE: Pace = { frames: 0, ms: 0 };

export const NO_BACKDROP: Backdrop = { wish: "none", phase: "off", pace: NO_PACE };

/**
 * Decides what becomes of the background. Only the person's own wish for none ends with a plain picture: neither time, nor a failure, nor
 * a device that is too slow does.
 */
export function stepBackdrop(backdrop: Backdrop, event: BackdropEvent): Backdrop {
  const to = (phase: BackgroundPhase): Backdrop => ({ ...backdrop, phase, pace: NO_PACE });
  switch (event.kind) {
    case "wished":
      if (event.wish === "none") return NO_BACKDROP;
      return event.wish === backdrop.wish ? backdrop : { wish: event.wish, phase: "loading", pace: NO_PACE };
    case "retried":
      return backdrop.phase === "slow" || backdrop.phase === "failed" ? to("loading") : backdrop;
    case "ready":
      return backdrop.phase === "loading" ? to("on") : backdrop;
    case "failed":
      return backdrop.phase === "loading" || backdrop.phase === "on" ? to("failed") : backdrop;
    case "framed": {
      if (backdrop.phase !== "on") return backdrop;
      const { pace, slow } = stepPace(backdrop.pace, event.ms);
      return slow ? to("slow") : { ...backdrop, pace };
    }
    case "stalled":
      return backdrop.phase === "on" ? to("slow") : backdrop;
  }
}

export function shownOf({ wish, phase }: Backdrop): Shown {
  if (wish === "none") return "plain";
  return phase === "on" ? "cut" : "veiled";
}

function stepPace(pace: Pace, ms: number): { readonly pace: Pace; readonly slow: boolean } {
  const frames = pace.frames + 1;
  if (frames <= WARMING_FRAMES) return { pace: { frames, ms: 0 }, slow: false };
  const sum = pace.ms + Math.min(ms, FRAME_COUNTED_MS);
  if (frames < WARMING_FRAMES + JUDGED_FRAMES) return { pace: { frames, ms: sum }, slow: false };
  return { pace: { frames: WARMING_FRAMES, ms: 0 }, slow: sum / JUDGED_FRAMES > FRAME_MOST_MS };
}

/** The background as the page knows it. */
export interface OwnBackground {
  readonly wish: Background;
  readonly phase: BackgroundPhase;
  /** The company's image; null: there is none. */
  readonly image: string | null;
  /** This browser can do it. */
  readonly possible: boolean;
}

export const NO_BACKGROUND: OwnBackground = { wish: "none", phase: "off", image: null, possible: false };

/** What is done about the wish: who wants the company's image where there is none wants their room hidden all the same. */
export function effective({ wish, image, possible }: OwnBackground): Background {
  if (!possible) return "none";
  return wish === "image" && image === null ? "blur" : wish;
}

export type BackgroundEvent =
  | { readonly kind: "backgroundWished"; readonly wish: Background }
  | { readonly kind: "backgroundRetried" }
  | { readonly kind: "backgroundTold"; readonly phase: BackgroundPhase };

export type BackgroundEffect =
  | { readonly kind: "background"; readonly background: OwnBackground }
  | { readonly kind: "keepBackground"; readonly wish: Background }
  | { readonly kind: "retryBackground" };

export function isBackgroundEvent(event: { readonly kind: string }): event is BackgroundEvent {
  return event.kind === "backgroundWished" || event.kind === "backgroundRetried" || event.kind === "backgroundTold";
}

/** The part of a step that is about the background; the same wherever the person is. */
export function stepBackground(own: OwnBackground, event: BackgroundEvent): { readonly background: OwnBackground; readonly effects: readonly BackgroundEffect[] } {
  switch (event.kind) {
    case "backgroundWished": {
      const background: OwnBackground = { ...own, wish: event.wish };
      return { background, effects: [{ kind: "background", background }, { kind: "keepBackground", wish: event.wish }] };
    }
    case "backgroundRetried":
      return { background: own, effects: [{ kind: "retryBackground" }] };
    case "backgroundTold":
      return { background: { ...own, phase: event.phase }, effects: [] };
  }
}
