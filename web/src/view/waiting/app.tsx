import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Translate } from "../../i18n/translate";
import type { WaitingEvent, WaitingState } from "../../state/waiting";
import { Again, Announced, Card, Heading, Pulse } from "../parts";

interface Props {
  readonly state: WaitingState;
  readonly t: Translate;
  readonly send: (event: WaitingEvent) => void;
  /** The link with the browser's language added. */
  readonly frameUrl: (link: string) => string;
}

/** The waiting page: draws one state. */
export function WaitingApp({ state, t, send, frameUrl }: Props): VNode {
  switch (state.kind) {
    case "opening":
      return (
        <Card key="opening">
          <Pulse />
          <Heading>{t("waiting.opening")}</Heading>
          <Trouble shown={state.failures > 0} t={t} />
        </Card>
      );
    case "waiting":
      return (
        <Card key="waiting">
          <Pulse />
          <Heading>{t("waiting.heading")}</Heading>
          <p class="lead">{t("waiting.body")}</p>
          <p>{t("waiting.nothing_to_do")}</p>
          <ul class="quiet-list">
            <li>{t("waiting.keep_open")}</li>
            <li>{t("waiting.next")}</li>
          </ul>
          <Trouble shown={state.failures > 0} t={t} />
        </Card>
      );
    case "stranger":
      return (
        <Card key="stranger">
          <Heading>{t("stranger.heading")}</Heading>
          <p class="lead">{t("stranger.body")}</p>
          <ul>
            <li>{t("stranger.whole_link")}</li>
            <li>{t("stranger.account")}</li>
            <li>{t("stranger.contact")}</li>
          </ul>
          <Again label={t("action.try_again")} send={send} />
        </Card>
      );
    case "call":
      return <CallFrame src={frameUrl(state.url)} title={t("waiting.frame")} />;
  }
}

/** The call page. It takes the focus, as headings do: a screen reader says that the wait is over, and goes on inside. */
function CallFrame({ src, title }: { src: string; title: string }): VNode {
  const ref = useRef<HTMLIFrameElement>(null);
  useLayoutEffect(() => {
    ref.current?.focus();
  }, []);
  return (
    <iframe
      ref={ref}
      class="call-frame"
      src={src}
      title={title}
      allow="camera; microphone; display-capture; autoplay; fullscreen; clipboard-write; screen-wake-lock; speaker-selection"
    />
  );
}

function Trouble({ shown, t }: { shown: boolean; t: Translate }): VNode {
  return <Announced>{shown ? <p class="muted">{t("waiting.trouble")}</p> : null}</Announced>;
}
