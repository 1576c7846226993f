import type { ChannelEnd, ChannelEvent, Member, Message, MessagePage, Presented, RoomFile, Stage, Welcome } from "./channel";

/** How long somebody counts as typing after the last sign of it. */
const TYPING_MS = 5_000;
/** The room as this page knows it from the call channel. It outlives connections: what is known stays while one is broken. */
export interface RoomState {
  readonly link: "closed" | "connecting" | "open" | "broken";
  /** Why the channel will not come back by itself. */
  readonly end: ChannelEnd | null;
  /** The own id; null before the first welcome. */
  readonly you: string | null;
  readonly room: string | null;
  readonly stage: Stage | null;
  readonly waitingRoom: boolean;
  /** Somebody of the clinician's side is there. Told to who is in lobby or waiting. */
  readonly hostsPresent: boolean;
  /** What to add to this machine's clock to get the server's, in milliseconds. */
  readonly clockOffsetMs: number;
  readonly people: ReadonlyMap<string, Member>;
  /** By number, all different. */
  readonly messages: readonly Message[];
  readonly moreMessages: boolean;
  /** Who is typing: until when, in this machine's milliseconds since the epoch, and in whose wait, else for everybody. */
  readonly typing: ReadonlyMap<string, { readonly until: number; readonly waiting: string | null }>;
  readonly presented: Presented | null;
  /** In the order in which they came. */
  readonly files: readonly RoomFile[];
  /** Boards with something on them. */
  readonly boards: ReadonlySet<string>;
}

export const NO_ROOM: RoomState = {
  link: "closed",
  end: null,
  you: null,
  room: null,
  stage: null,
  waitingRoom: false,
  hostsPresent: false,
  clockOffsetMs: 0,
  people: new Map(),
  messages: [],
  moreMessages: false,
  typing: new Map(),
  presented: null,
  files: [],
  boards: new Set(),
};

/** Takes over what the channel told. `now` is this machine's milliseconds since the epoch. Events of the moment, such as pointers, change nothing. */
export function stepRoom(state: RoomState, event: ChannelEvent, now: number): RoomState {
  switch (event.kind) {
    case "linkChanged":
      return { ...state, link: event.link, end: null };
    case "linkEnded":
      return { ...state, link: "closed", end: event.end };
    case "welcome":
      return welcomed(state, event.welcome, now);
    case "stage":
      return { ...state, stage: event.stage };
    case "person": {
      const { person } = event;
      const stage = person.userId === state.you ? person.stage : state.stage;
      return { ...state, stage, people: new Map(state.people).set(person.userId, person) };
    }
    case "personGone":
      return { ...state, people: without(state.people, event.userId), typing: without(state.typing, event.userId) };
    case "hosts":
      return { ...state, hostsPresent: event.present };
    case "message":
      return { ...state, messages: merged(state.messages, [event.message]), typing: without(state.typing, event.message.from) };
    case "typing":
      return { ...state, typing: new Map(state.typing).set(event.userId, { until: now + TYPING_MS, waiting: event.waiting }) };
    case "presented":
      return { ...state, presented: event.presented };
    case "file":
      return { ...state, files: [...state.files.filter((file) => file.id !== event.file.id), event.file] };
    case "fileDeleted":
      return { ...state, files: state.files.filter((file) => file.id !== event.fileId) };
    case "boardDrawn":
      return state.boards.has(event.board) ? state : { ...state, boards: new Set(state.boards).add(event.board) };
    case "pointer":
    case "muted":
    case "boardCursor":
    case "boardCleared":
    case "snapshotRequested":
    case "snapshotFailed":
    case "caption":
      return state;
  }
}

/** Takes over an older page of the chat. */
export function withOlder(state: RoomState, page: MessagePage): RoomState {
  return { ...state, messages: merged(state.messages, page.messages), moreMessages: page.more };
}

/** Forgets who has stopped typing. */
export function freshRoom(state: RoomState, now: number): RoomState {
  if ([...state.typing.values()].every(({ until }) => until > now)) return state;
  return { ...state, typing: new Map([...state.typing].filter(([, { until }]) => until > now)) };
}

/** Whether the person sees what is in the room. */
export function isAdmitted(stage: Stage | null): boolean {
  return stage === "admitted" || stage === "in";
}

/** Returns the user of a media identity: the id, and for a link that was replaced `:` and a count (`crates/video/src/identity.rs`). */
export function userOf(identity: string): string {
  return identity.split(":")[0] ?? identity;
}

/** Whether somebody waits to be admitted, with their page open. */
export function waitsHere(person: Member): boolean {
  return person.stage === "waiting" && person.awaySince === null;
}

/** Who waits to be admitted with their page open, the longest first. */
export function waitingPeople(state: RoomState): readonly Member[] {
  return knockers(state).filter(waitsHere);
}

/** Who has knocked and not had the page open since, the longest first: a phone may be locked. */
export function waitingElsewhere(state: RoomState): readonly Member[] {
  return knockers(state).filter((person) => !waitsHere(person));
}

function knockers(state: RoomState): readonly Member[] {
  return [...state.people.values()]
    .filter((person) => person.stage === "waiting" && person.userId !== state.you)
    .sort((a, b) => (a.since ?? Infinity) - (b.since ?? Infinity));
}

/** Whose hand is up, in the order in which they raised it. */
export function raisedHands(state: RoomState): readonly Member[] {
  return [...state.people.values()]
    .filter((person) => person.handRaisedAt !== null && isAdmitted(person.stage))
    .sort((a, b) => (a.handRaisedAt ?? 0) - (b.handRaisedAt ?? 0));
}

function welcomed(state: RoomState, welcome: Welcome, now: number): RoomState {
  const { chat } = welcome;
  // What was known goes on into what is told now, if nothing can be missing in between; else it is asked for again like anything older.
  const resumed = isAdmitted(state.stage) && isAdmitted(welcome.stage) && touches(state.messages, chat);
  return {
    ...state,
    end: null,
    you: welcome.you,
    room: welcome.room,
    stage: welcome.stage,
    waitingRoom: welcome.waitingRoom,
    hostsPresent: welcome.hostsPresent,
    clockOffsetMs: welcome.serverTime === 0 ? state.clockOffsetMs : welcome.serverTime - now,
    people: new Map(welcome.people.map((person) => [person.userId, person])),
    messages: resumed ? merged(state.messages, chat.messages) : merged([], chat.messages),
    moreMessages: resumed ? state.moreMessages : chat.more,
    typing: new Map(),
    presented: welcome.presented,
    files: welcome.files,
    boards: new Set(welcome.boards),
  };
}

/** Whether the newest page of the chat begins no later than where what is known ends. */
function touches(known: readonly Message[], page: MessagePage): boolean {
  const newest = known.filter(({ waiting }) => waiting === null).at(-1)?.number;
  const oldest = page.messages.find(({ waiting }) => waiting === null)?.number;
  return newest !== undefined && (!page.more || (oldest !== undefined && oldest <= newest));
}

function merged(known: readonly Message[], more: readonly Message[]): readonly Message[] {
  const newest = known.at(-1)?.number ?? -1;
  const [only] = more;
  // By far the most frequent: one more, after all others.
  if (more.length === 1 && only !== undefined && only.number > newest) return [...known, only];
  const byNumber = new Map([...known, ...more].map((message) => [message.number, message]));
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  if (!map.has(key)) return map;
  const next = new Map(map);
  next.delete(key);
  return next;
}
