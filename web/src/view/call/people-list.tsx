import type { VNode } from "preact";
import type { Live } from "../../state/call";
import type { MediaSource, Member } from "../../state/channel";
import type { Person } from "../../state/model";
import { isAdmitted, raisedHands, userOf } from "../../state/room";
import { HandIcon, MicrophoneOffIcon } from "../icons";
import { Arrivals } from "./arrivals";
import { Confirming } from "./confirming";
import { memberName, type Ports } from "./ports";

/** Everybody of the room, with what can be done about each. */
export function PeopleList({ state, ports }: { state: Live; ports: Ports }): VNode {
  const { t, room, use } = ports;
  const hands = raisedHands(room);
  const seen = new Map([...state.people.values()].map((person) => [userOf(person.id), person]));
  const here = [...room.people.values()].filter((person) => isAdmitted(person.stage) || seen.has(person.userId));
  const away = state.entry.admin ? [...room.people.values()].filter((person) => person.stage === "away" && !seen.has(person.userId)) : [];
  return (
    <div class="panel-body people">
      {state.entry.admin ? <Arrivals ports={ports} /> : null}
      {hands.length > 0 ? (
        <section aria-label={t("people.hands")}>
          <h2>{t("people.hands")}</h2>
          <ol class="hands">
            {hands.map((person) => (
              <li key={person.userId}>
                <bdi>{person.name ?? t("person.unnamed")}</bdi>
              </li>
            ))}
          </ol>
        </section>
      ) : null}
      <section aria-label={t("people.here")}>
        <h2>{t("people.here")}</h2>
        <ul role="list">
          {here.map((person) => (
            <Row key={person.userId} person={person} seen={seen.get(person.userId)} state={state} ports={ports} />
          ))}
        </ul>
      </section>
      {away.length > 0 ? (
        <section aria-label={t("people.away")}>
          <h2>{t("people.away")}</h2>
          <ul role="list">
            {away.map((person) => (
              <li key={person.userId} class="person">
                <bdi class="person-name">{person.name ?? t("person.unnamed")}</bdi>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {room.presented !== null && (state.entry.admin || room.presented.userId === room.you) ? (
        <div class="row-actions">
          <button
            type="button"
            class="button button-small"
            onClick={() => {
              use({ kind: "presentWished", source: null });
            }}
          >
            {t("people.end_presenting", { name: memberName(room.presented.userId, ports) })}
          </button>
        </div>
      ) : null}
    </div>
  );
}

interface RowProps {
  readonly person: Member;
  /** What the media engine has of them. */
  readonly seen: Person | undefined;
  readonly state: Live;
  readonly ports: Ports;
}

function Row({ person, seen, state, ports }: RowProps): VNode {
  const { t, room, tools } = ports;
  const own = person.userId === room.you;
  const name = person.name ?? t("person.unnamed");
  const confirm = tools.confirm;
  const confirming = confirm !== null && confirm.act !== "delete" && confirm.act !== "turn_away" && confirm.userId === person.userId ? confirm : null;
  return (
    <li class="person">
      <p class="person-head">
        <bdi class="person-name">{own ? t("person.named_you", { name }) : name}</bdi>
        {person.handRaisedAt === null ? null : (
          <span class="person-mark" title={t("people.hand_up")}>
            <HandIcon />
            <span class="spoken">{t("people.hand_up")}</span>
          </span>
        )}
        {seen !== undefined && !seen.microphone ? (
          <span class="person-mark" title={t("person.microphone_off")}>
            <MicrophoneOffIcon />
            <span class="spoken">{t("person.microphone_off")}</span>
          </span>
        ) : null}
      </p>
      <p class="small muted">
        {[
          person.admin ? t("people.admin") : null,
          seen === undefined ? t("people.coming") : person.quality === "unknown" ? null : t(`people.quality_${person.quality}`),
          room.presented?.userId === person.userId ? t("people.presented") : null,
        ]
          .filter((word) => word !== null)
          .join(" · ")}
      </p>
      {confirming !== null ? (
        <Confirming
          question={confirming.act === "remove" ? t("people.remove_question", { name }) : t(`people.mute_question_${confirming.source}`, { name })}
          yes={confirming.act === "remove" ? t("people.remove") : t(`people.mute_${confirming.source}`)}
          ports={ports}
        />
      ) : own ? null : (
        <RowActions person={person} name={name} seen={seen} state={state} ports={ports} />
      )}
    </li>
  );
}

function RowActions({ person, name, seen, state, ports }: RowProps & { readonly name: string }): VNode | null {
  const { t, use, tools } = ports;
  const { admin, tools: allowed } = state.entry;
  const { userId } = person;
  const asked = tools.stills.some((still) => still.userId === userId);
  const mutable: readonly MediaSource[] =
    admin && seen !== undefined
      ? [...(seen.microphone ? (["microphone"] as const) : []), ...(seen.camera === null ? [] : (["camera"] as const)), ...(seen.screen === null ? [] : (["screen_share"] as const))]
      : [];
  const still = allowed.snapshot && seen?.camera != null;
  if (!admin && !still) return null;
  return (
    <div class="row-actions">
      {still ? (
        <button
          type="button"
          class="button button-small"
          aria-label={t("people.still_of", { name })}
          aria-disabled={asked}
          onClick={() => {
            use({ kind: "stillWished", userId });
          }}
        >
          {t(asked ? "people.still_asked" : "people.still")}
        </button>
      ) : null}
      {mutable.map((source) => (
        <button
          key={source}
          type="button"
          class="button button-small"
          aria-label={t(`people.mute_${source}_of`, { name })}
          onClick={() => {
            use({ kind: "confirmWished", confirm: { act: "mute", userId, source } });
          }}
        >
          {t(`people.mute_${source}`)}
        </button>
      ))}
      {admin ? (
        <button
          type="button"
          class="button button-small"
          aria-label={t("people.remove_name", { name })}
          onClick={() => {
            use({ kind: "confirmWished", confirm: { act: "remove", userId } });
          }}
        >
          {t("people.remove")}
        </button>
      ) : null}
    </div>
  );
}
