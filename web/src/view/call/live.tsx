import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { isWanted, type Live, type Own } from "../../state/call";
import { waitingPeople } from "../../state/room";
import { remainingMs } from "../../state/time";
import type { Toast, ToastText } from "../../state/toasts";
import { AlertIcon, ClockIcon, SoundIcon } from "../icons";
import { Announced, Heading, Pulse, usePlaced } from "../parts";
import { KnocksSpoken, knockWords } from "./arrivals";
import { BackgroundState } from "./background";
import { BoardNotice, BoardStage } from "./board";
import { CaptionLines } from "./captions";
import { Controls } from "./controls";
import { DeviceDialog } from "./devices";
import { useFileDrop } from "./file-drop";
import { Help, troubles } from "./help";
import type { Ports } from "./ports";
import { Panel, tabsOf } from "./panel";
import { InSmallWindow } from "./small-call";
import { Sounds, Stage } from "./stage";

/** From here on the seconds are shown too. Before that they would only make people nervous. */
const SECONDS_SHOWN_MS = 5 * 60_000;

export function LiveCall({ state, ports }: { state: Live; ports: Ports }): VNode {
  const { t, tools } = ports;
  useFileDrop(state.entry.tools.fileUpload, ports);
  const tab = tools.panel !== null && tabsOf(state).includes(tools.panel) ? tools.panel : null;
  const board = state.entry.tools.whiteboard === null ? null : ports.boards.state.open;
  return (
    <main class="live" data-panel={tab !== null} data-board={board !== null}>
      <header class="live-head">
        <Heading>{t("live.heading")}</Heading>
        {state.people.size > 1 ? <span class="muted">{t("live.count", { count: state.people.size })}</span> : null}
        <TimeLeft state={state} ports={ports} />
      </header>
      {board !== null ? (
        <BoardStage board={board} state={state} ports={ports} />
      ) : state.own.small === "open" ? (
        <InSmallWindow ports={ports} />
      ) : (
        <Stage state={state} ports={ports} />
      )}
      <Sounds state={state} ports={ports} />
      {state.own.small === "open" ? null : <CaptionLines state={state} ports={ports} />}
      <div class="live-notices">
        <div role="alert">
          {state.warned ? (
            <p class="notice notice-problem">
              <ClockIcon />
              <span>{t("time.warning")}</span>
            </p>
          ) : null}
        </div>
        {state.brokenWith === null ? null : (
          <p class="notice">
            <Pulse />
            <span>{t("live.reconnecting")}</span>
          </p>
        )}
        <Announced>{state.playbackBlocked ? <SoundBlocked ports={ports} /> : null}</Announced>
        <Announced>{state.own.screen === "on" ? <YouShare ports={ports} /> : null}</Announced>
        <Stopped own={state.own} ports={ports} />
        {state.own.choosing || !isWanted(state.own.camera) ? null : <BackgroundState own={state.own} ports={ports} />}
        {state.own.choosing ? null : <DeviceProblems own={state.own} ports={ports} />}
        <Elsewhere ports={ports} />
        {state.entry.admin ? <KnockedBefore ports={ports} /> : null}
        <Knocks state={state} ports={ports} />
        <BoardNotice ports={ports} />
        <Toasts toasts={[...state.toasts, ...tools.toasts.map((toast) => ({ ...toast, id: -toast.id }))]} ports={ports} />
      </div>
      {tools.photo === null ? null : <div class="flash" aria-hidden="true" />}
      {state.entry.tools.fileUpload ? (
        <p class="drop-veil" aria-hidden="true">
          {t("files.drop_here")}
        </p>
      ) : null}
      {tab === null ? null : <Panel tab={tab} state={state} ports={ports} />}
      <Controls state={state} ports={ports} />
      {state.own.choosing ? (
        <DeviceDialog own={state.own} voiceOnly={!state.entry.camera} ports={ports}>
          <DeviceProblems own={state.own} ports={ports} />
        </DeviceDialog>
      ) : null}
    </main>
  );
}

/** Chat and tools have gone to another window of the same person, while sound and picture are here. */
function Elsewhere({ ports: { t, room, send } }: { ports: Ports }): VNode {
  return (
    <Announced>
      {room.end === "replaced" ? (
        <div class="notice">
          <span>{t("live.tools_elsewhere")}</span>
          <button
            type="button"
            class="button"
            onClick={() => {
              send({ kind: "toolsWished" });
            }}
          >
            {t("action.use_here")}
          </button>
        </div>
      ) : null}
    </Announced>
  );
}

/** Who waits can be let in from here: the clinician's hands are full. */
function Knocks({ state, ports }: { state: Live; ports: Ports }): VNode | null {
  const { t, use, room, tools } = ports;
  const [first, ...others] = waitingPeople(room);
  if (!state.entry.admin || first === undefined || tools.panel === "people") return null;
  const name = first.name ?? t("person.unnamed");
  return (
    <div class="notice knock">
      <span>{knockWords([first, ...others], t)}</span>
      <p class="row-actions">
        <button
          type="button"
          class="button button-primary button-small"
          aria-label={t("arrivals.admit_name", { name })}
          onClick={() => {
            use({ kind: "admitWished", userId: first.userId });
          }}
        >
          {t("arrivals.admit")}
        </button>
        <button
          type="button"
          class="button button-small"
          onClick={() => {
            use({ kind: "tabWished", tab: "people" });
          }}
        >
          {t("knock.look")}
        </button>
      </p>
    </div>
  );
}

