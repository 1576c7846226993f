// What the reception desk knows. Moments are milliseconds since the epoch.

export type Stage = "away" | "lobby" | "waiting" | "admitted" | "in";
export type DeviceState = "ok" | "blocked" | "missing" | "busy" | "insecure" | "unsupported" | "failed" | "skipped";
export type Quality = "good" | "weak" | "lost" | "unknown";

export interface Check {
  readonly microphone: DeviceState;
  readonly camera: DeviceState;
  readonly network: "good" | "weak" | "tcp_only" | "failed" | "skipped";
}

export interface Presence {
  readonly stage: Stage;
  readonly since: number | null;
  readonly quality: Quality;
  readonly check: Check | null;
}

export interface DeskPerson {
  readonly id: string;
  readonly name: string | null;
  readonly groups: readonly string[];
  readonly role: "plus" | "basic";
  readonly language: string | null;
  readonly link: string | null;
  /** Null where nobody knows who is where. */
  readonly presence: Presence | null;
}

export interface Consultation {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  /** How many people there will be. */
  readonly number: number;
  readonly people: readonly DeskPerson[];
  readonly complete: boolean;
  /** It can no longer be changed. */
  readonly frozen: boolean;
}

export interface Rules {
  readonly plusGroups: readonly string[];
  readonly basicGroups: readonly string[];
  readonly lookedUp: boolean;
  readonly durationMaxS: number | null;
  readonly presenceIsKnown: boolean;
}

export interface QualityMinute {
  readonly minute: number;
  readonly worst: "good" | "weak" | "lost";
  readonly roundTripMs: number | null;
  readonly lossPercent: number | null;
  readonly uplinkKbps: number | null;
  readonly downlinkKbps: number | null;
}

export interface PersonQuality {
  readonly id: string;
  readonly name: string | null;
  readonly minutes: readonly QualityMinute[];
}

export interface QualityReport {
  readonly measured: boolean;
  readonly people: readonly PersonQuality[];
}

/** What somebody thought of a call; without a name they are no longer one of its people. */
export interface Rating {
  readonly name: string | null;
  /** From 1, bad, to 5, good. */
  readonly stars: number;
  /** In their words, whatever they wrote. */
  readonly comment: string | null;
}

export interface RatingReport {
  readonly asked: boolean;
  readonly ratings: readonly Rating[];
  /** There are older ones, too. */
  readonly more: boolean;
}

/** How a consultation's calls were, as their people said and as was measured. */
export interface CallReport {
  readonly ratings: RatingReport;
  readonly quality: QualityReport;
}

/** What the server said to a wish. `refused` has the server's own words, and the field that they are about. */
export type Answered<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "locked" }
  | { readonly kind: "gone" }
  | { readonly kind: "refused"; readonly field: string | null; readonly text: string }
  | { readonly kind: "trouble" };

export interface Page {
  readonly consultations: readonly Consultation[];
  readonly next: string | null;
  readonly unreadable: number;
}
