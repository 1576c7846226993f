import type { ComponentChildren, VNode } from "preact";
import { isWanted, type Live } from "../../state/call";
import { CameraIcon, CameraOffIcon, LeaveIcon, MicrophoneIcon, MicrophoneOffIcon } from "../icons";
import type { Ports } from "./ports";

/** Turns the own microphone and camera on and off. */
export function MediaControls({ own, entry, ports: { t, send } }: Pick<Live, "own" | "entry"> & { readonly ports: Ports }): VNode {
  const microphone = isWanted(own.microphone);
  const camera = isWanted(own.camera);
  return (
    <>
      <Control
        name={t(microphone ? "control.mute" : "control.unmute")}
        short={t("short.microphone")}
        off={!microphone}
        onPress={() => {
          send({ kind: "microphoneWished", on: !microphone });
        }}
      >
        {microphone ? <MicrophoneIcon /> : <MicrophoneOffIcon />}
      </Control>
      {entry.camera ? (
        <Control
          name={t(camera ? "control.camera_off" : "control.camera_on")}
          short={t("short.camera")}
          off={!camera}
          onPress={() => {
            send({ kind: "cameraWished", on: !camera });
          }}
        >
          {camera ? <CameraIcon /> : <CameraOffIcon />}
        </Control>
      ) : null}
    </>
  );
}

export function LeaveControl({ ports: { t, send } }: { readonly ports: Ports }): VNode {
  return (
    <Control
      name={t("control.leave")}
      short={t("short.leave")}
      leave
      onPress={() => {
        send({ kind: "leaveWished" });
      }}
    >
      <LeaveIcon />
    </Control>
  );
}

/** More than this is just many. */
const COUNT_MAX = 99;

interface ControlProps {
  readonly id?: string;
  readonly name: string;
  readonly short: string;
  readonly off?: boolean;
  readonly active?: boolean;
  readonly leave?: boolean;
  /** Whether what the button opens is open. */
  readonly expanded?: boolean;
  /** Shown on the button; part of its name already. */
  readonly count?: number;
  readonly onPress: () => void;
  readonly children: ComponentChildren;
}

/** One button of the bar: a disc with an icon, and a word below it. */
export function Control({ id, name, short, off = false, active = false, leave = false, expanded, count = 0, onPress, children }: ControlProps): VNode {
  return (
    <button
      id={id}
      type="button"
      class="control"
      aria-label={name}
      aria-expanded={expanded}
      title={name}
      data-off={off}
      data-active={active}
      data-leave={leave}
      onClick={onPress}
    >
      <span class="control-disc" data-count={count === 0 ? undefined : count > COUNT_MAX ? `${COUNT_MAX}+` : count}>
        {children}
      </span>
      <span class="control-word" aria-hidden="true">
        {short}
      </span>
    </button>
  );
}
