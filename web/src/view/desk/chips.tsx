import type { VNode } from "preact";
import type { DeskTranslate } from "../../i18n/desk/translate";
import type { ConsultationStatus, PersonStatus } from "../../state/desk/status";
import { AlertIcon, CameraIcon, CheckIcon, ClockIcon, LostIcon, MicrophoneOffIcon, PersonIcon, WeakIcon } from "../icons";

type Tone = "good" | "calm" | "care" | "quiet";

// Each status has a word and a picture of its own: colour only underlines them.

const PEOPLE: Readonly<Record<Exclude<PersonStatus, "unknown">, readonly [Tone, () => VNode]>> = {
  in: ["good", CameraIcon],
  weak: ["care", WeakIcon],
  lost: ["care", LostIcon],
  waiting: ["care", ClockIcon],
  admitted: ["calm", CheckIcon],
  blocked: ["care", MicrophoneOffIcon],
  trouble: ["care", AlertIcon],
  lobby: ["calm", PersonIcon],
  away: ["quiet", PersonIcon],
};

const CONSULTATIONS: Readonly<Record<ConsultationStatus, readonly [Tone, () => VNode]>> = {
  running: ["good", CameraIcon],
  late: ["care", ClockIcon],
  now: ["calm", ClockIcon],
  coming: ["quiet", ClockIcon],
  incomplete: ["care", AlertIcon],
  over: ["quiet", CheckIcon],
};

/** Where somebody is; nothing where nobody knows. */
export function PersonChip({ status, t }: { readonly status: PersonStatus; readonly t: DeskTranslate }): VNode | null {
  if (status === "unknown") return null;
  const [tone, Icon] = PEOPLE[status];
  return (
    <span class={`chip chip-${tone}`}>
      <Icon />
      {t(`person.${status}`)}
    </span>
  );
}

export function ConsultationChip({ status, t }: { readonly status: ConsultationStatus; readonly t: DeskTranslate }): VNode {
  const [tone, Icon] = CONSULTATIONS[status];
  return (
    <span class={`chip chip-${tone}`}>
      <Icon />
      {t(`status.${status}`)}
    </span>
  );
}
