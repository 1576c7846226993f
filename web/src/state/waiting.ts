import { backoffMs } from "./backoff";
import type { LinkAnswer } from "./model";

/** Pause between two questions to the server while waiting (contract §11). */
export const POLL_MS = 5_000;
const LONGEST_POLL_MS = 30_000;

export type WaitingState =
  | { readonly kind: "opening"; readonly failures: number }
  | { readonly kind: "waiting"; readonly failures: number }
  | { readonly kind: "stranger" }
  /** The call page shows the call, and also what comes after it. */
  | { readonly kind: "call"; readonly url: string };

export type WaitingEvent =
  | { readonly kind: "answered"; readonly answer: LinkAnswer }
  | { readonly kind: "callEnded" }
  | { readonly kind: "againWished" };

export type WaitingEffect =
  | { readonly kind: "ask" }
  | { readonly kind: "askAfter"; readonly ms: number }
  | { readonly kind: "deleteUploads" };

export interface WaitingStep {
  readonly state: WaitingState;
  readonly effects: readonly WaitingEffect[];
}

export const waitingStart: WaitingStep = { state: { kind: "opening", failures: 0 }, effects: [{ kind: "ask" }] };

/** Decides what the waiting page shows and does next. Events that do not concern a state change nothing. */
export function stepWaiting(state: WaitingState, event: WaitingEvent): WaitingStep {
  switch (event.kind) {
    case "answered":
      return state.kind === "opening" || state.kind === "waiting" ? answered(state, event.answer) : { state, effects: [] };
    case "callEnded":
      return { state, effects: state.kind === "call" ? [{ kind: "deleteUploads" }] : [] };
    case "againWished":
      return state.kind === "stranger" ? waitingStart : { state, effects: [] };
  }
}

function answered(state: { kind: "opening" | "waiting"; failures: number }, answer: LinkAnswer): WaitingStep {
  switch (answer.kind) {
    case "link":
      return { state: { kind: "call", url: answer.url }, effects: [] };
    case "pending":
      return { state: { kind: "waiting", failures: 0 }, effects: [{ kind: "askAfter", ms: POLL_MS }] };
    case "stranger":
      return { state: { kind: "stranger" }, effects: [] };
    case "trouble": {
      const ms = Math.min(LONGEST_POLL_MS, POLL_MS + backoffMs(state.failures) * 2);
      return { state: { kind: state.kind, failures: state.failures + 1 }, effects: [{ kind: "askAfter", ms }] };
    }
  }
}
