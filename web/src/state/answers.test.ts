import { expect, test } from "vitest";
import type { ChannelEvent, Member, Stage } from "./channel";
import { memberSample, NOW, welcomeSample } from "./samples";
import { stepTools } from "./step-tools";
import { toolsStart, type ToolsEffect, type ToolsEvent, type ToolsState } from "./tools";
import type { Answer } from "./answers";

const channel = (event: ChannelEvent): ToolsEvent => ({ kind: "channel", event });
const person = (stage: Stage, more: Partial<Member> = {}): Member => memberSample("b", { stage, ...more });
const welcome = (...people: Member[]): ToolsEvent =>
  channel({ kind: "welcome", welcome: welcomeSample({ stage: "in", people: [memberSample("me", { stage: "in" }), ...people] }) });
const ADMIT: Answer = { kind: "admit", userId: "b" };
const AWAY: Answer = { kind: "turnAway", userId: "b", message: "Tomorrow" };
const lost = (answer: Answer): ToolsEvent => ({ kind: "answerLost", answer });
const BROKEN: ToolsEvent = channel({ kind: "linkChanged", link: "broken" });

/** Plays events at their seconds, and tells which answers the last one led to. */
function play(...events: readonly (readonly [number, ToolsEvent])[]): { state: ToolsState; answers: readonly ToolsEffect[] } {
  let state = toolsStart(0);
  let answers: readonly ToolsEffect[] = [];
  for (const [second, event] of events) {
    const step = stepTools(state, event, NOW + second * 1000);
    state = step.state;
    answers = step.effects.filter(({ kind }) => kind === "admit" || kind === "turnAway");
  }
  return { state, answers };
}

test("an answer that was lost is given again when the channel is back, as long as they wait", () => {
  const clicked: readonly (readonly [number, ToolsEvent])[] = [[0, welcome(person("waiting"))], [1, BROKEN]];
  for (const answer of [ADMIT, AWAY]) {
    expect(play(...clicked, [2, lost(answer)], [3, welcome(person("waiting", { awaySince: NOW }))]).answers).toEqual([answer]);
    expect(play(...clicked, [2, lost(answer)], [3, welcome(person("in"))]).answers).toEqual([]);
  }
  expect(play(...clicked, [2, lost(AWAY)], [3, welcome(person("lobby"))]).answers).toEqual([]);
  expect(play(...clicked, [2, lost(ADMIT)], [3, welcome(person("lobby"))]).answers).toEqual([ADMIT]);
});

test("the newest answer counts, and one that the server has heard is not given again", () => {
  const both = [[0, welcome(person("waiting"))], [1, lost(ADMIT)], [2, lost(AWAY)]] as const;
  expect(play(...both, [3, welcome(person("waiting"))]).answers).toEqual([AWAY]);
  expect(play(...both, [3, { kind: "answerHeard", userId: "b" }], [4, welcome(person("waiting"))]).answers).toEqual([]);
});

test("after half a minute from the first loss it is given up, and said", () => {
  const early = [[0, welcome()], [1, lost(ADMIT)], [20, welcome()], [21, lost(ADMIT)]] as const;
  const before = play(...early, [30.9, { kind: "tick" }]).state;
  expect([before.unheard.length, before.toasts]).toEqual([1, []]);
  const after = play(...early, [31, { kind: "tick" }]).state;
  expect([after.unheard, after.toasts.map(({ text }) => text.key)]).toEqual([[], ["toast.not_done"]]);
});
