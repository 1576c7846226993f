import { describe, expect, test } from "vitest";
import { bookingOf, dayOf, draftOf, momentOf, newDraft, problemsOf, refusalAt, timeOf, withField, withPerson, withoutPerson, PEOPLE_MAX, type Draft } from "./draft";
import type { Consultation, DeskPerson, Presence, Rules } from "./model";
import { consultationStatus, needsAttention, personStatus, shown } from "./status";
import { deskStart, stepDesk, type DeskEffect, type DeskEvent, type DeskState, type Open } from "./step";

const rules: Rules = { plusGroups: ["doctor"], basicGroups: ["patient"], lookedUp: false, durationMaxS: null, presenceIsKnown: true };
const noon = new Date(2026, 0, 1, 12, 0).getTime();
const minutes = (count: number): number => count * 60_000;
const away: Presence = { stage: "away", since: null, quality: "unknown", check: null };

const person = (id: string, name: string, presence: Presence | null = away): DeskPerson => ({
  id, name, groups: [id === "d" ? "doctor" : "patient"], role: id === "d" ? "plus" : "basic", language: null, link: `https://a.example/${id}`, presence,
});

const consultation = (id: string, start: number, presence: Presence | null = away): Consultation => ({
  id, start, end: start + minutes(30), number: 2, people: [person("d", "Ada Marino", presence === null ? null : away), person("p", "José Çelik", presence)], complete: true, frozen: false,
});

describe("who is where", () => {
  const check = { microphone: "ok", camera: "ok", network: "good" } as const;
  const status = (presence: Partial<Presence>): string => personStatus(person("p", "P", { ...away, ...presence }));

  test("each stage has its word, and what the desk can help with comes first", () => {
    expect(status({})).toBe("away");
    expect(status({ stage: "lobby" })).toBe("lobby");
    expect(status({ stage: "lobby", check: { ...check, microphone: "blocked" } })).toBe("blocked");
    expect(status({ stage: "lobby", check: { ...check, microphone: "missing" } })).toBe("trouble");
    expect(status({ stage: "lobby", check: { ...check, camera: "missing" } })).toBe("lobby");
    expect(status({ stage: "waiting", check })).toBe("waiting");
    expect(status({ stage: "waiting", check: { ...check, camera: "blocked" } })).toBe("blocked");
    expect(status({ stage: "admitted" })).toBe("admitted");
    expect(status({ stage: "in", quality: "weak" })).toBe("weak");
    expect(status({ stage: "in", check: { ...check, microphone: "blocked" } })).toBe("in");
    expect(personStatus(person("p", "P", null))).toBe("unknown");
  });

  test("a consultation that should have begun is late only where it is known that nobody is there", () => {
    const at = (now: number, presence: Presence | null = away): string => consultationStatus(consultation("1", noon, presence), now);
    expect(at(noon - 1)).toBe("coming");
    expect(at(noon)).toBe("late");
    expect(at(noon, null)).toBe("now");
    expect(at(noon + minutes(30))).toBe("over");
    expect(at(noon + minutes(31), { ...away, stage: "in" })).toBe("running");
    expect(consultationStatus({ ...consultation("1", noon), complete: false }, noon - 1)).toBe("incomplete");
  });

  test("what needs attention is found, and nothing else", () => {
    const [calm, waiting, late] = [consultation("1", noon + minutes(60)), consultation("2", noon + minutes(5), { ...away, stage: "waiting" }), consultation("3", noon - minutes(5))];
    expect([calm, waiting, late].map((one) => needsAttention(one, noon))).toEqual([false, true, true]);
    expect(shown([late, waiting, calm], "attention", "", noon)).toEqual([late, waiting]);
    expect(shown([consultation("4", noon - minutes(60)), late, consultation("5", noon + minutes(61))], "current", "", noon)).toEqual([late]);
  });

  test("a search needs no accents, no case and no order", () => {
    const list = [consultation("1", noon)];
    for (const search of ["", "jose", "CELIK ada", "  marino "]) expect(shown(list, "all", search, noon), search).toEqual(list);
    expect(shown(list, "all", "jose rossi", noon)).toEqual([]);
  });
});

