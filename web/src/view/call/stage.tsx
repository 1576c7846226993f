import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Live } from "../../state/call";
import { arranged, type Arrangement } from "../../state/layout";
import type { Person } from "../../state/model";
import { Pulse } from "../parts";
import { fitGrid } from "./grid";
import { Picture, Sound } from "./media";
import { OwnCorner } from "./own-corner";
import { Pointers } from "./pointers";
import { nameOf, type Ports } from "./ports";
import { Tile } from "./tile";
import { TileActions } from "./tile-actions";

const GAP_PX = 8;
/** From this many people on a small window scrolls, so the list can take the keyboard. */
const SCROLL_COUNT = 9;

// Lists have their role in writing: Safari takes it from a list without bullets.

/** The people and, if there is one, what goes before them: what is presented, who is pinned, or a shared screen. */
export function Stage({ state, ports }: { state: Live; ports: Ports }): VNode {
  const { layout, profile } = state.own;
  const arrangement = arranged(state.people, { layout, presented: ports.room.presented, equal: profile === "sign" });
  return (
    <>
      {arrangement.kind === "focus" ? (
        <FocusStage key="focus" {...arrangement} ports={ports} />
      ) : arrangement.kind === "pair" ? (
        <PairStage key="pair" other={arrangement.other} own={arrangement.own} state={state} ports={ports} />
      ) : (
        <GridStage key="grid" people={arrangement.people} ports={ports} />
      )}
    </>
  );
}

/** What is to be heard of everybody, whatever is to be seen. */
export function Sounds({ state, ports }: { state: Live; ports: Ports }): VNode {
  return <>{[...state.people.values()].flatMap((person) => person.sounds.map((sound) => <Sound key={sound} track={sound} attach={ports.attach} />))}</>;
}

/** One other person large, oneself small; or a word of patience while nobody else is there. */
function PairStage({ other, own, state, ports }: { other: Person | null; own: Person | null; state: Live; ports: Ports }): VNode {
  const { t } = ports;
  const { met } = state;
  return (
    <div class="stage stage-pair">
      {other === null ? (
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
      <ul class="pair" role="list" aria-label={t("live.people")} data-corner={state.own.layout.corner}>
        {other === null ? null : (
          <li key={other.id} class="pair-other">
            <Tile person={other} ports={ports} whole>
              <TileActions person={other} source="camera" ports={ports} pinned={null} large />
            </Tile>
          </li>
        )}
        {own === null ? null : (
          <OwnCorner key={own.id} corner={state.own.layout.corner} ports={ports}>
            <Tile person={own} ports={ports} small />
          </OwnCorner>
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
            <Tile person={person} ports={ports}>
              <TileActions person={person} source="camera" ports={ports} pinned={false} />
            </Tile>
          </li>
        ))}
      </FittedList>
    </div>
  );
}

/** One picture large and everybody else in a strip. */
function FocusStage({ person, source, why, strip, ports }: Extract<Arrangement, { kind: "focus" }> & { ports: Ports }): VNode {
  const { t } = ports;
  // What is presented to everybody stays until that ends.
  const pinned = why === "presented" ? null : why === "pinned";
  const actions = <TileActions person={person} source={source} ports={ports} pinned={pinned} large />;
  return (
    <div class="stage stage-screen">
      {source === "screen" && person.screen !== null ? (
        <Screen person={person} screen={person.screen} presented={why === "presented"} ports={ports}>
          {actions}
        </Screen>
      ) : (
        <Face person={person} presented={why === "presented"} ports={ports}>
          {actions}
        </Face>
      )}
      <ul class="strip" role="list" aria-label={t("live.people")} tabIndex={0}>
        {strip.map((each) => (
          <li key={each.id}>
            <Tile person={each} ports={ports}>
              <TileActions person={each} source="camera" ports={ports} pinned={why === "presented" ? null : false} />
            </Tile>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface LargeProps {
  readonly person: Person;
  readonly presented: boolean;
  readonly ports: Ports;
  readonly children: ComponentChildren;
}

function Screen({ person, screen, presented, ports, children }: LargeProps & { screen: string }): VNode {
  const title = ports.t("live.screen_of", { name: nameOf(person, ports.t) });
  return (
    <figure class="screen">
      <Picture key={screen} track={screen} label={title} whole attach={ports.attach} />
      <Pointers person={person.id} source="screen_share" mirrored={false} name={title} ports={ports} />
      <figcaption>
        <bdi>{presented ? ports.t("live.presented_by", { name: title }) : title}</bdi>
      </figcaption>
      {children}
    </figure>
  );
}

function Face({ person, presented, ports, children }: LargeProps): VNode {
  const tile = (
    <Tile person={person} ports={ports} whole>
      {children}
    </Tile>
  );
  if (!presented) return <div class="focus">{tile}</div>;
  return (
    <figure class="screen" aria-label={ports.t("live.presented_by", { name: nameOf(person, ports.t) })}>
      {tile}
    </figure>
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
