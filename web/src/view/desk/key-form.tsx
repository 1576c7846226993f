import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import type { DeskTranslate } from "../../i18n/desk/translate";
import type { DeskEvent } from "../../state/desk/step";
import { Card, Heading } from "../parts";

interface Props {
  readonly wrong: boolean;
  readonly t: DeskTranslate;
  readonly send: (event: DeskEvent) => void;
}

/** Asks for the key. What is typed stays in the field: it is nobody else's business until it is given. */
export function KeyForm({ wrong, t, send }: Props): VNode {
  const field = useRef<HTMLInputElement>(null);
  return (
    <Card>
      <Heading>{t("key.heading")}</Heading>
      <p class="lead">{t("key.body")}</p>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          const key = field.current?.value.trim() ?? "";
          if (key !== "") send({ kind: "keyGiven", key });
          else field.current?.focus();
        }}
      >
        <label class="field" for="key">
          {t("key.label")}
          <input ref={field} id="key" type="password" autocomplete="off" spellcheck={false} aria-invalid={wrong} aria-describedby="key-problem" />
        </label>
        <p id="key-problem" class={wrong ? "problem" : "announced"} role="alert">
          {wrong ? t("key.wrong") : null}
        </p>
        <div class="actions">
          <button type="submit" class="button button-primary">
            {t("key.open")}
          </button>
        </div>
      </form>
    </Card>
  );
}
