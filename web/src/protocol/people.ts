import { ConnectionQuality, LocalVideoTrack, Track, type Participant, type Room, type TrackPublication } from "livekit-client";
import type { People, Person, Quality } from "../state/model";
import { isMirrored } from "./preview";

/** Describes everybody in the room, the others first in the order in which they came, then oneself. */
export function peopleIn(room: Room): People {
  const people = new Map<string, Person>();
  for (const participant of room.remoteParticipants.values()) {
    people.set(participant.identity, describe(participant, false));
  }
  people.set(room.localParticipant.identity, describe(room.localParticipant, true));
  return people;
}

function describe(participant: Participant, own: boolean): Person {
  const microphone = participant.getTrackPublication(Track.Source.Microphone);
  const camera = participant.getTrackPublication(Track.Source.Camera);
  const screen = participant.getTrackPublication(Track.Source.ScreenShare);
  const screenSound = participant.getTrackPublication(Track.Source.ScreenShareAudio);
  const sounds = own ? [] : [microphone, screenSound].map(keyOf).filter((key) => key !== null);
  return {
    id: participant.identity,
    own,
    name: participant.name === undefined || participant.name === "" ? null : participant.name,
    microphone: microphone !== undefined && !microphone.isMuted,
    speaking: participant.isSpeaking,
    quality: qualityOf(participant.connectionQuality),
    camera: keyOf(camera),
    cameraHeld: camera?.track?.streamState === Track.StreamState.Paused,
    mirrored: own && camera?.track instanceof LocalVideoTrack && isMirrored(camera.track),
    screen: keyOf(screen),
    sounds,
  };
}

/** A muted sound keeps its key, so that its element stays and unmuting is heard at once. */
function keyOf(publication: TrackPublication | undefined): string | null {
  if (publication?.track === undefined) return null;
  return publication.kind === Track.Kind.Video && publication.isMuted ? null : publication.trackSid;
}

export function qualityOf(quality: ConnectionQuality): Quality {
  switch (quality) {
    case ConnectionQuality.Excellent:
    case ConnectionQuality.Good:
      return "good";
    case ConnectionQuality.Poor:
      return "weak";
    case ConnectionQuality.Lost:
      return "lost";
    case ConnectionQuality.Unknown:
      return "unknown";
  }
}
