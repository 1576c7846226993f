import type { Check, Consultation, DeskPerson } from "./model";

/** What is to be seen of somebody, the most urgent first. */
export type PersonStatus =
  | "in"
  | "weak"
  | "lost"
  | "waiting"
  | "admitted"
  | "blocked"
  | "trouble"
  | "lobby"
  | "away"
  | "unknown";

const BAD = ["missing", "busy", "insecure", "unsupported", "failed"];

/** Whether the page may not use a device: the one thing that the desk can help with by telephone. */
export function blockedDevices(check: Check | null): readonly ("microphone" | "camera")[] {
  return check === null ? [] : (["microphone", "camera"] as const).filter((device) => check[device] === "blocked");
}

export function personStatus(person: DeskPerson): PersonStatus {
  const { presence } = person;
  if (presence === null) return "unknown";
  switch (presence.stage) {
    case "in":
      return presence.quality === "weak" || presence.quality === "lost" ? presence.quality : "in";
    case "waiting":
      return blockedDevices(presence.check).length > 0 ? "blocked" : "waiting";
    case "admitted":
      return "admitted";
    case "lobby": {
      if (blockedDevices(presence.check).length > 0) return "blocked";
      const check = presence.check;
      return check !== null && (BAD.includes(check.microphone) || check.network === "failed") ? "trouble" : "lobby";
    }
    case "away":
      return "away";
  }
}

export type ConsultationStatus = "incomplete" | "running" | "late" | "now" | "coming" | "over";

export function consultationStatus(consultation: Consultation, now: number): ConsultationStatus {
  const inCall = consultation.people.filter((person) => person.presence?.stage === "in").length;
  if (inCall > 0) return "running";
  if (now >= consultation.end) return "over";
  if (!consultation.complete) return "incomplete";
  if (now < consultation.start) return "coming";
  return consultation.people.some((person) => person.presence !== null) ? "late" : "now";
}

/** Whether somebody at the desk should look at it. */
export function needsAttention(consultation: Consultation, now: number): boolean {
  const status = consultationStatus(consultation, now);
  if (status === "over") return false;
  if (status === "late" || (status === "incomplete" && consultation.start - now < 24 * 3_600_000)) return true;
  return consultation.people.some((person) => ["blocked", "trouble", "waiting", "weak", "lost"].includes(personStatus(person)));
}

export type Filter = "all" | "current" | "attention";

/** Those that the reader wants to see. */
export function shown(consultations: readonly Consultation[], filter: Filter, search: string, now: number): readonly Consultation[] {
  const words = folded(search).split(/\s+/).filter((word) => word !== "");
  return consultations.filter((one) => {
    if (filter === "attention" && !needsAttention(one, now)) return false;
    if (filter === "current" && ["over", "coming"].includes(consultationStatus(one, now)) && !(one.start > now && one.start - now < 3_600_000)) return false;
    const text = folded([one.id, ...one.people.flatMap((person) => [person.name ?? "", person.id, ...person.groups])].join(" "));
    return words.every((word) => text.includes(word));
  });
}

/** Without case and accents: nobody types those to find a name. */
const folded = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
