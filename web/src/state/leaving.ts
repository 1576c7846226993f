import type { EndReason, Farewell, LeaveReason } from "./model";

/**
 * How the person comes from the end of the call to the company's own page. `offered`: there is a link, and nothing happens by itself;
 * `counting`: it is followed at `due`; `stopped`: the person wants to stay; `gone`: it was followed.
 */
export type Leaving = { readonly kind: "none" | "offered" | "stopped" | "gone" } | { readonly kind: "counting"; readonly due: number };

/**
 * What somebody is given at least before the page goes on by itself: it says so, and they can stop it (WCAG 2.2, success criterion 2.2.1).
 * The company's own time counts where it is longer.
 */
export const FAREWELL_MS_MIN = 20_000;

/** Whether the consultation is over for everybody, so that nobody can want to go back in. */
function isOver(reason: LeaveReason): boolean {
  return reason === "time_up" || reason === "closed";
}

/** How it begins when the call is over for somebody. Whoever may still go back in is asked for a rating first. */
export function leavingAfter(reason: EndReason, farewell: Farewell | null, now: number): Leaving {
  if (farewell === null) return { kind: "none" };
  return isOver(reason) ? counting(farewell, now) : { kind: "offered" };
}

/** The person is rating: nobody is taken away from that. */
export function leavingWhileRating(leaving: Leaving): Leaving {
  return leaving.kind === "counting" ? { kind: "offered" } : leaving;
}

/** The person has rated, and has nothing more to do here. */
export function leavingRated(leaving: Leaving, farewell: Farewell | null, now: number): Leaving {
  return leaving.kind === "offered" && farewell !== null ? counting(farewell, now) : leaving;
}

/** Whole seconds until the page goes on by itself. */
export function secondsLeft(due: number, now: number): number {
  return Math.max(0, Math.ceil((due - now) / 1000));
}

function counting(farewell: Farewell, now: number): Leaving {
  return { kind: "counting", due: now + Math.max(farewell.waitMs, FAREWELL_MS_MIN) };
}
