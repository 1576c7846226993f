import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Live } from "../../state/call";
import type { Person } from "../../state/model";
import { userOf } from "../../state/room";
import { Pulse } from "../parts";
import { fitGrid } from "./grid";
import { Picture, Sound } from "./media";
import { Pointers } from "./pointers";
import { nameOf, type Ports } from "./ports";
import { Tile } from "./tile";

const GAP_PX = 8;
/** From this many people on a small window scrolls, so the list can take the keyboard. */
const SCROLL_COUNT = 9;

// Lists have their role in writing: Safari takes it from a list without bullets.

/** The people and, if somebody shares one, the screen. */
export function Stage({ state, ports }: { state: Live; ports: Ports }): VNode {
  const people = [...state.people.values()];
  const others = people.filter((person) => !person.own);
  const own = people.find((person) => person.own);
  const presented = presentedIn(state, ports);
  const sharer = presented?.source === "screen_share" ? presented.person : others.find((person) => person.screen !== null);
  return (
    <>
      {presented?.source === "camera" ? (
        <PresentedStage key="presented" presented={presented.person} people={people} ports={ports} />
      ) : sharer?.screen != null ? (
        <ScreenStage key="screen" sharer={sharer} screen={sharer.screen} people={people} ports={ports} />
      ) : others.length <= 1 ? (
        <PairStage key="pair" other={others[0]} own={own} state={state} ports={ports} />
      ) : (
        <GridStage key="grid" people={people} ports={ports} />
      )}
    </>
  );
}

/** What is to be heard of everybody, whatever is to be seen. */
export function Sounds({ state, ports }: { state: Live; ports: Ports }): VNode {
  return <>{[...state.people.values()].flatMap((person) => person.sounds.map((sound) => <Sound key={sound} track={sound} attach={ports.attach} />))}</>;
}

/** What somebody puts before everyone: shown large on every page, the own one too. Null while that picture is not there. */
function presentedIn(state: Live, { room }: Ports): { person: Person; source: "camera" | "screen_share" } | null {
  const { presented } = room;
  if (presented === null) return null;
  const person = [...state.people.values()].find(({ id }) => userOf(id) === presented.userId);
  if (person === undefined || (presented.source === "camera" ? person.camera : person.screen) === null) return null;
  // The own screen within the own screen would never end.
  if (presented.source === "screen_share" && person.own) return null;
  return { person, source: presented.source };
}

function PresentedStage({ presented, people, ports }: { presented: Person; people: readonly Person[]; ports: Ports }): VNode {
  const title = ports.t("live.presented_by", { name: nameOf(presented, ports.t) });
  return (
    <div class="stage stage-screen">
      <figure class="screen" aria-label={title}>
        <Tile person={presented} ports={ports} whole />
      </figure>
      <ul class="strip" role="list" aria-label={ports.t("live.people")} tabIndex={0}>
        {people
          .filter(({ id }) => id !== presented.id)
          .map((person) => (
            <li key={person.id}>
              <Tile person={person} ports={ports} />
            </li>
          ))}
      </ul>
    </div>
  );
}

/** One other person large, oneself small; or a word of patience while nobody else is there. */
function PairStage({ other, own, state, ports }: { other: Person | undefined; own: Person | undefined; state: Live; ports: Ports }): VNode {
  const { t } = ports;
  const { met } = state;
  return (
    <div class="stage stage-pair">
      {other === undefined ? (
        <div class="alone">
          <Pulse />
          {state.brokenWith === null ? (
            <>
              <h2>{t(met ? "live.alone_again.heading" : "live.alone.heading")}</h2>
              <p>{t(met ? "live.alone_again.body" : "live.alone.body")}</p>
            </>
          ) : null}
        </div>
      ) : null}
      <ul class="pair" role="list" aria-label={t("live.people")}>
        {other === undefined ? null : (
          <li key={other.id} class="pair-other">
            <Tile person={other} ports={ports} whole />
          </li>
        )}
        {own === undefined ? null : (
          <li key={own.id} class="pair-own">
            <Tile person={own} ports={ports} small />
          </li>
        )}
      </ul>
    </div>
  );
}

function GridStage({ people, ports }: { people: readonly Person[]; ports: Ports }): VNode {
  return (
    <div class="stage">
      <FittedList count={people.length} label={ports.t("live.people")}>
        {people.map((person) => (
          <li key={person.id}>
            <Tile person={person} ports={ports} />
          </li>
        ))}
      </FittedList>
    </div>
  );
}

function ScreenStage({ sharer, screen, people, ports }: { sharer: Person; screen: string; people: readonly Person[]; ports: Ports }): VNode {
  const title = ports.t("live.screen_of", { name: nameOf(sharer, ports.t) });
  return (
    <div class="stage stage-screen">
      <figure class="screen">
        <Picture key={screen} track={screen} label={title} whole attach={ports.attach} />
        <Pointers person={sharer.id} source="screen_share" mirrored={false} name={title} ports={ports} />
        <figcaption>{title}</figcaption>
      </figure>
      <ul class="strip" role="list" aria-label={ports.t("live.people")} tabIndex={0}>
        {people.map((person) => (
          <li key={person.id}>
            <Tile person={person} ports={ports} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A list whose items all get the size that fills the box best. */
function FittedList({ count, label, children }: { count: number; label: string; children: ComponentChildren }): VNode {
  const ref = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    const list = ref.current;
    if (list === null) return undefined;
    const fit = (): void => {
      const { width, height } = fitGrid(list.clientWidth, list.clientHeight, count, GAP_PX);
      list.style.setProperty("--tile-width", `${Math.floor(width)}px`);
      list.style.setProperty("--tile-height", `${Math.floor(height)}px`);
    };
    const observer = new ResizeObserver(fit);
    observer.observe(list);
    fit();
    return () => {
      observer.disconnect();
    };
  }, [count]);
  return (
    <ul ref={ref} class="fitted" role="list" aria-label={label} tabIndex={count > SCROLL_COUNT ? 0 : -1}>
      {children}
    </ul>
  );
}
