import type { VNode } from "preact";
import { ROOM_BOARD } from "../../state/boards";
import { isWanted, type Live } from "../../state/call";
import { isAdmitted, waitingPeople } from "../../state/room";
import { handIsUp, unreadCount, type Tab } from "../../state/tools";
import {
  BoardIcon,
  ChatIcon,
  DevicesIcon,
  FilesIcon,
  HandIcon,
  MoreIcon,
  PeopleIcon,
  PipIcon,
  PointerIcon,
  PresentIcon,
  ScreenIcon,
} from "../icons";
import { BOARD_CONTROL } from "./board";
import { Control, LeaveControl, MediaControls } from "./control";
import type { Ports } from "./ports";

/** The bar at the foot of the call. Each button's name says what it does next. */
export function Controls({ state, ports }: { state: Live; ports: Ports }): VNode {
  const { t, send, use, tools } = ports;
  const { own, entry } = state;
  const admitted = isAdmitted(ports.room.stage);
  const raised = handIsUp(tools);
  const presenting = ports.room.presented !== null && ports.room.presented.userId === ports.room.you;
  const camera = isWanted(own.camera);
  const sharing = own.screen !== "off";
  return (
    <div class="controls" role="group" aria-label={t("control.group")}>
      <MediaControls own={own} entry={entry} ports={ports} />
      {admitted ? (
        <Control
          name={t(raised ? "control.lower_hand" : "control.raise_hand")}
          short={t("short.hand")}
          active={raised}
          onPress={() => {
            use({ kind: "handWished", raised: !raised });
          }}
        >
          <HandIcon />
        </Control>
      ) : null}
      {entry.tools.chat && admitted ? <TabControl tab="chat" count={unreadCount(tools)} countText="control.unread" icon={<ChatIcon />} ports={ports} /> : null}
      <div class="controls-more" data-open={tools.more}>
        {entry.tools.screenSharing && ports.screenSharing ? (
          <Control
            name={t(sharing ? "control.stop_share" : "control.share")}
            short={t(sharing ? "short.stop_share" : "short.share")}
            active={sharing}
            onPress={() => {
              send({ kind: "screenWished", on: !sharing });
            }}
          >
            <ScreenIcon />
          </Control>
        ) : null}
        <Control
          name={t("control.devices")}
          short={t("short.devices")}
          onPress={() => {
            send({ kind: "choosingWished", on: true });
          }}
        >
          <DevicesIcon />
        </Control>
        {admitted ? (
          <>
            <TabControl tab="people" count={entry.admin ? waitingPeople(ports.room).length : 0} countText="control.waiting" icon={<PeopleIcon />} ports={ports} />
            <TabControl tab="files" count={0} countText="control.unread" icon={<FilesIcon />} ports={ports} />
          </>
        ) : null}
        {entry.tools.whiteboard !== null && admitted ? <BoardControl ports={ports} /> : null}
        {ports.smallWindow ? <SmallControl own={own} ports={ports} /> : null}
        {entry.tools.livePointer && admitted ? (
          <Control
            name={t(tools.pointing ? "control.stop_pointing" : "control.point")}
            short={t(tools.pointing ? "short.stop_point" : "short.point")}
            active={tools.pointing}
            onPress={() => {
              use({ kind: "pointingWished", on: !tools.pointing });
            }}
          >
            <PointerIcon />
          </Control>
        ) : null}
        {entry.tools.presentToEveryone && admitted && (camera || sharing || presenting) ? (
          <Control
            name={t(presenting ? "control.stop_present" : "control.present")}
            short={t(presenting ? "short.stop_present" : "short.present")}
            active={presenting}
            onPress={() => {
              use({ kind: "presentWished", source: presenting ? null : own.screen === "on" ? "screen_share" : "camera" });
            }}
          >
            <PresentIcon />
          </Control>
        ) : null}
      </div>
      <div class="control-more">
        <Control
          name={t(tools.more ? "control.less" : "control.more")}
          short={t(tools.more ? "short.less" : "short.more")}
          active={tools.more}
          expanded={tools.more}
          onPress={() => {
            use({ kind: "moreWished", on: !tools.more });
          }}
        >
          <MoreIcon />
        </Control>
      </div>
      <LeaveControl ports={ports} />
    </div>
  );
}

/** Opens the small window, or closes it. */
function SmallControl({ own, ports: { t, send } }: Pick<Live, "own"> & { readonly ports: Ports }): VNode {
  const open = own.small !== "closed";
  return (
    <Control
      name={t(open ? "control.small_close" : "control.small")}
      short={t("short.small")}
      active={open}
      onPress={() => {
        send({ kind: "smallWished", on: !open });
      }}
    >
      <PipIcon />
    </Control>
  );
}

interface TabControlProps {
  readonly tab: Tab;
  readonly count: number;
  readonly countText: "control.unread" | "control.waiting";
  readonly icon: VNode;
  readonly ports: Ports;
}

/** Opens a part of the panel, and closes it. */
function TabControl({ tab, count, countText, icon, ports: { t, use, tools } }: TabControlProps): VNode {
  const open = tools.panel === tab;
  const name = t(`panel.${tab}`);
  return (
    <Control
      name={count > 0 ? t(countText, { name, count }) : name}
      short={name}
      active={open}
      expanded={open}
      count={count}
      onPress={() => {
        use({ kind: "tabWished", tab: open ? null : tab });
      }}
    >
      {icon}
    </Control>
  );
}

/** Opens the room's whiteboard, or closes the board that is open. */
function BoardControl({ ports: { t, boards } }: { ports: Ports }): VNode {
  const open = boards.state.open !== null;
  return (
    <Control
      id={BOARD_CONTROL}
      name={t(open ? "control.board_close" : "control.board")}
      short={t("short.board")}
      active={open}
      onPress={() => {
        boards.use(open ? { kind: "closeWished" } : { kind: "openWished", board: ROOM_BOARD });
      }}
    >
      <BoardIcon />
    </Control>
  );
}
