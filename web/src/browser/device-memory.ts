import { BACKGROUNDS, type Background } from "../state/background";

// What a person chose on this device, for all their calls to come. Nothing in it says who they are.

const BACKGROUND = "teleconsultation.background";

/** The background that was chosen here last; null: none was ever chosen. */
export function keptBackground(): Background | null {
  try {
    const kept = localStorage.getItem(BACKGROUND);
    return BACKGROUNDS.find((known) => known === kept) ?? null;
  } catch {
    // Storage is refused to a private window's frame of another origin.
    return null;
  }
}

export function keepBackground(background: Background): void {
  try {
    localStorage.setItem(BACKGROUND, background);
  } catch {
    // As above: then it is chosen anew each time.
  }
}
