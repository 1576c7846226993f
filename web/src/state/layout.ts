// Who is shown where.
import type { Presented } from "./channel";
import type { People, Person } from "./model";

/** A picture of somebody: their face, or their screen. */
export interface Focus {
  readonly id: string;
  readonly source: "camera" | "screen";
}

export type Corner = "bottom_end" | "bottom_start" | "top_start" | "top_end";

/** What the person wishes of the layout. It holds for this page only. */
export interface Layout {
  readonly pinned: Focus | null;
  /** Where the own picture is when it lies over the other one. */
  readonly corner: Corner;
}

export const USUAL_LAYOUT: Layout = { pinned: null, corner: "bottom_end" };

export type Arrangement =
  | { readonly kind: "pair"; readonly other: Person | null; readonly own: Person | null }
  /** For sign language: both hands and faces equally large. */
  | { readonly kind: "grid"; readonly people: readonly Person[] }
  | { readonly kind: "focus"; readonly person: Person; readonly source: Focus["source"]; readonly why: "presented" | "pinned" | "shared"; readonly strip: readonly Person[] };

interface Wishes {
  readonly layout: Layout;
  readonly presented: Presented | null;
  /** Nobody is to be small. */
  readonly equal: boolean;
}

/**
 * Chooses the layout: what is presented to everybody goes first, then whom the person has pinned, then a shared screen. Of several screens the
 * first one counts.
 */
export function arranged(people: People, { layout, presented, equal }: Wishes): Arrangement {
  const everybody = [...people.values()];
  const others = everybody.filter((person) => !person.own);
  const own = everybody.find((person) => person.own) ?? null;
  const shown = presented === null ? null : { id: presented.userId, source: presented.source === "camera" ? "camera" : "screen" } as const;
  const focus = focused(everybody, shown, "presented") ?? focused(everybody, layout.pinned, "pinned") ?? shared(others);
  if (focus !== null) {
    const strip = focus.source === "screen" ? everybody : everybody.filter((person) => person !== focus.person);
    return { kind: "focus", ...focus, strip };
  }
  if (others.length > 1 || (equal && others.length === 1)) return { kind: "grid", people: everybody };
  return { kind: "pair", other: others[0] ?? null, own };
}

/** The same layout with the own picture large, as if the person had pinned it: they can take it back. */
export function withOwnPinned(layout: Layout, people: People): Layout {
  const own = [...people.values()].find((person) => person.own);
  return own === undefined ? layout : { ...layout, pinned: { id: own.id, source: "camera" } };
}

type Chosen = Pick<Extract<Arrangement, { kind: "focus" }>, "person" | "source" | "why">;

function focused(people: readonly Person[], focus: Focus | null, why: "presented" | "pinned"): Chosen | null {
  if (focus === null) return null;
  const person = people.find(({ id }) => isOf(id, focus.id));
  if (person === undefined) return null;
  // The own screen within the own screen would never end.
  if (focus.source === "screen" && (person.screen === null || person.own)) return null;
  // Nobody presents a picture that is not there; whom somebody wants to see large may turn their camera on.
  if (focus.source === "camera" && why === "presented" && person.camera === null) return null;
  return { person, source: focus.source, why };
}

function shared(others: readonly Person[]): Chosen | null {
  const person = others.find(({ screen }) => screen !== null);
  return person === undefined ? null : { person, source: "screen", why: "shared" };
}

/** An identity in the media room is the user's id, with a count after a colon once their link was replaced. */
function isOf(identity: string, userId: string): boolean {
  return identity === userId || identity.startsWith(`${userId}:`);
}

const CORNERS: readonly Corner[] = ["bottom_end", "top_end", "top_start", "bottom_start"];

/** The corner after this one, round the picture: for one key that moves the own picture. */
export function nextCorner(corner: Corner): Corner {
  return CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length] ?? "bottom_end";
}

/** The corner that an arrow leads to. Start and end are where reading begins and ends. */
export function cornerTowards(corner: Corner, towards: "top" | "bottom" | "start" | "end"): Corner {
  const [block, inline] = corner === "bottom_end" ? (["bottom", "end"] as const) : corner === "bottom_start" ? (["bottom", "start"] as const) : corner === "top_start" ? (["top", "start"] as const) : (["top", "end"] as const);
  return towards === "top" || towards === "bottom" ? `${towards}_${inline}` : `${block}_${towards}`;
}

/** The corner in which a point of a box lies, both as shares of its size from the top and from where reading begins. */
export function cornerAt(fromStart: number, fromTop: number): Corner {
  return `${fromTop < 0.5 ? "top" : "bottom"}_${fromStart < 0.5 ? "start" : "end"}`;
}
