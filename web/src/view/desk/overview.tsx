import type { VNode } from "preact";
import { dayOf, momentOf } from "../../state/desk/draft";
import { shown, type Filter } from "../../state/desk/status";
import type { Open } from "../../state/desk/step";
import { Heading, Pulse } from "../parts";
import type { DeskProps } from "./app";
import { CancelDialog } from "./cancel-dialog";
import { ConsultationItem } from "./consultation";
import { FormDialog } from "./form-dialog";
import { Notices } from "./notices";
import { byDay, dayName, zone } from "./times";

const FILTERS: readonly Filter[] = ["all", "current", "attention"];

/** The list of consultations, by day, with what lies over it. */
export function Overview({ state, ...props }: DeskProps & { readonly state: Open }): VNode {
  const { t, send, locale } = props;
  const list = state.list === null ? null : shown(state.list, state.filter, state.search, state.now);
  return (
    <>
      <header class="desk-head">
        <Heading>{t("desk.heading")}</Heading>
        <div class="desk-actions">
          <button type="button" class="button button-primary" disabled={state.list === null} onClick={() => { send({ kind: "formWished", id: null }); }}>
            {t("desk.new")}
          </button>
          <button type="button" class="button" onClick={() => { send({ kind: "lockWished" }); }}>
            {t("desk.lock")}
          </button>
        </div>
      </header>
      <main class="desk">
        <Find state={state} t={t} send={send} />
        <div class="desk-facts">
          <p class={state.live ? "live live-on" : "live"} role="status">
            {state.live ? t("desk.live") : t("desk.not_live")}
          </p>
          <p class="muted small">{t("desk.zone", { zone: zone() })}</p>
          {list === null ? null : <p class="muted small" role="status">{t("find.count", { count: list.length })}</p>}
          {state.rules.presenceIsKnown ? null : <p class="muted small">{t("desk.presence_unknown")}</p>}
        </div>
        {state.unreadable === 0 ? null : <p class="notice notice-problem">{t("desk.unreadable", { count: state.unreadable })}</p>}
        <Notices notice={state.notice} t={t} send={send} />
        {list === null ? (
          <div class="desk-empty">
            <Pulse />
            <p>{t("desk.loading")}</p>
          </div>
        ) : list.length === 0 ? (
          <p class="desk-empty">{t(state.list?.length === 0 ? "find.empty" : "find.none")}</p>
        ) : (
          byDay(list).map((one) => (
            <section key={one.day} class="day" aria-labelledby={`day-${one.day}`}>
              <h2 id={`day-${one.day}`}>{dayName(locale, t, one.list[0]?.start ?? state.now, state.now)}</h2>
              <ul class="consultations">
                {one.list.map((consultation) => (
                  <ConsultationItem key={consultation.id} consultation={consultation} state={state} {...props} />
                ))}
              </ul>
            </section>
          ))
        )}
        {state.next === null ? null : (
          <button type="button" class="button" aria-disabled={state.loading} onClick={() => { send({ kind: "moreWished" }); }}>
            {t("desk.more")}
          </button>
        )}
      </main>
      {state.over?.kind === "form" ? <FormDialog over={state.over} rules={state.rules} {...props} /> : null}
      {state.over?.kind === "cancel" ? <CancelDialog over={state.over} now={state.now} {...props} /> : null}
    </>
  );
}

function Find({ state, t, send }: { readonly state: Open } & Pick<DeskProps, "t" | "send">): VNode {
  return (
    <form class="find" role="search" onSubmit={(event) => { event.preventDefault(); }}>
      <label class="field find-search" for="search">
        {t("find.search")}
        <input id="search" type="search" value={state.search} autocomplete="off" maxLength={256} onInput={(event) => { send({ kind: "searched", search: event.currentTarget.value }); }} />
      </label>
      <label class="field" for="filter">
        {t("find.show")}
        <select
          id="filter"
          value={state.filter}
          onChange={(event) => {
            const filter = FILTERS.find((one) => one === event.currentTarget.value);
            if (filter !== undefined) send({ kind: "filterChosen", filter });
          }}
        >
          {FILTERS.map((filter) => (
            <option key={filter} value={filter}>
              {t(`find.${filter}`)}
            </option>
          ))}
        </select>
      </label>
      <label class="field" for="day">
        {t("find.day")}
        <input id="day" type="date" value={dayOf(state.day ?? state.now)} onChange={(event) => { send({ kind: "dayChosen", day: momentOf(event.currentTarget.value, "00:00") }); }} />
      </label>
      <button type="button" class="button" disabled={state.day === null} onClick={() => { send({ kind: "dayChosen", day: null }); }}>
        {t("find.today")}
      </button>
    </form>
  );
}
