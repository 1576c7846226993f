import type { ComponentChildren, VNode } from "preact";
import type { Person } from "../../state/model";
import { userOf } from "../../state/room";
import { HandIcon, LostIcon, MicrophoneOffIcon, PersonIcon, WeakIcon } from "../icons";
import { Picture } from "./media";
import { Pointers } from "./pointers";
import { initialsOf, nameOf, type Ports } from "./ports";

interface Props {
  readonly person: Person;
  readonly ports: Ports;
  readonly whole?: boolean;
  /** Say "you" in place of the own name, where there is no room for both. */
  readonly small?: boolean;
  /** What can be done with it. */
  readonly children?: ComponentChildren;
}

/** One person: picture or initials, name, and what is out of the ordinary. */
export function Tile({ person, ports, whole = false, small = false, children }: Props): VNode {
  const { t } = ports;
  const name = nameOf(person, t);
  return (
    <div class="tile" role="group" aria-label={name} data-speaking={person.speaking && person.microphone}>
      {person.camera === null ? (
        <Avatar name={person.name} />
      ) : (
        <Picture
          key={person.camera}
          track={person.camera}
          label={t("person.video_of", { name })}
          mirrored={person.mirrored}
          whole={whole}
          attach={ports.attach}
        />
      )}
      {person.camera === null ? (
        <span class="spoken">{t("person.camera_off")}</span>
      ) : (
        <Pointers person={person.id} source="camera" mirrored={person.mirrored} name={t("person.video_of", { name })} ports={ports} />
      )}
      <TileWords person={person} name={small && person.own ? t("person.you") : name} ports={ports} />
      {children}
    </div>
  );
}

/** What stands over somebody's picture: their name, and what is out of the ordinary. */
export function TileWords({ person, name, ports }: Pick<Props, "person" | "ports"> & { readonly name: string }): VNode {
  const { t } = ports;
  return (
    <>
      {handIsRaised(person, ports) ? (
        <span class="tile-hand" title={t("people.hand_up")}>
          <HandIcon />
          <span class="spoken">{t("people.hand_up")}</span>
        </span>
      ) : null}
      <div class="tile-foot">
        {person.microphone ? null : (
          <span class="tile-mark">
            <MicrophoneOffIcon />
            <span class="spoken">{t("person.microphone_off")}</span>
          </span>
        )}
        <bdi class="tile-name">{name}</bdi>
        {person.speaking && person.microphone ? <span class="spoken">{t("person.speaking")}</span> : null}
      </div>
      {qualityWord(person, ports)}
    </>
  );
}

function handIsRaised({ id }: Person, { room }: Ports): boolean {
  return room.people.get(userOf(id))?.handRaisedAt != null;
}

export function Avatar({ name }: { name: string | null }): VNode {
  const initials = initialsOf(name);
  return (
    <div class="avatar" aria-hidden="true">
      <span class="avatar-disc">{initials === "" ? <PersonIcon /> : initials}</span>
    </div>
  );
}

/** A good connection is said to screen readers only: it is no news to the eye. */
function qualityWord(person: Person, { t }: Ports): VNode | null {
  switch (person.quality) {
    case "good":
      return person.cameraHeld ? <Quality icon={<WeakIcon />} text={t("person.held")} /> : <span class="spoken">{t("person.good")}</span>;
    case "weak":
      return <Quality icon={<WeakIcon />} text={person.cameraHeld ? t("person.held") : t("person.weak")} />;
    case "lost":
      return <Quality icon={<LostIcon />} text={t("person.lost")} />;
    case "unknown":
      return person.cameraHeld ? <Quality icon={<WeakIcon />} text={t("person.held")} /> : null;
  }
}

function Quality({ icon, text }: { icon: VNode; text: string }): VNode {
  return (
    <span class="tile-quality">
      {icon}
      <span class="tile-quality-word">{text}</span>
    </span>
  );
}
