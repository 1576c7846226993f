/** What others may see of the room behind the person. `changing`: it is being hidden, or shown again, and the picture is dark meanwhile. */
export type RoomSeen = "shown" | "hidden" | "changing";

export interface OwnPicture<Track = MediaStreamTrack> {
  readonly track: Track;
  readonly room: RoomSeen;
}

/** `plain`: the picture shows the room, and must not be sent any more once the person hides that. */
export type OwnStill =
  | { readonly kind: "taken"; readonly picture: Blob; readonly plain: boolean }
  | { readonly kind: "none"; readonly reason: "no_camera" | "failed" };

export interface StillPorts<Track> {
  /** The own picture at this moment; null: there is none. */
  readonly look: () => OwnPicture<Track> | null;
  /** A photograph at the camera's full resolution, past whatever changes its picture; null where the browser or the camera gives none. */
  readonly photo: (track: Track) => Promise<Blob | null>;
  /** A frame of a picture as it is; null if none comes. */
  readonly frame: (track: Track) => Promise<Blob | null>;
}

const FAILED: OwnStill = { kind: "none", reason: "failed" };

/**
 * Takes a still of the own camera: a photograph where the room may be seen, else a frame of what is sent. Both take seconds, so what the person
 * has chosen meanwhile counts: a plain picture is none any more once the room is hidden.
 */
export async function ownStill<Track>({ look, photo, frame }: StillPorts<Track>): Promise<OwnStill> {
  const asked = look();
  if (asked?.room === "shown") {
    const picture = await photo(asked.track);
    if (picture !== null && look()?.room === "shown") return { kind: "taken", picture, plain: true };
  }
  const now = look();
  if (now === null) return { kind: "none", reason: "no_camera" };
  if (now.room === "changing") return FAILED;
  const picture = await frame(now.track);
  const plain = now.room === "shown";
  if (picture === null || (plain && look()?.room !== "shown")) return FAILED;
  return { kind: "taken", picture, plain };
}
