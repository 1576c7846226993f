import type { Own } from "./call";
import { NOTHING_CHECKED, type CheckFacts, type NetworkResult, type Permission } from "./check";
import type { PreviewReport } from "./model";

export type CheckEvent =
  | { readonly kind: "pictureSeen" }
  | { readonly kind: "voiceHeard" }
  | { readonly kind: "soundWished" }
  | { readonly kind: "soundAnswered"; readonly heard: boolean }
  | { readonly kind: "networkWished" }
  | { readonly kind: "networkChecked"; readonly result: NetworkResult | null }
  | { readonly kind: "permissionsChanged"; readonly camera: Permission; readonly microphone: Permission };

export type CheckEffect =
  | { readonly kind: "checkNetwork" }
  | { readonly kind: "endNetworkCheck" }
  | { readonly kind: "playSound"; readonly speaker: string | null };

const KINDS: ReadonlySet<string> = new Set<CheckEvent["kind"]>([
  "pictureSeen",
  "voiceHeard",
  "soundWished",
  "soundAnswered",
  "networkWished",
  "networkChecked",
  "permissionsChanged",
]);

export function isCheckEvent(event: { readonly kind: string }): event is CheckEvent {
  return KINDS.has(event.kind);
}

/** The part of the step that is the same wherever the person is: facts are facts. */
export function stepCheck(own: Own, event: CheckEvent): { readonly own: Own; readonly effects: readonly CheckEffect[] } {
  const facts = (check: Partial<CheckFacts>, ...effects: CheckEffect[]): ReturnType<typeof stepCheck> => ({
    own: { ...own, check: { ...own.check, ...check } },
    effects,
  });
  switch (event.kind) {
    case "pictureSeen":
      return own.check.pictureSeen ? { own, effects: [] } : facts({ pictureSeen: true });
    case "voiceHeard":
      return own.check.voiceHeard ? { own, effects: [] } : facts({ voiceHeard: true });
    case "soundWished":
      return facts({ speaker: "asked" }, { kind: "playSound", speaker: own.chosen.speaker });
    case "soundAnswered":
      return facts({ speaker: event.heard ? "heard" : "silent" });
    case "networkWished":
      return own.check.networkBusy ? { own, effects: [] } : facts({ network: null, networkBusy: true }, { kind: "checkNetwork" });
    case "networkChecked":
      // A check that was broken off says nothing: what was known before stays.
      return facts({ network: event.result ?? own.check.network, networkBusy: false });
    case "permissionsChanged":
      return facts({ permissions: { camera: event.camera, microphone: event.microphone } });
  }
}

/** Forgets what was found of a device that is another one now, or has stopped. */
export function checkAfterPreview(own: Own, report: PreviewReport): CheckFacts {
  const otherPicture = report.picture === null || report.picture !== own.preview.picture;
  const otherVoice = report.microphone.kind !== "on" || (own.active.microphone !== null && report.active.microphone !== own.active.microphone);
  return {
    ...own.check,
    pictureSeen: own.check.pictureSeen && !otherPicture,
    voiceHeard: own.check.voiceHeard && !otherVoice,
  };
}

/** Takes up what an earlier page of this tab found out. */
export function resumed(kept: Pick<CheckFacts, "speaker" | "network"> | null): CheckFacts {
  return kept === null ? NOTHING_CHECKED : { ...NOTHING_CHECKED, speaker: kept.speaker, network: kept.network };
}
