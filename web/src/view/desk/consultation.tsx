import type { VNode } from "preact";
import type { Consultation, DeskPerson } from "../../state/desk/model";
import { blockedDevices, consultationStatus, personStatus } from "../../state/desk/status";
import type { Open } from "../../state/desk/step";
import type { DeskProps } from "./app";
import { ConsultationChip, PersonChip } from "./chips";
import { QualityPanel } from "./quality";
import { Ratings } from "./ratings";
import { clock, names } from "./times";

interface Props extends DeskProps {
  readonly consultation: Consultation;
  readonly state: Open;
}

/** One consultation with its people. */
export function ConsultationItem({ consultation, state, locale, t, send }: Props): VNode {
  const { id } = consultation;
  const from = clock(locale, consultation.start);
  const to = clock(locale, consultation.end);
  const status = consultationStatus(consultation, state.now);
  const quality = state.quality?.id === id ? state.quality : null;
  return (
    <li>
      <article class={`consultation consultation-${status}`} aria-label={t("consultation.name", { from, to, people: names(consultation, t) })}>
        <div class="consultation-head">
          <p class="consultation-time">
            <time dateTime={new Date(consultation.start).toISOString()}>{from}</time>
            <span aria-hidden="true">–</span>
            <time dateTime={new Date(consultation.end).toISOString()}>{to}</time>
          </p>
          <ConsultationChip status={status} t={t} />
        </div>
        {consultation.complete ? null : (
          <p class="muted small">{t("consultation.incomplete_detail", { known: consultation.people.length, number: consultation.number })}</p>
        )}
        <ul class="people" aria-label={t("consultation.people")}>
          {consultation.people.map((person) => (
            <Person key={person.id} id={id} person={person} locale={locale} t={t} send={send} />
          ))}
        </ul>
        <div class="consultation-actions">
          {consultation.frozen ? (
            <p class="muted small">{t("consultation.final")}</p>
          ) : (
            <button type="button" class="button button-small" onClick={() => { send({ kind: "formWished", id }); }}>
              {t("consultation.change")}
            </button>
          )}
          <button type="button" class="button button-small" onClick={() => { send({ kind: "cancelWished", id }); }}>
            {t("consultation.cancel")}
          </button>
          {consultation.complete ? (
            <button type="button" class="button button-small" aria-expanded={quality !== null} onClick={() => { send({ kind: "qualityToggled", id }); }}>
              {t("consultation.quality")}
            </button>
          ) : null}
        </div>
        {quality === null ? null : (
          <>
            {quality.report === null ? null : <Ratings report={quality.report.ratings} t={t} />}
            <QualityPanel report={quality.report?.quality ?? null} failed={quality.failed} locale={locale} t={t} />
          </>
        )}
      </article>
    </li>
  );
}

interface PersonProps extends Pick<DeskProps, "locale" | "t" | "send"> {
  /** The consultation's id. */
  readonly id: string;
  readonly person: DeskPerson;
}

function Person({ id, person, locale, t, send }: PersonProps): VNode {
  const name = person.name ?? person.id;
  const { link, presence } = person;
  const blocked = presence?.stage === "lobby" || presence?.stage === "waiting" ? blockedDevices(presence.check) : [];
  return (
    <li class="person">
      <div class="person-who">
        <bdi class="person-name">{name}</bdi>
        {person.role === "plus" ? <span class="muted small">{t("person.organises")}</span> : null}
      </div>
      <div class="person-where">
        <PersonChip status={personStatus(person)} t={t} />
        {presence?.since == null || presence.stage === "away" ? null : <span class="muted small">{t("person.since", { time: clock(locale, presence.since) })}</span>}
      </div>
      <div class="person-actions">
        {link === null ? (
          <span class="muted small">{t("person.no_link")}</span>
        ) : (
          <button type="button" class="button button-small" aria-label={t("person.copy_of", { name })} onClick={() => { send({ kind: "copyWished", link, name }); }}>
            {t("person.copy")}
          </button>
        )}
        <button type="button" class="button button-small" aria-label={t("person.calendar_of", { name })} onClick={() => { send({ kind: "calendarWished", id, person: person.id }); }}>
          {t("person.calendar")}
        </button>
      </div>
      {blocked.map((device) => (
        <p key={device} class="person-hint small">
          {t(`person.blocked_${device}`)}
        </p>
      ))}
    </li>
  );
}
