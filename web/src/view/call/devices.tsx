import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Own } from "../../state/call";
import type { DeviceKind } from "../../state/model";
import { AlertIcon, CloseIcon } from "../icons";
import { Announced } from "../parts";
import { BackgroundChoice } from "./background";
import { CaptionChoice } from "./captions";
import type { Ports } from "./ports";

interface ChoiceProps {
  readonly device: DeviceKind;
  readonly own: Own;
  readonly ports: Ports;
}

/** A list to choose one kind of device from. Drawn only where there is something to choose. */
export function DeviceChoice({ device, own, ports }: ChoiceProps): VNode | null {
  const { t, send } = ports;
  const devices = own.devices[device];
  if (devices.length === 0) return null;
  const value = [own.chosen[device], own.active[device], "default"].find((id) => devices.some((candidate) => candidate.id === id)) ?? "";
  return (
    <label class="field">
      <span>{t(`device.${device}`)}</span>
      <select
        value={value}
        onChange={(event) => {
          const id = event.currentTarget.value;
          if (id !== "") send({ kind: "deviceWished", device, id });
        }}
      >
        {value === "" ? <option value="">{t("device.default")}</option> : null}
        {devices.map((candidate, index) => (
          <option key={candidate.id} value={candidate.id}>
            {candidate.label === "" ? t("device.numbered", { device: t(`device.${device}`), number: index + 1 }) : candidate.label}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Whether the browser makes the own voice clear. */
function VoiceChoice({ own, ports: { t, send } }: Pick<ChoiceProps, "own" | "ports">): VNode {
  return (
    <label class="switch">
      <input
        type="checkbox"
        checked={own.processing}
        aria-describedby="processing-hint"
        onChange={(event) => {
          send({ kind: "processingWished", on: event.currentTarget.checked });
        }}
      />
      <span>
        {t("media.processing")}
        <small id="processing-hint" class="muted">
          {t("media.processing_hint")}
        </small>
      </span>
    </label>
  );
}

const PROFILES = ["balanced", "voice", "sign"] as const;

function ProfileChoice({ own, ports: { t, send } }: Pick<ChoiceProps, "own" | "ports">): VNode {
  return (
    <label class="field">
      <span>{t("media.profile")}</span>
      <select
        value={own.profile}
        onChange={(event) => {
          const profile = PROFILES.find((known) => known === event.currentTarget.value);
          if (profile !== undefined) send({ kind: "profileWished", profile });
        }}
      >
        {PROFILES.map((profile) => (
          <option key={profile} value={profile}>
            {t(`profile.${profile}`)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface DialogProps {
  readonly own: Own;
  readonly voiceOnly: boolean;
  readonly ports: Ports;
  /** What does not work. */
  readonly children: ComponentChildren;
}

/** The choice of devices during the call. */
export function DeviceDialog({ own, voiceOnly, ports, children }: DialogProps): VNode {
  const { t, send } = ports;
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  const close = (): void => {
    send({ kind: "choosingWished", on: false });
  };
  const nothing = own.devices.camera.length + own.devices.microphone.length + own.devices.speaker.length === 0;
  return (
    <dialog ref={ref} class="dialog" aria-labelledby="devices-heading" onClose={close}>
      <div class="dialog-head">
        <h2 id="devices-heading">{t("device.heading")}</h2>
        <button type="button" class="icon-button" aria-label={t("action.close")} onClick={close}>
          <CloseIcon />
        </button>
      </div>
      {/* First: below all the choices nobody would look for it. */}
      {children}
      {voiceOnly ? null : <DeviceChoice device="camera" own={own} ports={ports} />}
      {voiceOnly ? null : <BackgroundChoice own={own} ports={ports} />}
      <DeviceChoice device="microphone" own={own} ports={ports} />
      <DeviceChoice device="speaker" own={own} ports={ports} />
      <VoiceChoice own={own} ports={ports} />
      <CaptionChoice own={own} ports={ports} />
      {voiceOnly ? null : <ProfileChoice own={own} ports={ports} />}
      <Announced>
        {own.speakerFailed ? (
          <div class="notice notice-problem">
            <AlertIcon />
            <span>{t("device.speaker_failed")}</span>
          </div>
        ) : null}
      </Announced>
      {nothing ? <p>{t("device.none")}</p> : null}
    </dialog>
  );
}
