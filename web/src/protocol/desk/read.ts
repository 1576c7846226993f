import type { Check, Consultation, DeskPerson, DeviceState, Page, PersonQuality, Presence, QualityMinute, QualityReport, Rating, RatingReport, Rules, Stage } from "../../state/desk/model";
import { amountIn, flagIn, isObject, objectIn, textIn, type JsonObject } from "../json";

// From the server's JSON to what the desk knows. What does not have its shape is left out, and with it nothing else.

const listIn = (value: JsonObject | null, name: string): readonly unknown[] => {
  const inner = value?.[name];
  return Array.isArray(inner) ? inner : [];
};

const textsIn = (value: JsonObject | null, name: string): readonly string[] => listIn(value, name).filter((one) => typeof one === "string");

const momentIn = (value: JsonObject | null, name: string): number | null => {
  const ms = Date.parse(textIn(value, name) ?? "");
  return Number.isNaN(ms) ? null : ms;
};

const oneOf = <T extends string>(text: string | null, known: readonly T[]): T | null => known.find((one) => one === text) ?? null;

const STAGES: readonly Stage[] = ["away", "lobby", "waiting", "admitted", "in"];
const DEVICES: readonly DeviceState[] = ["ok", "blocked", "missing", "busy", "insecure", "unsupported", "failed", "skipped"];

function check(value: JsonObject): Check {
  const device = (name: string): DeviceState => oneOf(textIn(value, name), DEVICES) ?? "skipped";
  const network = oneOf(textIn(value, "network"), ["good", "weak", "tcp_only", "failed", "skipped"]) ?? "skipped";
  return { microphone: device("microphone"), camera: device("camera"), network };
}

function presence(value: JsonObject): Presence {
  const checked = objectIn(value, "check");
  return {
    stage: oneOf(textIn(value, "stage"), STAGES) ?? "away",
    since: momentIn(value, "since"),
    quality: oneOf(textIn(value, "quality"), ["good", "weak", "lost", "unknown"]) ?? "unknown",
    check: checked === null ? null : check(checked),
  };
}

function person(value: unknown): DeskPerson | null {
  if (!isObject(value)) return null;
  const id = textIn(value, "userId");
  if (id === null) return null;
  const place = objectIn(value, "presence");
  return {
    id,
    name: textIn(value, "fullName"),
    groups: textsIn(value, "groups"),
    role: textIn(value, "role") === "plus" ? "plus" : "basic",
    language: textIn(value, "language"),
    link: webAddress(textIn(value, "accessLinkURL")),
    presence: place === null ? null : presence(place),
  };
}

/** Only what a browser opens as a page: a link is copied and put into calendars. */
function webAddress(link: string | null): string | null {
  return link !== null && /^https?:\/\//i.test(link) ? link : null;
}

export function readConsultation(value: unknown): Consultation | null {
  if (!isObject(value)) return null;
  const id = textIn(value, "roomId");
  const [start, end] = [momentIn(value, "start_date"), momentIn(value, "end_date")];
  if (id === null || start === null || end === null) return null;
  const participants = objectIn(value, "participants");
  const people = listIn(participants, "data").map(person).filter((one) => one !== null);
  return { id, start, end, number: amountIn(participants, "number") ?? people.length, people, complete: flagIn(value, "complete"), frozen: flagIn(value, "frozen") };
}

export function readPage(value: unknown): Page | null {
  if (!isObject(value)) return null;
  const consultations = listIn(value, "teleconsultations").map(readConsultation).filter((one) => one !== null);
  return { consultations, next: textIn(value, "next"), unreadable: amountIn(value, "unreadable") ?? 0 };
}

export function readRules(value: unknown): Rules | null {
  if (!isObject(value)) return null;
  return {
    plusGroups: textsIn(value, "plusGroups"),
    basicGroups: textsIn(value, "basicGroups"),
    lookedUp: flagIn(value, "peopleAreLookedUp"),
    durationMaxS: amountIn(value, "durationMaxInSeconds"),
    presenceIsKnown: flagIn(value, "presenceIsKnown"),
  };
}

function minute(value: unknown): QualityMinute | null {
  if (!isObject(value)) return null;
  const begins = momentIn(value, "minute");
  const worst = oneOf(textIn(value, "worst"), ["good", "weak", "lost"]);
  if (begins === null || worst === null) return null;
  return {
    minute: begins,
    worst,
    roundTripMs: amountIn(value, "roundTripMs"),
    lossPercent: amountIn(value, "lossPercent"),
    uplinkKbps: amountIn(value, "uplinkKbps"),
    downlinkKbps: amountIn(value, "downlinkKbps"),
  };
}

function personQuality(value: unknown): PersonQuality | null {
  if (!isObject(value)) return null;
  const id = textIn(value, "userId");
  return id === null ? null : { id, name: textIn(value, "fullName"), minutes: listIn(value, "minutes").map(minute).filter((one) => one !== null) };
}

export function readQuality(value: unknown): QualityReport | null {
  if (!isObject(value)) return null;
  return { measured: flagIn(value, "measured"), people: listIn(value, "participants").map(personQuality).filter((one) => one !== null) };
}

/** The most of a comment that is shown, and the most ratings: as the server has it. */
const COMMENT_CHARS_MAX = 1000;
const RATINGS_MAX = 200;

function rating(value: unknown): Rating | null {
  if (!isObject(value)) return null;
  const stars = amountIn(value, "stars");
  if (stars === null || !Number.isInteger(stars) || stars < 1 || stars > 5) return null;
  const comment = textIn(value, "comment");
  const name = textIn(value, "fullName") ?? textIn(value, "userId");
  return { name, stars, comment: comment === null ? null : Array.from(comment).slice(0, COMMENT_CHARS_MAX).join("") };
}

export function readRatings(value: unknown): RatingReport | null {
  if (!isObject(value)) return null;
  const ratings = listIn(value, "ratings").slice(0, RATINGS_MAX).map(rating).filter((one) => one !== null);
  return { asked: flagIn(value, "asked"), ratings, more: flagIn(value, "more") };
}
