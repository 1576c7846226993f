// When a camera or a microphone that should be on gives nothing, and what to do about it. Decides; does nothing.

/** What can be seen of a device that is being sent. */
export interface Signs {
  /** It should be on, and nothing is under way that changes it. */
  readonly wanted: boolean;
  /** The browser has ended the capture for good: unplugged, or taken by the system. */
  readonly ended: boolean;
  /** The system keeps it silent or dark for the moment: a phone call, a closed lid, a switch on the device. */
  readonly muted: boolean;
  /** Something came since the last look; null where the browser does not tell. */
  readonly advancing: boolean | null;
  /** The page cannot be seen. Phones then stop cameras, and start them again by themselves. */
  readonly hidden: boolean;
}

export interface Repair {
  /** Since when it has given nothing; null while all is well. */
  readonly badSince: number | null;
  readonly attempts: number;
  readonly attemptedAt: number | null;
  /** The person was told that it has stopped. */
  readonly told: boolean;
}

export const SOUND_AND_WELL: Repair = { badSince: null, attempts: 0, attemptedAt: null, told: false };

/** What comes back by itself, as after a short interruption, does so within this time. */
const PATIENCE_MS = 3_000;
/** A restart shows within this time whether it helped. */
const BETWEEN_MS = 5_000;
/** After so many restarts only the person can help: by a click, which some browsers ask for, or by plugging something in. */
const ATTEMPTS_MAX = 2;

export type RepairAction =
  | { readonly kind: "none" }
  | { readonly kind: "restart" }
  /** Tell the person, with one button that restarts it. */
  | { readonly kind: "tell" }
  /** It works again. `told`: the person knew that it did not. */
  | { readonly kind: "well"; readonly told: boolean };

const NONE: RepairAction = { kind: "none" };

export function stepRepair(repair: Repair, signs: Signs, now: number): { readonly repair: Repair; readonly action: RepairAction } {
  const ill = signs.ended || signs.muted || signs.advancing === false;
  if (!signs.wanted || !ill) {
    if (repair.badSince === null) return { repair, action: NONE };
    const mended = signs.wanted && repair.attempts > 0;
    return { repair: SOUND_AND_WELL, action: repair.told || mended ? { kind: "well", told: repair.told } : NONE };
  }
  if (signs.hidden) return { repair, action: NONE };
  const badSince = repair.badSince ?? now;
  // What has ended does not come back by itself.
  const patience = signs.ended ? 0 : PATIENCE_MS;
  const due = now - badSince >= patience && (repair.attemptedAt === null || now - repair.attemptedAt >= BETWEEN_MS);
  if (!due) return { repair: { ...repair, badSince }, action: NONE };
  if (repair.attempts < ATTEMPTS_MAX) {
    return { repair: { ...repair, badSince, attempts: repair.attempts + 1, attemptedAt: now }, action: { kind: "restart" } };
  }
  return { repair: { ...repair, badSince, told: true }, action: repair.told ? NONE : { kind: "tell" } };
}
