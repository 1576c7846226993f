import type { VNode } from "preact";
import { LANGUAGES } from "../../i18n/language";
import type { DraftPerson, Problems } from "../../state/desk/draft";
import type { Rules } from "../../state/desk/model";
import type { DeskProps } from "./app";
import { Field, ProblemLine } from "./form-dialog";

interface Props extends Pick<DeskProps, "t" | "send"> {
  readonly person: DraftPerson;
  readonly number: number;
  /** The last one, who cannot be removed. */
  readonly alone: boolean;
  readonly rules: Rules;
  readonly problems: Problems;
  readonly locale: string;
}

/** The fields of one person. Where people are looked up, their id is all that is asked for. */
export function PersonFields({ person, number, alone, rules, problems, locale, t, send }: Props): VNode {
  const { row } = person;
  const edit = (field: "id" | "name" | "group" | "language") => (value: string): void => {
    send({ kind: "personEdited", row, field, value });
  };
  return (
    <fieldset class="person-fields">
      <legend>{t("form.person", { number })}</legend>
      {rules.lookedUp ? null : (
        <>
          <Field id={`name.${row}`} label={t("form.name")} problems={problems} t={t} type="text" value={person.name} onInput={edit("name")} />
          <div class="field">
            <label for={`group.${row}`}>{t("form.group")}</label>
            <select id={`group.${row}`} value={person.group} aria-invalid={problems[`group.${row}`] !== undefined} aria-describedby={`group.${row}-problem`} onChange={(event) => { edit("group")(event.currentTarget.value); }}>
              <Groups label={t("form.group_plus")} groups={rules.plusGroups} />
              <Groups label={t("form.group_basic")} groups={rules.basicGroups} />
              {[...rules.plusGroups, ...rules.basicGroups].includes(person.group) ? null : <option value={person.group}>{person.group}</option>}
            </select>
            <ProblemLine id={`group.${row}`} problems={problems} t={t} />
          </div>
        </>
      )}
      <div class="field">
        <label for={`language.${row}`}>{t("form.language")}</label>
        <select id={`language.${row}`} value={person.language} onChange={(event) => { edit("language")(event.currentTarget.value); }}>
          <option value="">{t("form.language_browser")}</option>
          {languagesOf(person).map((tag) => (
            <option key={tag} value={tag}>
              {languageName(tag, locale)}
            </option>
          ))}
        </select>
      </div>
      <Field id={`id.${row}`} label={t("form.id")} problems={problems} t={t} type="text" value={person.id} readOnly={person.known} {...(person.known || rules.lookedUp ? {} : { hint: t("form.id_hint") })} onInput={edit("id")} />
      {alone ? null : (
        <button type="button" class="button button-small" aria-label={t("form.remove", { number })} onClick={() => { send({ kind: "personRemoved", row }); }}>
          {t("form.remove", { number })}
        </button>
      )}
    </fieldset>
  );
}

function Groups({ label, groups }: { readonly label: string; readonly groups: readonly string[] }): VNode {
  return (
    <optgroup label={label}>
      {groups.map((group) => (
        <option key={group} value={group}>
          {group}
        </option>
      ))}
    </optgroup>
  );
}

/** Those that the pages speak, and the one that the person has. */
function languagesOf(person: DraftPerson): readonly string[] {
  return [...new Set([...LANGUAGES, person.language])].filter((tag) => tag !== "");
}

/** The name of a language in the reader's; a tag that is none is its own name. */
function languageName(tag: string, reader: string): string {
  try {
    return new Intl.DisplayNames(reader, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
