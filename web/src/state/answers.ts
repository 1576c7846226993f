// What somebody at the door was answered, if the connection broke before the server had said that it was done: one click is to be enough.
import { isAdmitted, type RoomState } from "./room";

export type Answer =
  | { readonly kind: "admit"; readonly userId: string }
  | { readonly kind: "turnAway"; readonly userId: string; readonly message: string | null };

/** An answer that the server may not have heard, and when that was noticed first. */
export interface Unheard {
  readonly answer: Answer;
  readonly at: number;
}

/** An answer is given again for this long. After that the clinician may have thought of something else, and is told that it was not done. */
const ANSWER_MS = 30_000;

/** The newest answer to somebody is the one that counts. */
export function withUnheard(unheard: readonly Unheard[], answer: Answer, now: number): readonly Unheard[] {
  const earlier = unheard.find((each) => each.answer.userId === answer.userId && each.answer.kind === answer.kind);
  return [...withoutAnswer(unheard, answer.userId), { answer, at: earlier?.at ?? now }];
}

export function withoutAnswer(unheard: readonly Unheard[], userId: string): readonly Unheard[] {
  return unheard.some(({ answer }) => answer.userId === userId) ? unheard.filter(({ answer }) => answer.userId !== userId) : unheard;
}

/** Leaves what may still have to be answered: the others were answered, by this page or another. Who is not there may come back. */
export function stillToAnswer(unheard: readonly Unheard[], room: RoomState): readonly Unheard[] {
  const isOpen = ({ answer: { userId, kind } }: Unheard): boolean => {
    const stage = room.people.get(userId)?.stage ?? "away";
    return !isAdmitted(stage) && !(stage === "lobby" && kind === "turnAway");
  };
  return unheard.every(isOpen) ? unheard : unheard.filter(isOpen);
}

/** Leaves those that are still to be given again. */
export function freshAnswers(unheard: readonly Unheard[], now: number): readonly Unheard[] {
  const isFresh = ({ at }: Unheard): boolean => now - at < ANSWER_MS;
  return unheard.every(isFresh) ? unheard : unheard.filter(isFresh);
}
