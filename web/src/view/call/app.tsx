import type { VNode } from "preact";
import type { CallState } from "../../state/call";
import type { EnterProblem } from "../../state/model";
import { Again, Card, Heading, Pulse } from "../parts";
import { AfterCall } from "./after";
import { LiveCall } from "./live";
import { Lobby } from "./lobby";
import type { Ports } from "./ports";
import { ComeIn, WaitingRoom } from "./waiting-room";

/** The call page: draws one state. */
export function CallApp({ state, ports }: { state: CallState; ports: Ports }): VNode {
  const { t } = ports;
  switch (state.kind) {
    case "opening":
      return (
        <Card key="opening">
          <Pulse />
          <Heading>{t(state.arrival === "reload" ? "returning.heading" : "call.opening")}</Heading>
        </Card>
      );
    case "refused":
      return <Refused key={state.problem} problem={state.problem} ports={ports} />;
    case "waiting":
      return <WaitingRoom key="waiting" state={state} ports={ports} />;
    case "joining":
      if (state.admitted) return <ComeIn key="come-in" ports={ports} />;
      return <Lobby state={state} ports={ports} />;
    case "lobby":
      return <Lobby state={state} ports={ports} />;
    case "live":
      return <LiveCall state={state} ports={ports} />;
    case "returning":
      return (
        <Card key="returning">
          <Pulse />
          <Heading>{t("returning.heading")}</Heading>
          <p class="lead" role="status">
            {t("returning.body")}
          </p>
          <div class="actions">
            <button
              type="button"
              class="button"
              onClick={() => {
                ports.send({ kind: "leaveWished" });
              }}
            >
              {t("action.leave")}
            </button>
          </div>
        </Card>
      );
    case "left":
      return <AfterCall state={state} ports={ports} />;
  }
}

function Refused({ problem, ports }: { problem: EnterProblem; ports: Ports }): VNode {
  const { t } = ports;
  const passing = problem === "busy" || problem === "unavailable" || problem === "offline";
  return (
    <Card>
      {passing ? <Pulse /> : null}
      <Heading>{t(`refused.${problem}.heading`)}</Heading>
      <p class="lead">{t(`refused.${problem}.body`)}</p>
      {problem === "no_token" ? null : <Again label={t("action.try_again")} send={ports.send} />}
    </Card>
  );
}
