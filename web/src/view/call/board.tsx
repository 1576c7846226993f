import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { mayChange } from "../../state/board-element";
import { mayClear, snapshotOf, toolsOn } from "../../state/boards";
import type { Live } from "../../state/call";
import { AlertIcon, CloseIcon, EraseAllIcon, SaveIcon } from "../icons";
import { Announced, Pulse } from "../parts";
import { Picture } from "./media";
import { memberName, nameOf, type Ports } from "./ports";
import { Tile } from "./tile";

/** The button that opens and closes boards. */
export const BOARD_CONTROL = "board-control";
const HEADING = "board-heading";

interface Props {
  readonly board: string;
  readonly state: Live;
  readonly ports: Ports;
}

/** A whiteboard large, and the people small beside it. */
export function BoardStage({ board, state, ports }: Props): VNode {
  return (
    <div class="stage stage-screen stage-board">
      <section class="board" aria-labelledby={HEADING}>
        <BoardBar board={board} state={state} ports={ports} />
        <BoardNotices board={board} state={state} ports={ports} />
        <BoardDrawing key={board} board={board} state={state} ports={ports} />
      </section>
      <Strip state={state} ports={ports} />
    </div>
  );
}

function BoardBar({ board, state, ports }: Props): VNode {
  const { t, boards } = ports;
  const heading = useRef<HTMLHeadingElement>(null);
  const close = (): void => {
    boards.use({ kind: "closeWished" });
  };
  useLayoutEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, [board]);
  useLayoutEffect(
    () => () => {
      // Not in view on a phone; then the page's heading gets it.
      document.getElementById(BOARD_CONTROL)?.focus();
    },
    [],
  );
  const shown = boards.state.drawing === "ready";
  return (
    <div
      class="board-bar"
      onKeyDown={({ key }) => {
        if (key === "Escape") close();
      }}
    >
      <h2 id={HEADING} ref={heading} tabIndex={-1}>
        {t(snapshotOf(board) === null ? "board.heading" : "board.snapshot_heading")}
      </h2>
      {shown && state.entry.tools.snapshot ? (
        <BarButton
          name={t("board.save")}
          onPress={() => {
            boards.use({ kind: "saveWished" });
          }}
        >
          <SaveIcon />
        </BarButton>
      ) : null}
      {shown && mayClear(board, state.entry.tools, state.entry.admin) ? (
        <BarButton
          name={t("board.clear")}
          onPress={() => {
            boards.use({ kind: "clearAsked", on: true });
          }}
        >
          <EraseAllIcon />
        </BarButton>
      ) : null}
      <BarButton name={t("control.board_close")} onPress={close}>
        <CloseIcon />
      </BarButton>
    </div>
  );
}

function BarButton({ name, onPress, children }: { name: string; onPress: () => void; children: ComponentChildren }): VNode {
  return (
    <button type="button" class="icon-button" aria-label={name} title={name} onClick={onPress}>
      {children}
    </button>
  );
}

/** What is to be known about the board. One line high, so that the drawing keeps its room. */
function BoardNotices({ board, state, ports }: Props): VNode {
  const { t, boards } = ports;
  const { drawing, link, problem, saving, clearing } = boards.state;
  return (
    <div class="board-notices">
      {clearing ? (
        <ClearQuestion label={t("board.clear_question")}>
          <span>{t("board.clear_question")}</span>
          <button
            type="button"
            class="button button-small"
            onClick={() => {
              boards.use({ kind: "clearWished" });
            }}
          >
            {t("board.clear_yes")}
          </button>
          <button
            type="button"
            class="button button-small"
            onClick={() => {
              boards.use({ kind: "clearAsked", on: false });
            }}
          >
            {t("action.cancel")}
          </button>
        </ClearQuestion>
      ) : null}
      <Announced>
        {problem === null ? null : (
          <p class="notice notice-problem">
            <AlertIcon />
            <span>{t(`board.problem_${problem.kind}`)}</span>
          </p>
        )}
      </Announced>
      <Announced>{drawing === "ready" && link === "waiting" ? <p class="notice">{t("board.waiting")}</p> : null}</Announced>
      <Announced>
        {saving === "saving" ? <p class="notice">{t("board.saving")}</p> : null}
        {saving === "saved" ? <p class="notice">{t("board.saved")}</p> : null}
        {saving === "failed" ? <p class="notice notice-problem">{t("board.save_failed")}</p> : null}
      </Announced>
      {link === "open" && !mayChange(toolsOn(board, state.entry.tools)) ? <p class="board-word muted small">{t("board.look_only")}</p> : null}
    </div>
  );
}