describe("the form", () => {
  const filled = (): Draft => {
    const empty = newDraft(noon, rules);
    return withField(withField(withField(empty, 0, "name", " Ada "), 1, "name", "Luca"), 0, "id", "doctor-1");
  };

  test("it begins with the next quarter of an hour, and one of each kind", () => {
    const draft = newDraft(noon + 1, rules);
    expect([draft.date, draft.time, draft.minutes]).toEqual(["2026-01-01", "12:15", "30"]);
    expect(draft.people.map((one) => one.group)).toEqual(["doctor", "patient"]);
  });

  test("what it says is what is booked, in the reader's zone", () => {
    const booking = bookingOf(filled(), rules, () => "made");
    expect(booking).toEqual({
      start: noon + minutes(15), end: noon + minutes(45), number: 2,
      people: [{ id: "doctor-1", groups: ["doctor"], name: "Ada", language: "" }, { id: "made", groups: ["patient"], name: "Luca", language: "" }],
    });
    expect(momentOf("2026-07-01", "00:30")).toBe(new Date(2026, 6, 1, 0, 30).getTime());
    expect([dayOf(noon), timeOf(noon)]).toEqual(["2026-01-01", "12:00"]);
    for (const [day, time] of [["2026-02-30", "10:00"], ["", "10:00"], ["2026-01-01", "24:00"], ["2026-01-01", ""]] as const) expect(momentOf(day, time)).toBeNull();
  });

  test("what is wrong is said at its field before anything is sent", () => {
    expect(problemsOf(filled(), rules)).toEqual({});
    const wrong = { ...newDraft(noon, rules), date: "", time: "x", minutes: "4.5" };
    expect(Object.keys(problemsOf(wrong, rules)).sort()).toEqual(["date", "minutes", "name.0", "name.1", "time"]);
    expect(bookingOf(wrong, rules, () => "x")).toBeNull();
    expect(problemsOf({ ...filled(), minutes: "1441" }, { ...rules, durationMaxS: 86_400 })).toEqual({ minutes: { key: "problem.duration_max" } });
    expect(problemsOf(withField(filled(), 0, "group", "patient"), rules)).toEqual({ people: { key: "problem.no_plus" } });
    expect(problemsOf(withField(filled(), 1, "id", "doctor-1"), rules)).toEqual({ "id.1": { key: "problem.id_twice" } });
    expect(problemsOf(withField(filled(), 1, "name", "😀".repeat(129)), rules)).toEqual({ "name.1": { key: "problem.name" } });
    expect(problemsOf(withField(filled(), 1, "name", "😀".repeat(128)), rules)).toEqual({});
    expect(problemsOf(withoutPerson(filled(), 1), rules)).toEqual({ people: { key: "problem.people_few" } });
  });

  test("where people are looked up, their ids are all that is needed", () => {
    const looked = { ...rules, lookedUp: true };
    const draft = newDraft(noon, looked);
    expect(Object.keys(problemsOf(draft, looked)).sort()).toEqual(["id.0", "id.1"]);
    expect(problemsOf(withField(withField(draft, 0, "id", "a"), 1, "id", "b"), looked)).toEqual({});
  });

  test("of one that is there everything stays that is not touched", () => {
    const there = { ...consultation("1", noon), number: 3 };
    const two = { ...there, people: [{ ...person("d", "Ada"), groups: ["doctor", "night"], language: "pt" }, person("p", "Luca")] };
    const booking = bookingOf(draftOf(two), rules, () => "x");
    expect([booking?.start, booking?.end, booking?.number]).toEqual([noon, noon + minutes(30), 3]);
    expect(booking?.people[0]).toEqual({ id: "d", groups: ["doctor", "night"], name: "Ada", language: "pt" });
    expect(bookingOf(withField(draftOf(two), 0, "group", "doctor"), rules, () => "x")?.people[0]?.groups).toEqual(["doctor"]);
  });

  test("there are at least one person and at most as many as there may be", () => {
    let draft = filled();
    for (let count = 0; count < 30; count += 1) draft = withPerson(draft, rules);
    expect(draft.people.length).toBe(PEOPLE_MAX);
    expect(new Set(draft.people.map((one) => one.row)).size).toBe(PEOPLE_MAX);
    for (const { row } of draft.people) draft = withoutPerson(draft, row);
    expect(draft.people.length).toBe(1);
  });

  test("the server's refusal is shown at the field that it names", () => {
    const draft = withoutPerson(withPerson(filled(), rules), 0);
    const at = (field: string | null, text = "must be right"): string[] => Object.keys(refusalAt(draft, field, text));
    expect(at("body.participants.data.1.fullName")).toEqual(["name.2"]);
    expect(at("body.participants.data.0.userId")).toEqual(["id.1"]);
    expect(at("body.participants.data.0")).toEqual(["id.1"]);
    expect(at("body.participants.data.9.groups")).toEqual(["people"]);
    expect(at("body.participants.number")).toEqual(["people"]);
    expect(at("body.start_date")).toEqual(["date"]);
    expect(at("body.end_date")).toEqual(["minutes"]);
    expect(at(null, "the duration must be at least 5 minutes")).toEqual(["minutes"]);
    expect(at(null, "Failed PATCH: no plus user in room")).toEqual(["people"]);
    expect(refusalAt(draft, null, "teleconsultation can no longer be modified")).toEqual({ form: { key: "problem.frozen" } });
    expect(at(null, "something else")).toEqual(["form"]);
  });
});

