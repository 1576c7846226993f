import type { VNode } from "preact";
import type { CallState, TurnedBack } from "../../state/call";
import { AlertIcon } from "../icons";
import { Announced, Card, Heading, Pulse } from "../parts";
import { BackgroundChoice } from "./background";
import { Composer, Thread, Typing } from "./chat";
import { Problems, Self, Toggle } from "./lobby";
import type { Ports } from "./ports";

interface Props {
  readonly state: Extract<CallState, { kind: "waiting" }>;
  readonly ports: Ports;
}

/** Somebody has knocked: they see themselves, and that they are not forgotten. */
export function WaitingRoom({ state, ports }: Props): VNode {
  const { t, send, room } = ports;
  const { own, entry } = state;
  const name = state.wishes.displayName ?? entry.displayName;
  const reached = room.link === "open" && room.stage === "waiting";
  const messages = room.messages.filter((message) => message.waiting !== null);
  return (
    <main class="lobby waiting-room">
      <section class="lobby-view" aria-label={t("lobby.preview")}>
        <Self own={own} name={name} voiceOnly={!entry.camera} ports={ports} />
        <div class="lobby-toggles">
          <Toggle device="microphone" own={own} disabled={false} ports={ports} />
          {entry.camera ? <Toggle device="camera" own={own} disabled={false} ports={ports} /> : null}
        </div>
      </section>
      <section class="lobby-panel">
        <Pulse />
        <Heading>{t("waiting.heading")}</Heading>
        <div role="status" class="waiting-word">
          <p class="lead">{t(!reached ? "waiting.room_reaching" : room.hostsPresent ? "waiting.room_seen" : "waiting.room_no_host")}</p>
        </div>
        <p>{t("waiting.room_keep_open")}</p>
        <p class="muted">{t("lobby.hint")}</p>
        <Announced>
          <Problems own={own} voiceOnly={!entry.camera} ports={ports} />
        </Announced>
        {entry.camera ? <BackgroundChoice own={own} ports={ports} /> : null}
        <section class="waiting-chat" aria-label={t("waiting.messages")}>
          {messages.length > 0 || ports.tools.outgoing.length > 0 ? <Thread messages={messages} to={null} ports={ports} /> : null}
          <Typing waiting={room.you} ports={ports} />
          <Composer to={null} label={t("waiting.write")} ports={ports} />
        </section>
        <div class="actions">
          <button
            type="button"
            class="button"
            onClick={() => {
              send({ kind: "leaveWished" });
            }}
          >
            {t("action.leave_waiting")}
          </button>
        </div>
      </section>
    </main>
  );
}

/** Between the waiting room and the call. */
export function ComeIn({ ports: { t, send } }: { ports: Ports }): VNode {
  return (
    <Card>
      <Pulse />
      <Heading>{t("waiting.come_in")}</Heading>
      <p class="lead" role="status">
        {t("waiting.come_in_body")}
      </p>
      <div class="actions">
        <button
          type="button"
          class="button"
          onClick={() => {
            send({ kind: "leaveWished" });
          }}
        >
          {t("action.cancel")}
        </button>
      </div>
    </Card>
  );
}

/** Why somebody is before the door again, with what the clinician's side wrote. */
export function TurnedBackNotice({ turnedBack, ports: { t } }: { turnedBack: TurnedBack; ports: Ports }): VNode {
  return (
    <div class="notice notice-problem">
      <AlertIcon />
      <div>
        <p>{t(turnedBack.removed ? "waiting.removed" : "waiting.turned_away")}</p>
        {turnedBack.message === null ? null : (
          <blockquote class="quote" dir="auto">
            {turnedBack.message}
          </blockquote>
        )}
      </div>
    </div>
  );
}
