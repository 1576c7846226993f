// What the person does with the tools that the server remembers only while it runs: it is done again where the server has forgotten it.
import type { ChannelEvent } from "./channel";
import { isAdmitted, type RoomState } from "./room";

export interface Lasting {
  readonly hand: boolean;
  /**
   * The own camera is presented to everybody. A shared screen is not presented again: a connection that was lost for so long has ended it, and
   * sharing one needs a fresh click.
   */
  readonly presenting: boolean;
}

export const NOTHING_LASTING: Lasting = { hand: false, presenting: false };

export interface LastingStep {
  readonly lasting: Lasting;
  /** What is to be done again now. */
  readonly again: Lasting;
}

/** Takes over what the person wishes: what they ended is not done again, also if the server does not hear of it any more. */
export function lastingWished(lasting: Lasting, ended: keyof Lasting): Lasting {
  return lasting[ended] ? { ...lasting, [ended]: false } : lasting;
}

/** Takes over what an event of the channel made of the room. */
export function stepLasting(lasting: Lasting, event: ChannelEvent, before: RoomState, after: RoomState): LastingStep {
  // Who is out, or is here in another window, begins anew.
  if (event.kind === "linkEnded" || !isAdmitted(after.stage)) return { lasting: NOTHING_LASTING, again: NOTHING_LASTING };
  const told = toldIn(after);
  if (event.kind !== "welcome") {
    const known = toldIn(before);
    // What is asked for again, and not answered yet, is no change.
    const hand = known.hand === told.hand ? lasting.hand : told.hand;
    const presenting = known.presenting === told.presenting ? lasting.presenting && (told.presenting || isFree(after)) : told.presenting;
    return { lasting: { hand, presenting }, again: NOTHING_LASTING };
  }
  const forgotten = sinceIn(before) !== sinceIn(after);
  const again: Lasting = {
    hand: lasting.hand && !told.hand && forgotten,
    presenting: lasting.presenting && isFree(after) && forgotten,
  };
  return { lasting: { hand: told.hand || again.hand, presenting: told.presenting || again.presenting }, again };
}

function toldIn(room: RoomState): Lasting {
  const { presented, you } = room;
  return { hand: ownIn(room)?.handRaisedAt != null, presenting: presented?.source === "camera" && presented.userId === you };
}

/** Whether nobody presents anything. */
function isFree({ presented }: RoomState): boolean {
  return presented === null;
}

/**
 * Since when the server has them in their stage. It is the same as before if the media engine had them all the time that the channel was away:
 * then nothing was forgotten, and what the server does not tell any more, somebody has ended.
 */
function sinceIn(room: RoomState): number | null {
  return ownIn(room)?.since ?? null;
}

function ownIn({ you, people }: RoomState): ReturnType<RoomState["people"]["get"]> {
  return you === null ? undefined : people.get(you);
}
