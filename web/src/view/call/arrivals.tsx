import type { VNode } from "preact";
import type { TextKey } from "../../i18n/translate";
import type { Check, Member } from "../../state/channel";
import { waitingElsewhere, waitingPeople } from "../../state/room";
import { usePlaced } from "../parts";
import { Composer, Thread, Typing } from "./chat";
import { Confirming } from "./confirming";
import { clockTime, type Ports } from "./ports";

/** For the clinician's side: who waits, and who is at the door without having knocked. Nothing if nobody is. */
export function Arrivals({ ports }: { ports: Ports }): VNode | null {
  const { t, room } = ports;
  const waiting = [...waitingPeople(room), ...waitingElsewhere(room)];
  const lobby = [...room.people.values()].filter((person) => person.stage === "lobby" && person.userId !== room.you);
  if (waiting.length + lobby.length === 0) return null;
  return (
    <section class="arrivals" aria-label={t("arrivals.heading")}>
      <h2>{t("arrivals.heading")}</h2>
      <ul role="list">
        {waiting.map((person) => (
          <Arrival key={person.userId} person={person} ports={ports} />
        ))}
        {lobby.map((person) => (
          <Arrival key={person.userId} person={person} ports={ports} />
        ))}
      </ul>
    </section>
  );
}

export function knockWords([first, ...others]: readonly Member[], t: Ports["t"]): string {
  if (first === undefined) return "";
  const name = first.name ?? t("person.unnamed");
  return others.length === 0 ? t("knock.one", { name }) : t("knock.many", { name, count: others.length });
}

/** Says who waits, to whoever does not look. */
export function KnocksSpoken({ people, ports: { t } }: { people: readonly Member[]; ports: Ports }): VNode {
  const placed = usePlaced();
  return (
    <div class="spoken" role="status">
      {placed ? knockWords(people, t) : ""}
    </div>
  );
}

function Arrival({ person, ports }: { person: Member; ports: Ports }): VNode {
  const { t, use, room, tools } = ports;
  const name = person.name ?? t("person.unnamed");
  const waits = person.stage === "waiting";
  const messages = room.messages.filter((message) => message.waiting === person.userId);
  const outgoing = tools.outgoing.some((message) => message.to === person.userId);
  const turningAway = tools.confirm?.act === "turn_away" && tools.confirm.userId === person.userId;
  return (
    <li class="arrival">
      <p class="arrival-name">
        <bdi>{name}</bdi>
      </p>
      <p class="small muted">{whereabouts(person, ports)}</p>
      <CheckWords check={person.check} ports={ports} />
      {messages.length > 0 || outgoing ? <Thread messages={messages} to={person.userId} ports={ports} /> : null}
      <Typing waiting={person.userId} ports={ports} />
      <Composer to={person.userId} label={t("arrivals.write", { name })} ports={ports} />
      {turningAway ? (
        <Confirming question={t("arrivals.turn_away_question", { name })} hint={t("arrivals.turn_away_hint")} yes={t("arrivals.turn_away")} ports={ports} />
      ) : (
        <div class="row-actions">
          <button
            type="button"
            class="button button-primary button-small"
            aria-label={t("arrivals.admit_name", { name })}
            onClick={() => {
              use({ kind: "admitWished", userId: person.userId });
            }}
          >
            {t("arrivals.admit")}
          </button>
          {waits ? (
            <button
              type="button"
              class="button button-small"
              aria-label={t("arrivals.turn_away_name", { name })}
              onClick={() => {
                use({ kind: "confirmWished", confirm: { act: "turn_away", userId: person.userId } });
              }}
            >
              {t("arrivals.turn_away")}
            </button>
          ) : null}
        </div>
      )}
    </li>
  );
}

function whereabouts({ stage, since, awaySince }: Member, ports: Ports): string {
  const { t } = ports;
  if (stage !== "waiting") return t("arrivals.in_lobby");
  if (awaySince !== null) return t("arrivals.waited", { time: clockTime(awaySince, ports) });
  return since === null ? t("arrivals.waits") : t("arrivals.waits_since", { time: clockTime(since, ports) });
}

/** What the check of devices and network found, in words; what is well is said in one. */
function CheckWords({ check, ports: { t } }: { check: Check | null; ports: Ports }): VNode {
  if (check === null) return <p class="small muted">{t("check.none")}</p>;
  const words = problemsOf(check).map((key) => t(key));
  return (
    <p class="small" data-problem={words.length > 0}>
      {words.length === 0 ? t("arrivals.all_well") : words.join(" · ")}
      {check.browser === null ? null : (
        <>
          {" · "}
          <bdi>{check.browser}</bdi>
        </>
      )}
    </p>
  );
}

function problemsOf({ microphone, camera, speaker, network }: Check): readonly TextKey[] {
  const device = (name: "microphone" | "camera" | "speaker", verdict: Check["microphone"]): TextKey[] =>
    verdict === "ok" || verdict === "skipped" ? [] : [`check.${name}_${verdict}`];
  return [
    ...device("microphone", microphone),
    ...device("camera", camera),
    ...device("speaker", speaker),
    ...(network === "good" || network === "skipped" ? [] : [`check.network_${network}` as const]),
  ];
}
