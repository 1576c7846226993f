import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Live } from "../../state/call";
import type { Tab } from "../../state/tools";
import { CloseIcon } from "../icons";
import { Chat } from "./chat";
import { Files } from "./files";
import { PeopleList } from "./people-list";
import type { Ports } from "./ports";

/** The tabs that the person has: a tool that they may not use has none. Files come to everybody. */
export function tabsOf({ entry }: Live): readonly Tab[] {
  return entry.tools.chat ? ["chat", "people", "files"] : ["people", "files"];
}

/** Beside the call, or over it on a phone: chat, people and files. */
export function Panel({ tab, state, ports }: { tab: Tab; state: Live; ports: Ports }): VNode {
  const { t, use } = ports;
  const tabs = tabsOf(state);
  const ref = useRef<HTMLElement>(null);
  const close = (): void => {
    use({ kind: "tabWished", tab: null });
  };
  useLayoutEffect(() => {
    // Where one writes in the chat, else the tab: who opened it with the keyboard goes on there.
    ref.current?.querySelector<HTMLElement>(tab === "chat" ? "textarea" : "[aria-selected=true]")?.focus({ preventScroll: true });
  }, []);
  const move = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const next = tabs[(tabs.indexOf(tab) + by * (getComputedStyle(document.documentElement).direction === "rtl" ? -1 : 1) + tabs.length) % tabs.length];
    if (next === undefined) return;
    use({ kind: "tabWished", tab: next });
    ref.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
  };
  return (
    <aside
      ref={ref}
      class="panel"
      aria-label={t("panel.name")}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
      }}
    >
      <div class="panel-head">
        <div class="tabs" role="tablist" aria-label={t("panel.name")}>
          {tabs.map((each) => (
            <button
              key={each}
              type="button"
              role="tab"
              id={`tab-${each}`}
              class="tab"
              aria-selected={each === tab}
              aria-controls="panel-body"
              tabIndex={each === tab ? 0 : -1}
              onKeyDown={move}
              onClick={() => {
                use({ kind: "tabWished", tab: each });
              }}
            >
              {t(`panel.${each}`)}
            </button>
          ))}
        </div>
        <button type="button" class="icon-button" aria-label={t("action.close")} onClick={close}>
          <CloseIcon />
        </button>
      </div>
      <div id="panel-body" class="panel-content" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === "chat" ? <Chat ports={ports} /> : tab === "people" ? <PeopleList state={state} ports={ports} /> : <Files state={state} ports={ports} />}
      </div>
    </aside>
  );
}
