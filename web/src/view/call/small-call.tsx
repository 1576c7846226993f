import type { VNode } from "preact";
import type { CallState } from "../../state/call";
import { waitingPeople } from "../../state/room";
import type { SmallView } from "../../state/small-window";
import { ClockIcon, PipIcon } from "../icons";
import { Announced, Pulse } from "../parts";
import { knockWords } from "./arrivals";
import { CaptionLines } from "./captions";
import { LeaveControl, MediaControls } from "./control";
import { Picture } from "./media";
import { nameOf, type Ports } from "./ports";
import { Avatar, TileWords } from "./tile";

interface Props {
  readonly view: SmallView;
  readonly state: CallState;
  readonly ports: Ports;
}

/** The call in the small window above all others: one picture, what must not be missed, and what one may have to press at once. */
export function SmallCall({ view, state, ports }: Props): VNode {
  const { t } = ports;
  return (
    <main class="small-call">
      <h1 class="spoken">{t("live.heading")}</h1>
      <div class="small-stage">
        {view.kind === "picture" ? <SmallPicture {...view} ports={ports} /> : <SmallWords state={state} ports={ports} />}
        {state.kind === "live" ? <CaptionLines state={state} ports={ports} /> : null}
        <SmallNotices state={state} ports={ports} />
      </div>
      <div class="controls" role="group" aria-label={t("control.group")}>
        {state.kind === "live" ? <MediaControls own={state.own} entry={state.entry} ports={ports} /> : null}
        <LeaveControl ports={ports} />
      </div>
    </main>
  );
}

function SmallPicture({ person, source, ports }: Extract<SmallView, { kind: "picture" }> & { readonly ports: Ports }): VNode {
  const { t } = ports;
  const name = nameOf(person, t);
  const track = source === "screen" ? person.screen : person.camera;
  const label = t(source === "screen" ? "live.screen_of" : "person.video_of", { name });
  return (
    <div class="tile" role="group" aria-label={name} data-speaking={person.speaking && person.microphone}>
      {track === null ? (
        <>
          <Avatar name={person.name} />
          <span class="spoken">{t("person.camera_off")}</span>
        </>
      ) : (
        <Picture key={track} track={track} label={label} whole attach={ports.attachAbove} />
      )}
      <TileWords person={person} name={source === "screen" ? label : name} ports={ports} />
    </div>
  );
}

function SmallWords({ state, ports: { t } }: Pick<Props, "state" | "ports">): VNode {
  return (
    <div class="small-words">
      <Pulse />
      {state.kind === "live" && state.brokenWith !== null ? null : (
        <p>{t(state.kind !== "live" ? "returning.heading" : state.met ? "live.alone_again.heading" : "live.alone.heading")}</p>
      )}
    </div>
  );
}

/** In words only: what is to be done about it is in the page. */
function SmallNotices({ state, ports }: Pick<Props, "state" | "ports">): VNode | null {
  const { t, room } = ports;
  if (state.kind !== "live") return null;
  const waiting = state.entry.admin ? waitingPeople(room) : [];
  return (
    <div class="small-notices">
      <Announced>
        {state.warned ? (
          <p class="notice notice-problem">
            <ClockIcon />
            <span>{t("time.warning")}</span>
          </p>
        ) : null}
      </Announced>
      <Announced>{state.brokenWith === null ? null : <p class="notice">{t("live.reconnecting")}</p>}</Announced>
      <Announced>{waiting.length === 0 ? null : <p class="notice">{knockWords(waiting, t)}</p>}</Announced>
    </div>
  );
}

/** What the page shows in place of the pictures meanwhile. */
export function InSmallWindow({ ports: { t, send } }: { readonly ports: Ports }): VNode {
  return (
    <div class="stage stage-pair">
      <div class="alone in-small">
        <PipIcon />
        <h2>{t("small.heading")}</h2>
        <p>{t("small.body")}</p>
        <button
          type="button"
          class="button button-primary"
          onClick={() => {
            send({ kind: "smallWished", on: false });
          }}
        >
          {t("small.back")}
        </button>
      </div>
    </div>
  );
}
