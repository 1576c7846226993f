import { expect, test } from "vitest";
import type { ChannelEvent, Member, Presented, Stage, Welcome } from "./channel";
import { memberSample, NOW, welcomeSample } from "./samples";
import { stepTools } from "./step-tools";
import { toolsStart, type ToolsEffect, type ToolsEvent, type ToolsState } from "./tools";

/** Since when the person is in the call, as the server tells before and after it forgot them. */
const [BEFORE, AFTER] = [NOW - 60_000, NOW];

const me = (more: Partial<Member> = {}): Member => memberSample("me", { since: BEFORE, ...more });
const channel = (event: ChannelEvent): ToolsEvent => ({ kind: "channel", event });
const told = (more: Partial<Member>): ToolsEvent => channel({ kind: "person", person: me(more) });
const presented = (value: Presented | null): ToolsEvent => channel({ kind: "presented", presented: value });
const BROKEN: ToolsEvent = channel({ kind: "linkChanged", link: "broken" });
const CAMERA: Presented = { userId: "me", source: "camera" };
const RAISE: ToolsEffect = { kind: "hand", raised: true };
const PRESENT: ToolsEffect = { kind: "present", source: "camera" };

function welcome(person: Partial<Member> = {}, more: Partial<Welcome> = {}): ToolsEvent {
  const own = me(person);
  return channel({ kind: "welcome", welcome: welcomeSample({ stage: own.stage, people: [own], ...more }) });
}

/** What is raised or presented by itself in the course of it. */
function play(events: readonly ToolsEvent[], state: ToolsState = toolsStart(0)): { state: ToolsState; again: ToolsEffect[] } {
  const again: ToolsEffect[] = [];
  for (const event of events) {
    const next = stepTools(state, event, NOW);
    state = next.state;
    if (event.kind === "channel") again.push(...next.effects.filter(({ kind }) => kind === "hand" || kind === "present"));
  }
  return { state, again };
}

const UP = [welcome(), told({ handRaisedAt: NOW })];
const PRESENTING = [welcome(), presented(CAMERA)];

test("a hand that the server has forgotten is raised again, and goes on if the connection breaks before it is", () => {
  // The server was started anew, and has the page before it has the picture.
  const back = [BROKEN, welcome({ since: AFTER, stage: "admitted" })];
  const first = play([...UP, ...back]);
  expect(first.again).toEqual([RAISE]);
  expect(play([told({ since: AFTER }), BROKEN, welcome({ since: AFTER + 1 })], first.state).again).toEqual([RAISE]);
  expect(play([told({ since: AFTER, handRaisedAt: AFTER }), BROKEN, welcome({ since: AFTER, handRaisedAt: AFTER })], first.state).again).toEqual([]);
});

test("so is one that the server told of a page before this one", () => {
  expect(play([welcome({ handRaisedAt: NOW }), BROKEN, welcome({ since: AFTER })]).again).toEqual([RAISE]);
});

test("a hand that is down, or was lowered, stays down", () => {
  const back = [BROKEN, welcome({ since: AFTER })];
  expect(play([welcome(), ...back]).again).toEqual([]);
  expect(play([...UP, told({}), ...back]).again).toEqual([]);
  expect(play([...UP, { kind: "handWished", raised: false }, ...back]).again).toEqual([]);
  expect(play([...UP, BROKEN, { kind: "handWished", raised: false }, welcome({ since: AFTER })]).again).toEqual([]);
});

test("who presents does so again after the server has forgotten it", () => {
  const back = play([...PRESENTING, BROKEN, welcome({ since: AFTER })]);
  expect(back.again).toEqual([PRESENT]);
  expect(play([presented(CAMERA), BROKEN, welcome({ since: AFTER }, { presented: CAMERA })], back.state).again).toEqual([]);
  expect(play([...PRESENTING, told({ handRaisedAt: NOW }), BROKEN, welcome({ since: AFTER })]).again).toEqual([RAISE, PRESENT]);
});

test("what was ended is not presented again, nor a screen, nor in another's place", () => {
  const back = [BROKEN, welcome({ since: AFTER })];
  expect(play([...PRESENTING, presented(null), ...back]).again).toEqual([]);
  expect(play([...PRESENTING, { kind: "presentWished", source: null }, ...back]).again).toEqual([]);
  expect(play([...PRESENTING, presented({ userId: "a", source: "camera" }), presented(null), ...back]).again).toEqual([]);
  expect(play([welcome(), presented({ userId: "me", source: "screen_share" }), ...back]).again).toEqual([]);
  const other = play([...PRESENTING, BROKEN, welcome({ since: AFTER }, { presented: { userId: "a", source: "camera" } })]);
  expect(other.again).toEqual([]);
  expect(play([presented(null), BROKEN, welcome({ since: AFTER + 1 })], other.state).again).toEqual([]);
});

test("where the server had them in the call all the time, an admin has ended what it does not tell any more", () => {
  expect(play([...UP, presented(CAMERA), BROKEN, welcome()]).again).toEqual([]);
});

test.each(["lobby", "waiting"] as const)("who comes back as far as %s begins anew once they are let in", (stage: Stage) => {
  expect(play([...UP, presented(CAMERA), BROKEN, welcome({ since: AFTER, stage }), welcome({ since: AFTER + 1 })]).again).toEqual([]);
});

test("so does who was taken out, and who comes back from another window", () => {
  const out = channel({ kind: "stage", stage: "lobby", message: null, removed: true });
  const replaced = channel({ kind: "linkEnded", end: "replaced" });
  for (const event of [out, replaced]) expect(play([...UP, presented(CAMERA), event, welcome({ since: AFTER })]).again).toEqual([]);
});