/** Takes the keyboard, so that it is read and can be answered. */
function ClearQuestion({ label, children }: { label: string; children: ComponentChildren }): VNode {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    ref.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div ref={ref} class="notice" role="group" aria-label={label} tabIndex={-1}>
      {children}
    </div>
  );
}

/** The drawing itself, which is not ours: it gets an element, and does with it what it wants. */
function BoardDrawing({ board, state, ports }: Props): VNode {
  const { t, boards } = ports;
  const { drawing, link } = boards.state;
  const host = useRef<HTMLDivElement>(null);
  const shown = drawing === "ready" && link !== "denied";
  const tools = toolsOn(board, state.entry.tools);
  useLayoutEffect(() => {
    if (!shown || host.current === null) return undefined;
    return boards.mount(host.current, board, () => {
      document.getElementById(HEADING)?.focus();
    });
  }, [board, shown]);
  if (shown) {
    return (
      <div
        key="drawing"
        ref={host}
        class="board-drawing"
        data-pen={tools.pen}
        data-shape={tools.shape}
        data-text={tools.text}
        data-eraser={tools.eraser}
      />
    );
  }
  return (
    <div key="words" class="board-words">
      {drawing === "failed" || link === "denied" ? null : <Pulse />}
      <p role="status">{t(link === "denied" ? "board.denied" : drawing === "failed" ? "board.load_failed" : "board.loading")}</p>
      {drawing === "failed" ? (
        <button
          type="button"
          class="button"
          onClick={() => {
            boards.use({ kind: "openWished", board });
          }}
        >
          {t("action.try_again")}
        </button>
      ) : null}
    </div>
  );
}

/** The people, and before them a screen that somebody shares: the board has its place, not its importance. */
function Strip({ state, ports }: { state: Live; ports: Ports }): VNode {
  const people = [...state.people.values()];
  const sharer = people.find((person) => !person.own && person.screen !== null);
  const title = sharer === undefined ? "" : ports.t("live.screen_of", { name: nameOf(sharer, ports.t) });
  return (
    <ul class="strip" role="list" aria-label={ports.t("live.people")} tabIndex={0}>
      {sharer?.screen == null ? null : (
        <li key={sharer.screen}>
          <figure class="screen board-screen" aria-label={title}>
            <Picture track={sharer.screen} label={title} whole attach={ports.attach} />
          </figure>
        </li>
      )}
      {people.map((person) => (
        <li key={person.id}>
          <Tile person={person} ports={ports} />
        </li>
      ))}
    </ul>
  );
}

/** Somebody is at a board that is not open here. */
export function BoardNotice({ ports }: { ports: Ports }): VNode {
  const { t, boards } = ports;
  const { notice } = boards.state;
  return (
    <Announced>
      {notice === null ? null : (
        <div class="notice">
          <span>{t(snapshotOf(notice.board) === null ? "board.notice" : "board.notice_snapshot", { name: memberName(notice.from, ports) })}</span>
          <button
            type="button"
            class="button button-primary button-small"
            aria-label={t("control.board")}
            onClick={() => {
              boards.use({ kind: "openWished", board: notice.board });
            }}
          >
            {t("board.open")}
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label={t("action.close")}
            onClick={() => {
              boards.use({ kind: "noticeSeen" });
            }}
          >
            <CloseIcon />
          </button>
        </div>
      )}
    </Announced>
  );
}
