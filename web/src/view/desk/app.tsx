import type { VNode } from "preact";
import type { DeskTranslate } from "../../i18n/desk/translate";
import type { DeskEvent, DeskState } from "../../state/desk/step";
import { Card, Heading, Pulse } from "../parts";
import { KeyForm } from "./key-form";
import { Overview } from "./overview";

export interface DeskProps {
  /** The reader's language, with their region if they have one: for dates and times. */
  readonly locale: string;
  readonly t: DeskTranslate;
  readonly send: (event: DeskEvent) => void;
  /** Ids for people who have none. */
  readonly newIds: () => readonly string[];
}

/** The reception desk: draws one state. */
export function DeskApp({ state, ...props }: DeskProps & { readonly state: DeskState }): VNode {
  switch (state.kind) {
    case "locked":
      return <KeyForm key="locked" wrong={state.wrong} t={props.t} send={props.send} />;
    case "opening":
      return (
        <Card key="opening">
          <Pulse />
          <Heading>{props.t("key.opening")}</Heading>
          <div class="announced" role="status">
            {state.failures > 0 ? <p class="muted">{props.t("key.trouble")}</p> : null}
          </div>
        </Card>
      );
    case "open":
      return <Overview key="open" state={state} {...props} />;
  }
}
