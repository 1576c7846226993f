import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Own } from "../../state/call";
import { AlertIcon, CheckIcon } from "../icons";
import { Announced, Pulse } from "../parts";
import type { Ports } from "./ports";

interface Props {
  readonly own: Own;
  readonly ports: Ports;
}

/** A camera that gives nothing for this long is covered, or taken by another program. */
const PICTURE_LATE_MS = 8_000;

/** One line of the check: what was found of one part. */
function Found({ well, children }: { well: boolean; children: ComponentChildren }): VNode {
  return (
    <p class="found" data-well={well}>
      {well ? <CheckIcon /> : <AlertIcon />}
      <span>{children}</span>
    </p>
  );
}

/** What is known of the own picture. A camera that is off, or did not start, is spoken of elsewhere. */
export function CameraFound({ own, ports: { t } }: Props): VNode | null {
  if (own.camera.kind !== "on") return null;
  if (own.check.pictureSeen) return <Found well>{t("check.camera_ok")}</Found>;
  return (
    <p class="found muted late" style={{ "--late": `${PICTURE_LATE_MS}ms` }}>
      <span class="late-before">{t("check.camera_checking")}</span>
      <span class="late-after">{t("check.camera_dark")}</span>
    </p>
  );
}

export function MicrophoneFound({ own, ports: { t } }: Props): VNode | null {
  if (own.microphone.kind !== "on") return null;
  return own.check.voiceHeard ? <Found well>{t("check.microphone_ok")}</Found> : <p class="found muted">{t("lobby.level_hint")}</p>;
}

/** Only the person can tell whether a speaker works. */
export function SpeakerFound({ own, ports: { t, send } }: Props): VNode {
  const { speaker } = own.check;
  const play = (label: string): VNode => (
    <button
      type="button"
      class="button"
      onClick={() => {
        send({ kind: "soundWished" });
      }}
    >
      {label}
    </button>
  );
  const answer = (heard: boolean): VNode => (
    <button
      type="button"
      class="button"
      onClick={() => {
        send({ kind: "soundAnswered", heard });
      }}
    >
      {t(heard ? "action.i_hear_it" : "action.i_hear_nothing")}
    </button>
  );
  return (
    <div class="speaker-check">
      <Announced>
        {speaker === "heard" ? <Found well>{t("check.speaker_ok")}</Found> : null}
        {speaker === "silent" ? <Found well={false}>{t("check.speaker_silent")}</Found> : null}
        {speaker === "asked" ? <p class="found">{t("check.speaker_asked")}</p> : null}
      </Announced>
      <div class="answers">
        {speaker === "asked" ? answer(true) : null}
        {speaker === "asked" ? answer(false) : null}
        {play(t(speaker === "untried" ? "action.play_sound" : "action.play_again"))}
      </div>
    </div>
  );
}

/** What is known of the connection, unless it is so bad that it stands before everything else: `NetworkTrouble`. */
export function NetworkFound({ own, ports }: Props): VNode | null {
  const { t } = ports;
  const { network, networkBusy } = own.check;
  if ((network === null && !networkBusy) || isHopeless(own)) return null;
  return (
    <section class="network-check" aria-label={t("check.network")}>
      <Announced>
        {networkBusy || network === null ? (
          <div class="found muted">
            <Pulse />
            <span>{t("network.busy")}</span>
          </div>
        ) : (
          <Found well={network.verdict === "good"}>{t(`network.${network.verdict}`)}</Found>
        )}
      </Announced>
      {networkBusy || network === null || network.verdict === "good" ? null : <CheckAgain ports={ports} />}
    </section>
  );
}

/** No call gets through. It is said before the choice of devices: below it, a phone shows it only to who scrolls. */
export function NetworkTrouble({ own, ports }: Props): VNode | null {
  if (!isHopeless(own)) return null;
  return (
    <div class="notice notice-problem">
      <AlertIcon />
      <div>
        <p>{ports.t("network.failed")}</p>
        <CheckAgain ports={ports} />
      </div>
    </div>
  );
}

function isHopeless({ check }: Own): boolean {
  return !check.networkBusy && check.network?.verdict === "failed";
}

function CheckAgain({ ports: { t, send } }: { ports: Ports }): VNode {
  return (
    <button
      type="button"
      class="button"
      onClick={() => {
        send({ kind: "networkWished" });
      }}
    >
      {t("action.check_again")}
    </button>
  );
}

/** Said once, when there is nothing left to find out. */
export function AllWell({ own, ports: { t } }: Props): VNode {
  const { check } = own;
  const well = check.pictureSeen && check.voiceHeard && check.network?.verdict === "good";
  return (
    <div class="spoken" role="status">
      {well ? t("check.all_well") : null}
    </div>
  );
}

/** Louder than a quiet room, so often in a row that it is no knock on the table. */
const VOICE_LEVEL = 0.06;
const VOICE_LOOKS = 3;
/** The meter moves this often: smooth to the eye, and cheap. */
const METER_MS = 66;

/** Moves with the voice. It is drawn past the state, because nothing depends on it and it changes all the time. */
export function Meter({ ports }: { ports: Ports }): VNode {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    let loud = 0;
    const timer = setInterval(() => {
      const measured = ports.level();
      const level = Math.round(measured * 100);
      ref.current?.style.setProperty("--level", `${level}%`);
      ref.current?.setAttribute("aria-valuenow", String(level));
      loud = measured >= VOICE_LEVEL ? loud + 1 : 0;
      if (loud === VOICE_LOOKS) ports.send({ kind: "voiceHeard" });
    }, METER_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return (
    <div class="meter-row">
      <div ref={ref} class="meter" role="meter" aria-label={ports.t("lobby.level")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={0} />
    </div>
  );
}
