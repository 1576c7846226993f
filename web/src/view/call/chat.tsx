import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Message } from "../../state/channel";
import { TEXT_MAX } from "../../state/step-tools";
import type { Outgoing } from "../../state/tools";
import { SendIcon } from "../icons";
import { partsOf } from "./links";
import { clockTime, type Ports } from "./ports";

/** So near to the oldest message the next older ones are fetched. */
const NEAR_PX = 120;

interface ThreadProps {
  readonly messages: readonly Message[];
  /** Whose outgoing messages belong here. */
  readonly to: string | null;
  readonly ports: Ports;
  /** The chat of the whole room: fetches older ones, and says which are not for everybody. */
  readonly older?: boolean;
}

/** Messages, the newest at the foot, where the list stays while it grows at either end. */
export function Thread({ messages, to, ports, older = false }: ThreadProps): VNode {
  const { t, use, tools } = ports;
  const fetchOlder = (): void => {
    use({ kind: "olderWished" });
  };
  const ref = useRef<HTMLDivElement>(null);
  const newest = messages.at(-1);
  useLayoutEffect(() => {
    // Who writes wants to see it, wherever they had scrolled to.
    if (newest?.from === ports.room.you) ref.current?.scrollTo({ top: 0 });
  }, [newest?.number]);
  const outgoing = tools.outgoing.filter((message) => message.to === to);
  return (
    <div
      ref={ref}
      class="thread"
      role="log"
      aria-label={t("chat.messages")}
      tabIndex={0}
      onScroll={(event) => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        if (older && scrollHeight - clientHeight - Math.abs(scrollTop) < NEAR_PX) fetchOlder();
      }}
    >
      <div class="thread-inner">
        {older && ports.room.moreMessages ? (
          <button type="button" class="button button-small thread-older" aria-disabled={tools.loadingOlder} onClick={fetchOlder}>
            {t(tools.loadingOlder ? "chat.loading" : "chat.older")}
          </button>
        ) : null}
        {messages.map((message, index) => (
          <MessageItem key={message.number} message={message} before={messages[index - 1]} marked={older} ports={ports} />
        ))}
        {outgoing.map((message) => (
          <OutgoingItem key={message.key} message={message} ports={ports} />
        ))}
      </div>
    </div>
  );
}

interface ItemProps {
  readonly message: Message;
  readonly before: Message | undefined;
  /** Say of those from the waiting room that they are: not everybody can read them. */
  readonly marked: boolean;
  readonly ports: Ports;
}

function MessageItem({ message, before, marked, ports }: ItemProps): VNode {
  const { t, room } = ports;
  const own = message.from === room.you;
  const goesOn = before?.from === message.from && before.waiting === message.waiting && message.at - before.at < 60_000;
  return (
    <div class="message" data-own={own}>
      {goesOn ? null : (
        <p class="message-head">
          <bdi class="message-name">{own ? t("person.you") : authorName(message, ports)}</bdi>{" "}
          <time dateTime={new Date(message.at).toISOString()}>{clockTime(message.at, ports)}</time>
          {message.waiting !== null && marked ? <span class="message-mark">{t("chat.from_waiting_room")}</span> : null}
        </p>
      )}
      <MessageText text={message.text} />
    </div>
  );
}

/** Who waits is not told who is in the room: the clinician's side is one to them. */
function authorName(message: Message, ports: Ports): string {
  return ports.tools.names.get(message.from) ?? ports.t(message.waiting === null ? "person.unnamed" : "person.host");
}

function MessageText({ text }: { text: string }): VNode {
  return (
    <p class="message-text" dir="auto">
      {partsOf(text).map((part, index) =>
        part.href === null ? (
          part.text
        ) : (
          <a key={index} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
            {part.text}
          </a>
        ),
      )}
    </p>
  );
}

function OutgoingItem({ message, ports: { t, use, room } }: { message: Outgoing; ports: Ports }): VNode {
  return (
    <div class="message" data-own={true} data-state={message.refusal === null ? "sending" : "failed"}>
      <MessageText text={message.text} />
      {message.refusal === null ? (
        <p class="message-head">{t(room.link === "open" ? "chat.sending" : "chat.sending_later")}</p>
      ) : (
        <div class="message-failed">
          <p>{t(`chat.failed_${message.refusal}`)}</p>
          <button
            type="button"
            class="button button-small"
            onClick={() => {
              use({ kind: "resendWished", key: message.key });
            }}
          >
            {t("action.try_again")}
          </button>
          <button
            type="button"
            class="button button-small"
            onClick={() => {
              use({ kind: "dropWished", key: message.key });
            }}
          >
            {t("chat.drop")}
          </button>
        </div>
      )}
    </div>
  );
}

/** Where one writes. Enter sends, with Shift it is a new line. */
export function Composer({ to, label, ports }: { to: string | null; label: string; ports: Ports }): VNode {
  const { t, use, tools, newKey } = ports;
  const draft = tools.drafts.get(to ?? "") ?? "";
  const submit = (): void => {
    use({ kind: "sendWished", to, key: newKey() });
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        rows={1}
        dir="auto"
        maxLength={TEXT_MAX}
        aria-label={label}
        placeholder={label}
        value={draft}
        onInput={(event) => {
          use({ kind: "drafted", to, text: event.currentTarget.value });
        }}
        onKeyDown={(event) => {
          // Enter that ends the writing of a Chinese or Japanese word is not meant for us.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      <button type="submit" class="icon-button composer-send" aria-label={t("chat.send")} title={t("chat.send")} aria-disabled={draft.trim() === ""}>
        <SendIcon />
      </button>
    </form>
  );
}

/** The chat of the room. */
export function Chat({ ports }: { ports: Ports }): VNode {
  const { t, room } = ports;
  return (
    <div class="panel-body chat">
      {room.messages.length === 0 && ports.tools.outgoing.length === 0 ? <p class="muted panel-empty">{t("chat.empty")}</p> : null}
      <Thread messages={room.messages} to={null} ports={ports} older />
      <Typing waiting={null} ports={ports} />
      <Composer to={null} label={t("chat.write")} ports={ports} />
    </div>
  );
}

/** Who is typing: for everybody, or in the wait of one. */
export function Typing({ waiting, ports }: { waiting: string | null; ports: Ports }): VNode {
  const { t, room } = ports;
  const typing = [...room.typing].flatMap(([userId, each]) => (userId !== room.you && each.waiting === waiting ? [userId] : []));
  const [first] = typing;
  return (
    <p class="typing muted small" aria-live="off">
      {first === undefined ? "" : typing.length === 1 ? t("chat.typing", { name: ports.tools.names.get(first) ?? t(waiting === null ? "person.unnamed" : "person.host") }) : t("chat.typing_many", { count: typing.length })}
    </p>
  );
}
