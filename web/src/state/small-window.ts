// The small window that stays above all others, with the call in it, in browsers that have one.
import type { CallEffect, CallEvent, CallState, CallStep } from "./call";
import type { Presented } from "./channel";
import { arranged, type Focus } from "./layout";
import type { People, Person } from "./model";
import { withToast } from "./toasts";

/** Between the wish and the window the browser may take its time, or refuse. */
export type SmallWindow = "closed" | "opening" | "open";

export type SmallWindowEvent =
  | { readonly kind: "smallWished"; readonly on: boolean }
  /** The window is there, or it is not: closed by the person or by us, or never opened. */
  | { readonly kind: "smallTold"; readonly open: boolean };

export interface SmallWindowEffect { readonly kind: "smallWindow"; readonly on: boolean }

const CLOSE: CallEffect = { kind: "smallWindow", on: false };

export function isSmallWindowEvent(event: CallEvent): event is SmallWindowEvent {
  return event.kind === "smallWished" || event.kind === "smallTold";
}

/** The part of a call's step that is about the small window. */
export function stepSmallWindow(state: CallState, event: SmallWindowEvent, now: number): CallStep {
  const { small } = state.own;
  if (event.kind === "smallTold") {
    // The call ended while the browser opened the window.
    if (event.open && !isInCall(state)) return { state, effects: [CLOSE] };
    const next = withSmall(state, event.open ? "open" : "closed");
    const refused = small === "opening" && !event.open && next.kind === "live";
    return { state: refused ? { ...next, toasts: withToast(next.toasts, { key: "toast.small_failed" }, now) } : next, effects: [] };
  }
  if (!event.on) return { state, effects: small === "closed" ? [] : [CLOSE] };
  if (state.kind !== "live" || small !== "closed") return { state, effects: [] };
  return { state: withSmall(state, "opening"), effects: [{ kind: "smallWindow", on: true }] };
}

/** Closes the window with the call. A call that comes back by itself keeps it: only a click could open it again. */
export function closedWithCall(step: CallStep): CallStep {
  if (step.state.own.small === "closed" || isInCall(step.state)) return step;
  return { state: withSmall(step.state, "closed"), effects: [...step.effects, CLOSE] };
}

function isInCall({ kind }: CallState): boolean {
  return kind === "live" || kind === "returning";
}

function withSmall<State extends CallState>(state: State, small: SmallWindow): State {
  return { ...state, own: { ...state.own, small } };
}

/** What there is room for: one picture, of somebody else. */
export type SmallView =
  | { readonly kind: "picture"; readonly person: Person; readonly source: Focus["source"] }
  | { readonly kind: "alone" }
  | { readonly kind: "returning" };

/** What the small window shows; null: the call is not in it. */
export function smallView(state: CallState, presented: Presented | null): SmallView | null {
  if (state.own.small !== "open") return null;
  if (state.kind === "returning") return { kind: "returning" };
  if (state.kind !== "live") return null;
  const arrangement = arranged(state.people, { layout: state.own.layout, presented, equal: false });
  // Whoever presents something looks at the others meanwhile.
  if (arrangement.kind === "focus" && !arrangement.person.own) return { kind: "picture", person: arrangement.person, source: arrangement.source };
  const speaker = [...state.people.values()].find(({ id }) => id === state.speaker);
  return speaker === undefined ? { kind: "alone" } : { kind: "picture", person: speaker, source: "camera" };
}

/** Who of the others speaks, or did last: somebody who is interrupted for a word stays. Null: nobody else is there. */
export function speakerAfter(before: string | null, people: People): string | null {
  const others = [...people.values()].filter((person) => !person.own);
  const last = others.find(({ id }) => id === before);
  if (last !== undefined && isHeard(last)) return last.id;
  return (others.find(isHeard) ?? last ?? others[0])?.id ?? null;
}

function isHeard({ speaking, microphone }: Person): boolean {
  return speaking && microphone;
}