/** Says who waits already when the clinician's side comes in; who knocks later is said as it happens. */
function KnockedBefore({ ports }: { ports: Ports }): VNode {
  const [before] = useState(() => waitingPeople(ports.room).map(({ userId }) => userId));
  return <KnocksSpoken people={waitingPeople(ports.room).filter(({ userId }) => before.includes(userId))} ports={ports} />;
}

function TimeLeft({ state, ports }: { state: Live; ports: Ports }): VNode | null {
  const remaining = remainingMs(state.metadata, state.now + state.entry.clockOffsetMs);
  if (remaining === null) return null;
  const seconds = Math.floor(remaining / 1000);
  const text =
    remaining > SECONDS_SHOWN_MS
      ? ports.t("time.left_minutes", { minutes: Math.ceil(seconds / 60) })
      : ports.t("time.left_seconds", { minutes: Math.floor(seconds / 60), seconds: String(seconds % 60).padStart(2, "0") });
  return (
    <span class="time-left" role="timer" data-near={state.warned}>
      <ClockIcon />
      {text}
    </span>
  );
}

function SoundBlocked({ ports: { t, send } }: { ports: Ports }): VNode {
  return (
    <div class="notice">
      <SoundIcon />
      <span>{t("live.sound_blocked")}</span>
      <button
        type="button"
        class="button button-primary"
        onClick={() => {
          send({ kind: "playbackWished" });
        }}
      >
        {t("action.enable_sound")}
      </button>
    </div>
  );
}

function YouShare({ ports: { t, send } }: { ports: Ports }): VNode {
  return (
    <div class="notice">
      <span>{t("live.you_share")}</span>
      <button
        type="button"
        class="button"
        onClick={() => {
          send({ kind: "screenWished", on: false });
        }}
      >
        {t("action.stop_sharing")}
      </button>
    </div>
  );
}

/** A device that is on and gives nothing, with the one button that may help. */
function Stopped({ own, ports: { t, send } }: { own: Own; ports: Ports }): VNode {
  return (
    <>
      {DEVICES.map((device) => (
        <Announced key={device}>
          {own.stopped[device] && own[device].kind === "on" ? (
            <div class="notice notice-problem">
              <AlertIcon />
              <span>{t(`stopped.${device}`)}</span>
              <button
                type="button"
                class="button button-primary"
                onClick={() => {
                  send({ kind: "restartWished", device });
                }}
              >
                {t(device === "microphone" ? "action.restart_microphone" : "action.restart_camera")}
              </button>
            </div>
          ) : null}
        </Announced>
      ))}
    </>
  );
}

const DEVICES = ["microphone", "camera"] as const;

/** Over the picture, or inside the choice of devices while that is open: what is behind it cannot be read. The same trouble is said once. */
function DeviceProblems({ own, ports }: { own: Own; ports: Ports }): VNode {
  const { t, send } = ports;
  const failed = DEVICES.filter((device) => own[device].kind === "failed");
  const together = failed.length > 1 && troubles(own, DEVICES, ports).length === 1;
  return (
    <>
      {DEVICES.map((device) => {
        const about = together ? (device === failed[0] ? failed : []) : failed.filter((each) => each === device);
        return (
          <Announced key={device}>
            {about.length === 0 ? null : (
              <div class="notice notice-problem">
                <AlertIcon />
                <div>
                  <Help
                    own={own}
                    devices={about}
                    ports={ports}
                    onRetry={() => {
                      for (const each of about) send({ kind: each === "camera" ? "cameraWished" : "microphoneWished", on: true });
                    }}
                  />
                </div>
                <button
                  type="button"
                  class="button"
                  onClick={() => {
                    for (const each of about) send({ kind: "problemSeen", device: each });
                  }}
                >
                  {t("action.close")}
                </button>
              </div>
            )}
          </Announced>
        );
      })}
    </>
  );
}

function Toasts({ toasts, ports: { t } }: { toasts: readonly Toast[]; ports: Ports }): VNode {
  const placed = usePlaced();
  return (
    // Not atomic: only the new message is spoken, not once more those that are still in view.
    <div class="toasts" role="status" aria-atomic="false">
      {(placed ? toasts : []).map((toast) => (
        <p key={toast.id} class={toast.spokenOnly ? "spoken" : "toast"}>
          {toastText(toast.text, t)}
        </p>
      ))}
    </div>
  );
}

function toastText(text: ToastText, t: Ports["t"]): string {
  return "name" in text ? t(text.key, { name: text.name ?? t("person.unnamed") }) : t(text.key);
}
