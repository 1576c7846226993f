import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Ports } from "./ports";

interface Props {
  readonly question: string;
  readonly hint?: string;
  readonly yes: string;
  readonly ports: Ports;
}

/** Asks once more, in place, before something is done to others. Escape is no. */
export function Confirming({ question, hint, yes, ports: { t, use } }: Props): VNode {
  const ref = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    ref.current?.focus();
  }, []);
  const no = (): void => {
    use({ kind: "confirmWished", confirm: null });
  };
  return (
    <div
      class="confirming"
      role="group"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        no();
      }}
    >
      <p>{question}</p>
      {hint === undefined ? null : <p class="small muted">{hint}</p>}
      <div class="row-actions">
        <button
          ref={ref}
          type="button"
          class="button button-danger button-small"
          onClick={() => {
            use({ kind: "confirmed" });
          }}
        >
          {yes}
        </button>
        <button type="button" class="button button-small" onClick={no}>
          {t("action.cancel")}
        </button>
      </div>
    </div>
  );
}
