import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { DeskTranslate } from "../../i18n/desk/translate";
import { PEOPLE_MAX, type Problem, type Problems } from "../../state/desk/draft";
import type { Rules } from "../../state/desk/model";
import type { Over } from "../../state/desk/step";
import type { DeskProps } from "./app";
import { Dialog } from "./dialog";
import { PersonFields } from "./person-fields";

interface Props extends DeskProps {
  readonly over: Extract<Over, { kind: "form" }>;
  readonly rules: Rules;
}

/** The form for a new consultation, or to change one. */
export function FormDialog({ over, rules, locale, t, send, newIds }: Props): VNode {
  const { draft, problems, busy } = over;
  const form = useRef<HTMLFormElement>(null);
  const wrong = Object.keys(problems).length;
  useLayoutEffect(() => {
    // Where something is wrong is where to go on.
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [wrong > 0 && !busy]);
  const close = (): void => {
    send({ kind: "closed" });
  };
  return (
    <Dialog heading={t(draft.of === null ? "form.new" : "form.change")} onClose={close}>
      <form
        ref={form}
        class="fields"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send({ kind: "submitted", newIds: newIds() });
        }}
      >
        <p class={wrong > 0 ? "problem" : "announced"} role="alert">
          {wrong === 0 ? null : problems.form === undefined ? t("form.check") : problemText(problems.form, t)}
        </p>
        <div class="field-row">
          <Field id="date" label={t("form.date")} problems={problems} t={t} type="date" value={draft.date} onInput={(value) => { send({ kind: "edited", field: "date", value }); }} />
          <Field id="time" label={t("form.time")} problems={problems} t={t} type="time" value={draft.time} onInput={(value) => { send({ kind: "edited", field: "time", value }); }} />
          <Field id="minutes" label={t("form.minutes")} problems={problems} t={t} type="number" value={draft.minutes} onInput={(value) => { send({ kind: "edited", field: "minutes", value }); }} />
        </div>
        <h3>{t("form.people")}</h3>
        <ProblemLine id="people" problems={problems} t={t} />
        {draft.people.map((person, index) => (
          <PersonFields key={person.row} person={person} number={index + 1} alone={draft.people.length <= 1} rules={rules} problems={problems} locale={locale} t={t} send={send} />
        ))}
        <button type="button" class="button button-small" disabled={draft.people.length >= PEOPLE_MAX} onClick={() => { send({ kind: "personAdded" }); }}>
          {t("form.add")}
        </button>
        {draft.of === null ? null : <p class="muted small">{t("form.links")}</p>}
        <div class="actions">
          <button type="submit" class="button button-primary" aria-disabled={busy}>
            {t(busy ? "form.sending" : draft.of === null ? "form.book" : "form.save")}
          </button>
          <button type="button" class="button" onClick={close}>
            {t("form.back")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Our words, or the server's, which are in English. */
function problemText(problem: Problem, t: DeskTranslate): VNode {
  if ("key" in problem) return <>{t(problem.key)}</>;
  return problem.text === "" ? <>{t("problem.trouble")}</> : <span lang="en">{problem.text}</span>;
}

/** What is wrong with one field, below it. */
export function ProblemLine({ id, problems, t }: { readonly id: string; readonly problems: Problems; readonly t: DeskTranslate }): VNode | null {
  const problem = problems[id];
  return problem === undefined ? null : (
    <p id={`${id}-problem`} class="problem small">
      {problemText(problem, t)}
    </p>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly problems: Problems;
  readonly t: DeskTranslate;
  readonly type: "text" | "date" | "time" | "number";
  readonly value: string;
  readonly hint?: string;
  readonly readOnly?: boolean;
  readonly onInput: (value: string) => void;
}

/** One field with its label, its hint and what is wrong with it. */
export function Field({ id, label, problems, t, type, value, hint, readOnly, onInput }: FieldProps): VNode {
  const described = [hint === undefined ? null : `${id}-hint`, problems[id] === undefined ? null : `${id}-problem`].filter((one) => one !== null).join(" ");
  const input = {
    id,
    value,
    readOnly: readOnly ?? false,
    autocomplete: "off",
    "aria-invalid": problems[id] !== undefined,
    ...(described === "" ? {} : { "aria-describedby": described }),
    onInput: (event: { readonly currentTarget: HTMLInputElement }): void => {
      onInput(event.currentTarget.value);
    },
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === "text" ? <input type="text" dir="auto" {...input} /> : type === "number" ? <input type="number" min={5} {...input} /> : <input type={type} {...input} />}
      {hint === undefined ? null : (
        <p id={`${id}-hint`} class="muted small">
          {hint}
        </p>
      )}
      <ProblemLine id={id} problems={problems} t={t} />
    </div>
  );
}
