import type { VNode } from "preact";
import type { DeskTranslate } from "../../i18n/desk/translate";
import type { DeskEvent, Notice } from "../../state/desk/step";
import { AlertIcon, CheckIcon, CloseIcon } from "../icons";

interface Props {
  readonly notice: Notice | null;
  readonly t: DeskTranslate;
  readonly send: (event: DeskEvent) => void;
}

/** What was just done, in words that a screen reader says; or a link that the reader has to copy. */
export function Notices({ notice, t, send }: Props): VNode {
  return (
    <div class="announced" role="status">
      {notice === null ? null : (
        <div key={notice.kind === "said" ? notice.count : "link"} class="notice">
          {notice.kind === "said" && notice.key !== "notice.no_calendar" ? <CheckIcon /> : <AlertIcon />}
          {notice.kind === "said" ? (
            <span>{t(notice.key)}</span>
          ) : (
            <label class="field" for="link">
              {t("notice.link", { name: notice.name })}
              <input id="link" type="text" readOnly value={notice.link} onFocus={(event) => { event.currentTarget.select(); }} />
            </label>
          )}
          <button type="button" class="icon-button" aria-label={t("notice.close")} onClick={() => { send({ kind: "noticeClosed" }); }}>
            <CloseIcon />
          </button>
        </div>
      )}
    </div>
  );
}
