import type { DeskTranslate } from "../../i18n/desk/translate";
import type { Consultation } from "../../state/desk/model";
import { dayOf } from "../../state/desk/draft";

/** A time of day as readers of the language write it. */
export const clock = (locale: string, moment: number): string => new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(moment);

/** A day, with its weekday. */
export function dayName(locale: string, t: DeskTranslate, moment: number, now: number): string {
  const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(moment);
  const date = new Date(now);
  const tomorrow = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1).getTime();
  if (dayOf(moment) === dayOf(now)) return t("day.today", { day });
  if (dayOf(moment) === dayOf(tomorrow)) return t("day.tomorrow", { day });
  return day.charAt(0).toLocaleUpperCase(locale) + day.slice(1);
}

/** The reader's zone, by its name. */
export const zone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Consultations by the day on which they begin, in their order. */
export function byDay(list: readonly Consultation[]): readonly { readonly day: string; readonly list: readonly Consultation[] }[] {
  const days: { day: string; list: Consultation[] }[] = [];
  for (const one of list) {
    const day = dayOf(one.start);
    const last = days.at(-1);
    if (last?.day === day) last.list.push(one);
    else days.push({ day, list: [one] });
  }
  return days;
}

/** Who it is with, in words. */
export function names(consultation: Consultation, t: DeskTranslate): string {
  const known = consultation.people.map((person) => person.name ?? person.id);
  return known.length === 0 ? t("consultation.nobody") : known.join(", ");
}
