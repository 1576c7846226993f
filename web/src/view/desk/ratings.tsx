import type { VNode } from "preact";
import type { DeskTranslate } from "../../i18n/desk/translate";
import type { RatingReport } from "../../state/desk/model";

interface Props {
  readonly report: RatingReport;
  readonly t: DeskTranslate;
}

/** What people thought of the calls, the newest first. Their words are anybody's: they run in their own direction, and break anywhere. */
export function Ratings({ report, t }: Props): VNode | null {
  if (!report.asked) return null;
  if (report.ratings.length === 0) return <p class="muted small">{t("ratings.none")}</p>;
  return (
    <>
      <ul class="ratings" aria-label={t("ratings.title")}>
        {report.ratings.map(({ name, stars, comment }, index) => (
          <li key={index} class="small">
            {name === null ? t("ratings.somebody") : <bdi>{name}</bdi>} <span class="muted">{t("ratings.stars", { stars })}</span>
            {comment === null ? null : (
              <>
                {" · "}
                <bdi>{comment}</bdi>
              </>
            )}
          </li>
        ))}
      </ul>
      {report.more ? <p class="muted small">{t("ratings.more")}</p> : null}
    </>
  );
}
