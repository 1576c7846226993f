import type { VNode } from "preact";
import { StarIcon } from "../icons";
import type { Ports } from "./ports";

const STARS = [1, 2, 3, 4, 5] as const;

/** Goes from star to star with the arrow keys. It does not choose one, because to choose is to send. */
function goAlong(event: KeyboardEvent): void {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (by === undefined || !(event.target instanceof HTMLElement)) return;
  event.preventDefault();
  const buttons = [...(event.target.parentElement?.querySelectorAll("button") ?? [])];
  const across = event.key.endsWith("Left") || event.key.endsWith("Right");
  const turned = across && getComputedStyle(event.target).direction === "rtl" ? -by : by;
  const at = buttons.findIndex((button) => button === event.target) + turned;
  buttons[(at + buttons.length) % buttons.length]?.focus();
}

/** How it was: one tap, and a word if one likes. */
export function RateCall({ ports }: { ports: Ports }): VNode {
  const { t, use, tools } = ports;
  const { stars, comment, status } = tools.rating;
  return (
    <section class="rating" aria-label={t("rate.heading")}>
      <h2>{t("rate.heading")}</h2>
      <div class="stars" role="radiogroup" aria-label={t("rate.heading")} onKeyDown={goAlong}>
        {STARS.map((star) => (
          <button
            key={star}
            type="button"
            role="radio"
            class="star-button"
            data-on={stars !== null && star <= stars}
            aria-checked={stars === star}
            tabIndex={star === (stars ?? 1) ? 0 : -1}
            aria-label={star === 1 ? t("rate.star") : t("rate.stars", { count: star })}
            onClick={() => {
              use({ kind: "rateWished", stars: star });
            }}
          >
            <StarIcon />
          </button>
        ))}
      </div>
      <p role="status">
        {status === "open" ? "" : t(`rate.${status}`)}
      </p>
      {stars === null || status === "commented" || status === "over" ? null : (
        <form
          class="rating-comment"
          onSubmit={(event) => {
            event.preventDefault();
            use({ kind: "commentWished" });
          }}
        >
          <label class="field">
            <span>{t("rate.comment")}</span>
            <textarea
              rows={2}
              dir="auto"
              maxLength={1000}
              value={comment}
              // Whoever looks for words is not taken away meanwhile.
              onFocus={() => {
                use({ kind: "commentDrafted", text: comment });
              }}
              onInput={(event) => {
                use({ kind: "commentDrafted", text: event.currentTarget.value });
              }}
            />
          </label>
          <button type="submit" class="button">
            {t("rate.send")}
          </button>
        </form>
      )}
    </section>
  );
}
