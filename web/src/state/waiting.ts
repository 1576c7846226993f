import { backoffMs } from "./backoff";
import type { LinkAnswer } from "./model";

/** Pause between two questions to the server while waiting (contract §11). */
export const POLL_MS = 5_000;
const LONGEST_POLL_MS = 30_000;

export type WaitingState =
  /** `refused`: the link that does not open the call any more, so that another one is wanted. */
  | { readonly kind: "opening"; readonly failures: number; readonly refused: string | null }
  | { readonly kind: "waiting"; readonly failures: number }
  | { readonly kind: "stranger" }
  /** The call page shows the call, and also what comes after it. */
  | { readonly kind: "call"; readonly url: string; readonly refused: boolean };

export type WaitingEvent =
  | { readonly kind: "answered"; readonly answer: LinkAnswer }
  | { readonly kind: "callEnded" }
  /** The link was taken back or replaced. */
  | { readonly kind: "linkRefused" }
  | { readonly kind: "againWished" };

export type WaitingEffect =
  | { readonly kind: "ask" }
  | { readonly kind: "askAfter"; readonly ms: number }
  | { readonly kind: "deleteUploads" };

export interface WaitingStep {
  readonly state: WaitingState;
  readonly effects: readonly WaitingEffect[];
}

export const waitingStart: WaitingStep = { state: { kind: "opening", failures: 0, refused: null }, effects: [{ kind: "ask" }] };

/** Decides what the waiting page shows and does next. Events that do not concern a state change nothing. */
export function stepWaiting(state: WaitingState, event: WaitingEvent): WaitingStep {
  switch (event.kind) {
    case "answered":
      return state.kind === "opening" || state.kind === "waiting" ? answered(state, event.answer) : { state, effects: [] };
    case "callEnded":
      return { state, effects: state.kind === "call" ? [{ kind: "deleteUploads" }] : [] };
    case "linkRefused":
      // Asked once: if there is no newer link, the call page says what to do.
      if (state.kind !== "call" || state.refused) return { state, effects: [] };
      return { state: { kind: "opening", failures: 0, refused: state.url }, effects: [{ kind: "ask" }] };
    case "againWished":
      return state.kind === "stranger" ? waitingStart : { state, effects: [] };
  }
}

function answered(state: Extract<WaitingState, { kind: "opening" | "waiting" }>, answer: LinkAnswer): WaitingStep {
  switch (answer.kind) {
    case "link":
      return { state: { kind: "call", url: answer.url, refused: state.kind === "opening" && state.refused === answer.url }, effects: [] };
    case "pending":
      return { state: { kind: "waiting", failures: 0 }, effects: [{ kind: "askAfter", ms: POLL_MS }] };
    case "stranger":
      return { state: { kind: "stranger" }, effects: [] };
    case "trouble": {
      const ms = Math.min(LONGEST_POLL_MS, POLL_MS + backoffMs(state.failures) * 2);
      return { state: { ...state, failures: state.failures + 1 }, effects: [{ kind: "askAfter", ms }] };
    }
  }
}
