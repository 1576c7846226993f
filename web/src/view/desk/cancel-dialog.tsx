import type { VNode } from "preact";
import type { Over } from "../../state/desk/step";
import type { DeskProps } from "./app";
import { Dialog } from "./dialog";
import { clock, dayName, names } from "./times";

interface Props extends DeskProps {
  readonly over: Extract<Over, { kind: "cancel" }>;
  readonly now: number;
}

/** Asks whether a consultation is to be cancelled, which nobody can take back. */
export function CancelDialog({ over, now, locale, t, send }: Props): VNode {
  const when = `${dayName(locale, t, over.of.start, now)}, ${clock(locale, over.of.start)}`;
  const close = (): void => {
    send({ kind: "closed" });
  };
  return (
    <Dialog heading={t("cancel.heading")} onClose={close}>
      <p>{t("cancel.body", { when, people: names(over.of, t) })}</p>
      <p class={over.failed ? "problem" : "announced"} role="alert">
        {over.failed ? t("cancel.failed") : null}
      </p>
      <div class="actions">
        <button type="button" class="button" autofocus onClick={close}>
          {t("cancel.keep")}
        </button>
        <button type="button" class="button button-danger" aria-disabled={over.busy} onClick={() => { send({ kind: "cancelConfirmed" }); }}>
          {t("cancel.confirm")}
        </button>
      </div>
    </Dialog>
  );
}
