// What the own line is used for when it does not carry everything.

/** What somebody asks for: as it comes, voice before picture, or a fluent picture for sign language. */
export type Profile = "balanced" | "voice" | "sign";

/** What is seen of the own line, about once a second. */
export interface LineSigns {
  readonly weak: boolean;
  /** What the estimate of the way out says, in kbit/s; null where nothing tells. */
  readonly uplinkKbps: number | null;
}

export interface VoiceGuard {
  /** The picture is held small for the voice, by this page's decision. */
  readonly guarding: boolean;
  readonly weakSince: number | null;
  readonly wellSince: number | null;
}

export const NO_GUARD: VoiceGuard = { guarding: false, weakSince: null, wellSince: null };

/** A voice and the smallest picture fit into this. */
const LEAST_KBPS = 250;
/** A moment's weakness passes. */
const WEAK_FOR_MS = 6_000;
/** The picture comes back only when the line has been good for long: otherwise it comes and goes. */
const WELL_FOR_MS = 30_000;

/** Decides whether the picture has to give way to the voice. For sign language the picture is the voice: it never does. */
export function stepGuard(guard: VoiceGuard, profile: Profile, signs: LineSigns, now: number): VoiceGuard {
  if (profile !== "balanced") return guard.guarding || guard.weakSince !== null ? NO_GUARD : guard;
  const weak = signs.weak || (signs.uplinkKbps !== null && signs.uplinkKbps < LEAST_KBPS);
  const weakSince = weak ? (guard.weakSince ?? now) : null;
  const wellSince = weak ? null : (guard.wellSince ?? now);
  const guarding = guard.guarding ? wellSince === null || now - wellSince < WELL_FOR_MS : weakSince !== null && now - weakSince >= WEAK_FOR_MS;
  return { guarding, weakSince, wellSince };
}

/** How the own picture is to be sent. */
export interface PictureWish {
  readonly size: "small" | "full";
  readonly prefer: "balanced" | "maintain-framerate";
}

export function pictureWish(profile: Profile, guarding: boolean): PictureWish {
  return {
    size: profile === "voice" || (profile === "balanced" && guarding) ? "small" : "full",
    prefer: profile === "sign" ? "maintain-framerate" : "balanced",
  };
}