describe("the desk", () => {
  const run = (state: DeskState, ...events: readonly DeskEvent[]): { state: DeskState; effects: readonly DeskEffect[] } =>
    events.reduce<{ state: DeskState; effects: readonly DeskEffect[] }>((before, event) => stepDesk(before.state, event), { state, effects: [] });
  const opened = (): Open => {
    const { state } = run(deskStart("k").state, { kind: "rules", answer: { kind: "ok", value: rules }, now: noon });
    if (state.kind !== "open") throw new Error("it opens with its rules");
    return state;
  };
  const page = (...consultations: readonly Consultation[]): DeskEvent => ({
    kind: "listed", answer: { kind: "ok", value: { consultations, next: null, unreadable: 0 } }, day: null, more: false, now: noon,
  });
  const listed = (...list: readonly Consultation[]): Open => {
    const { state } = run(opened(), { kind: "told", what: "ready" }, page(...list));
    if (state.kind !== "open") throw new Error("it stays open");
    return state;
  };
  const ids = (state: DeskState): string[] => (state.kind === "open" ? (state.list ?? []).map((one) => one.id) : []);

  test("without a key it asks for one, with one it opens, and a wrong one is forgotten", () => {
    expect(deskStart(null)).toEqual({ state: { kind: "locked", wrong: false }, effects: [] });
    const given = run({ kind: "locked", wrong: false }, { kind: "keyGiven", key: "k" });
    expect(given.effects).toEqual([{ kind: "keep", key: "k" }, { kind: "readRules", key: "k", afterMs: 0 }]);
    const refused = run(given.state, { kind: "rules", answer: { kind: "locked" }, now: noon });
    expect(refused.state).toEqual({ kind: "locked", wrong: true });
    expect(refused.effects).toEqual([{ kind: "stopWatching" }, { kind: "keep", key: null }]);
    const trouble = run(given.state, { kind: "rules", answer: { kind: "trouble" }, now: noon });
    expect(trouble.effects).toMatchObject([{ kind: "readRules", afterMs: 3000 }]);
    expect(run(opened(), { kind: "lockWished" }).state).toEqual({ kind: "locked", wrong: false });
    expect(run(opened(), { kind: "streamLost", locked: true }).state).toEqual({ kind: "locked", wrong: true });
  });

  test("the list is read once everything that changes is told, so that nothing falls in between", () => {
    expect(run(deskStart("k").state, { kind: "rules", answer: { kind: "ok", value: rules }, now: noon }).effects).toEqual([{ kind: "watch", key: "k", afterMs: 0 }]);
    expect(run(opened(), { kind: "told", what: "ready" }).effects).toMatchObject([{ kind: "list", after: null }]);
    expect(run(listed(), { kind: "told", what: "ready" }).effects).toEqual([]);
    expect(run(listed(), { kind: "told", what: "reload" }).effects).toMatchObject([{ kind: "list" }]);
  });

  test("one that changes is read anew, once more if it changes meanwhile, and takes its place", () => {
    const state = listed(consultation("1", noon), consultation("2", noon + minutes(60)));
    const changed: DeskEvent = { kind: "told", what: { id: "1", cancelled: false } };
    const first = run(state, changed);
    expect(first.effects).toEqual([{ kind: "readOne", key: "k", id: "1" }]);
    const second = run(first.state, changed, changed);
    expect(second.effects).toEqual([]);
    const moved: DeskEvent = { kind: "one", id: "1", answer: { kind: "ok", value: consultation("1", noon + minutes(90)) } };
    const third = run(second.state, moved);
    expect(third.effects).toEqual([{ kind: "readOne", key: "k", id: "1" }]);
    const fourth = run(third.state, moved);
    expect([ids(fourth.state), fourth.effects]).toEqual([["2", "1"], []]);
    expect(ids(run(state, { kind: "one", id: "2", answer: { kind: "gone" } }).state)).toEqual(["1"]);
    expect(ids(run(state, { kind: "told", what: { id: "2", cancelled: true } }).state)).toEqual(["1"]);
  });

  test("one that belongs to a page that was not read is left for it", () => {
    const state: Open = { ...listed(consultation("1", noon)), next: "cursor" };
    const later: DeskEvent = { kind: "one", id: "9", answer: { kind: "ok", value: consultation("9", noon + minutes(600)) } };
    expect(ids(run(state, later).state)).toEqual(["1"]);
    expect(run(state, { kind: "moreWished" }).effects).toMatchObject([{ kind: "list", after: "cursor" }]);
    const more = run(state, { kind: "listed", answer: { kind: "ok", value: { consultations: [consultation("9", noon + minutes(600)), consultation("1", noon)], next: null, unreadable: 0 } }, day: null, more: true, now: noon });
    expect(ids(more.state)).toEqual(["1", "9"]);
    // The first page read anew takes nothing away that comes after it.
    const first = { kind: "ok", value: { consultations: [consultation("2", noon)], next: "cursor", unreadable: 0 } } as const;
    const again = run(more.state, { kind: "listed", answer: first, day: null, more: false, now: noon });
    expect([ids(again.state), again.state]).toMatchObject([["2", "9"], { next: null }]);
  });

  test("an answer about another day is not shown, and the list is read anew each minute", () => {
    const state = listed(consultation("1", noon));
    const day = new Date(2026, 0, 5).getTime();
    const chosen = run(state, { kind: "dayChosen", day });
    expect(chosen.effects).toMatchObject([{ kind: "list", from: day, day }]);
    expect(ids(run(chosen.state, page(consultation("2", noon))).state)).toEqual([]);
    expect(run(state, { kind: "ticked", now: noon + 59_999 }).effects).toEqual([]);
    expect(run(state, { kind: "ticked", now: noon + 60_000 }).effects).toMatchObject([{ kind: "list" }]);
  });

  test("what is typed and wrong is sent nowhere; what is right is sent once, and refused at its field", () => {
    const form = run(listed(), { kind: "formWished", id: null }, { kind: "submitted", newIds: ["a", "b"] });
    expect(form.effects).toEqual([]);
    expect(form.state).toMatchObject({ over: { kind: "form", busy: false, problems: { "name.0": { key: "problem.name" } } } });
    const sent = run(form.state, { kind: "personEdited", row: 0, field: "name", value: "Ada" }, { kind: "personEdited", row: 1, field: "name", value: "Luca" }, { kind: "submitted", newIds: ["a", "b"] });
    expect(sent.effects).toMatchObject([{ kind: "book", booking: { people: [{ id: "b" }, { id: "a" }] } }]);
    expect(run(sent.state, { kind: "submitted", newIds: [] }).effects).toEqual([]);
    const refused = run(sent.state, { kind: "submitAnswered", answer: { kind: "refused", field: "body.start_date", text: "is wrong" } });
    expect(refused.state).toMatchObject({ over: { busy: false, problems: { date: { text: "is wrong" } } } });
    const booked = run(sent.state, { kind: "submitAnswered", answer: { kind: "ok", value: "new" } });
    expect(booked.state).toMatchObject({ over: null, notice: { key: "notice.booked" } });
    expect(booked.effects).toEqual([{ kind: "readOne", key: "k", id: "new" }]);
  });

  test("nothing is cancelled without a yes", () => {
    const asked = run(listed(consultation("1", noon)), { kind: "cancelWished", id: "1" });
    expect([asked.effects, run(asked.state, { kind: "closed" }).effects]).toEqual([[], []]);
    const yes = run(asked.state, { kind: "cancelConfirmed" });
    expect(yes.effects).toEqual([{ kind: "cancel", id: "1" }]);
    expect(run(yes.state, { kind: "cancelConfirmed" }).effects).toEqual([]);
    expect(run(yes.state, { kind: "cancelAnswered", id: "1", answer: { kind: "trouble" } }).state).toMatchObject({ over: { failed: true, busy: false } });
    const gone = run(yes.state, { kind: "cancelAnswered", id: "1", answer: { kind: "ok", value: null } });
    expect([ids(gone.state), gone.state]).toMatchObject([[], { over: null, notice: { key: "notice.cancelled" } }]);
  });

  test("a link that the browser does not copy is shown to be copied by hand", () => {
    const state = listed();
    const copy: DeskEvent = { kind: "copied", done: false, link: "https://a.example/x", name: "Ada" };
    expect(run(state, copy).state).toMatchObject({ notice: { kind: "link", link: "https://a.example/x" } });
    const twice = run(state, { ...copy, done: true }, { ...copy, done: true });
    expect(twice.state).toMatchObject({ notice: { kind: "said", key: "notice.copied", count: 1 } });
  });
});
