import type { VNode } from "preact";
import type { TextKey } from "../../i18n/translate";
import { isWanted, type CallState, type Own } from "../../state/call";
import { waitingPeople } from "../../state/room";
import { AlertIcon, CameraIcon, CameraOffIcon, MicrophoneIcon, MicrophoneOffIcon } from "../icons";
import { Announced, Heading } from "../parts";
import { Arrivals, KnocksSpoken } from "./arrivals";
import { BackgroundChoice } from "./background";
import { AllWell, CameraFound, Meter, MicrophoneFound, NetworkFound, NetworkTrouble, SpeakerFound } from "./check";
import { DeviceChoice } from "./devices";
import { Help } from "./help";
import { Picture } from "./media";
import type { Ports } from "./ports";
import { Avatar } from "./tile";
import { TurnedBackNotice } from "./waiting-room";

interface Props {
  readonly state: Extract<CallState, { kind: "lobby" | "joining" }>;
  readonly ports: Ports;
}

/** See yourself first, choose devices, join. */
export function Lobby({ state, ports }: Props): VNode {
  const { t, send } = ports;
  const { own, entry } = state;
  const voiceOnly = !entry.camera;
  const joining = state.kind === "joining";
  const name = state.wishes.displayName ?? entry.displayName;
  return (
    <main class="lobby">
      <section class="lobby-view" aria-label={t("lobby.preview")}>
        <Self own={own} name={name} voiceOnly={voiceOnly} ports={ports} />
        <div class="lobby-toggles">
          <Toggle device="microphone" own={own} disabled={joining} ports={ports} />
          {voiceOnly ? null : <Toggle device="camera" own={own} disabled={joining} ports={ports} />}
        </div>
      </section>
      <section class="lobby-panel">
        <Heading>{t("lobby.heading")}</Heading>
        {name === null ? null : <p class="lead">{t("lobby.as", { name })}</p>}
        <p class="muted">{t(entry.server === null && !entry.admin ? "lobby.hint_waiting" : "lobby.hint")}</p>
        <Announced>{state.kind === "lobby" && state.turnedBack !== null ? <TurnedBackNotice turnedBack={state.turnedBack} ports={ports} /> : null}</Announced>
        <Announced>{ports.incomplete ? <Incomplete ports={ports} /> : null}</Announced>
        <Announced>
          <Problems own={own} voiceOnly={voiceOnly} ports={ports} />
        </Announced>
        <Announced>{joining ? null : <NetworkTrouble own={own} ports={ports} />}</Announced>
        <fieldset class="fields" disabled={joining}>
          {voiceOnly ? null : (
            <div class="part-check">
              <DeviceChoice device="camera" own={own} ports={ports} />
              <CameraFound own={own} ports={ports} />
            </div>
          )}
          {voiceOnly ? null : <BackgroundChoice own={own} ports={ports} />}
          <div class="part-check">
            <DeviceChoice device="microphone" own={own} ports={ports} />
            {own.microphone.kind === "on" ? <Meter ports={ports} /> : null}
            <MicrophoneFound own={own} ports={ports} />
          </div>
          <div class="part-check">
            <DeviceChoice device="speaker" own={own} ports={ports} />
            <SpeakerFound own={own} ports={ports} />
          </div>
          <NetworkFound own={own} ports={ports} />
        </fieldset>
        <AllWell own={own} ports={ports} />
        <div class="actions">
          <div role="alert">
            {state.kind === "lobby" && state.problem !== null ? <p class="notice notice-problem">{t(`problem.${state.problem}`)}</p> : null}
          </div>
          <button
            type="button"
            class="button button-primary button-large"
            aria-disabled={joining}
            onClick={() => {
              send({ kind: "joinWished" });
            }}
          >
            {t(joining ? "action.joining" : entry.server === null ? "action.knock" : "action.join")}
          </button>
          {joining ? (
            <button
              type="button"
              class="button"
              onClick={() => {
                send({ kind: "leaveWished" });
              }}
            >
              {t("action.cancel")}
            </button>
          ) : null}
        </div>
        {entry.admin ? (
          <>
            <KnocksSpoken people={waitingPeople(ports.room)} ports={ports} />
            <Arrivals ports={ports} />
          </>
        ) : null}
      </section>
    </main>
  );
}

/** Without it there is no picture, no check and no call. A service that was renewed meanwhile has it under another name. */
function Incomplete({ ports: { t, reload } }: { ports: Ports }): VNode {
  return (
    <div class="notice notice-problem">
      <AlertIcon />
      <div>
        <p>{t("lobby.incomplete")}</p>
        <button type="button" class="button" onClick={reload}>
          {t("action.reload")}
        </button>
      </div>
    </div>
  );
}

export function Self({ own, name, voiceOnly, ports }: { own: Own; name: string | null; voiceOnly: boolean; ports: Ports }): VNode {
  const { t } = ports;
  const { picture, mirrored } = own.preview;
  if (own.camera.kind === "on" && picture !== null) {
    return (
      <div class="self">
        <Picture
          key={picture}
          track={picture}
          label={t("lobby.preview")}
          mirrored={mirrored}
          attach={ports.attach}
          onSeen={() => {
            ports.send({ kind: "pictureSeen" });
          }}
        />
      </div>
    );
  }
  return (
    <div class="self">
      <Avatar name={name} />
      <p class="self-word">{t(voiceOnly ? "lobby.voice_only" : SELF_WORDS[own.camera.kind])}</p>
    </div>
  );
}

const SELF_WORDS = {
  off: "lobby.camera_off",
  starting: "lobby.camera_starting",
  on: "lobby.camera_starting",
  failed: "lobby.camera_failed",
} as const satisfies Record<Own["camera"]["kind"], TextKey>;

export function Toggle({ device, own, disabled, ports }: { device: "microphone" | "camera"; own: Own; disabled: boolean; ports: Ports }): VNode {
  const { t, send } = ports;
  const on = isWanted(own[device]);
  const microphone = device === "microphone";
  const label = microphone ? (on ? "control.mute" : "control.unmute") : on ? "control.camera_off" : "control.camera_on";
  const Icon = microphone ? (on ? MicrophoneIcon : MicrophoneOffIcon) : on ? CameraIcon : CameraOffIcon;
  return (
    <button
      type="button"
      class="toggle"
      data-off={!on}
      aria-label={t(label)}
      title={t(label)}
      disabled={disabled}
      onClick={() => {
        send({ kind: microphone ? "microphoneWished" : "cameraWished", on: !on });
      }}
    >
      <Icon />
      <span aria-hidden="true">{t(microphone ? "short.microphone" : "short.camera")}</span>
    </button>
  );
}

/** What does not work, what to do about it, and that joining is possible all the same. */
export function Problems({ own, voiceOnly, ports }: { own: Own; voiceOnly: boolean; ports: Ports }): VNode | null {
  const { t } = ports;
  const camera = !voiceOnly && own.camera.kind === "failed" ? own.camera.problem : null;
  const microphone = own.microphone.kind === "failed" ? own.microphone.problem : null;
  if (camera === null && microphone === null) return null;
  const comfort: TextKey =
    camera !== null && microphone !== null ? "lobby.without_both" : camera !== null ? "lobby.without_camera" : "lobby.without_microphone";
  return (
    <div class="notice notice-problem">
      <AlertIcon />
      <div>
        <Help
          own={own}
          devices={voiceOnly ? ["microphone"] : ["microphone", "camera"]}
          ports={ports}
          onRetry={() => {
            ports.send({ kind: "devicesRetried" });
          }}
        />
        <p>{t(comfort)}</p>
      </div>
    </div>
  );
}
