import type { ComponentChildren, VNode } from "preact";
import { isWanted, type Live } from "../../state/call";
import { CameraIcon, CameraOffIcon, DevicesIcon, LeaveIcon, MicrophoneIcon, MicrophoneOffIcon, ScreenIcon } from "../icons";
import type { Ports } from "./ports";

/** The bar at the foot of the call. Each button's name says what it does next. */
export function Controls({ state, ports }: { state: Live; ports: Ports }): VNode {
  const { t, send } = ports;
  const { own, entry } = state;
  const microphone = isWanted(own.microphone);
  const camera = isWanted(own.camera);
  const sharing = own.screen !== "off";
  return (
    <div class="controls" role="group" aria-label={t("control.group")}>
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
      {entry.tools.screenSharing && ports.screenSharing ? (
        <Control
          name={t(sharing ? "control.stop_share" : "control.share")}
          short={t(sharing ? "short.stop_share" : "short.share")}
          active={sharing}
          onPress={() => {
            send({ kind: "screenWished", on: !sharing });
          }}
        >
          <ScreenIcon />
        </Control>
      ) : null}
      <Control
        name={t("control.devices")}
        short={t("short.devices")}
        onPress={() => {
          send({ kind: "choosingWished", on: true });
        }}
      >
        <DevicesIcon />
      </Control>
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
    </div>
  );
}

interface ControlProps {
  readonly name: string;
  readonly short: string;
  readonly off?: boolean;
  readonly active?: boolean;
  readonly leave?: boolean;
  readonly onPress: () => void;
  readonly children: ComponentChildren;
}

function Control({ name, short, off = false, active = false, leave = false, onPress, children }: ControlProps): VNode {
  return (
    <button type="button" class="control" aria-label={name} title={name} data-off={off} data-active={active} data-leave={leave} onClick={onPress}>
      <span class="control-disc">{children}</span>
      <span class="control-word" aria-hidden="true">
        {short}
      </span>
    </button>
  );
}
