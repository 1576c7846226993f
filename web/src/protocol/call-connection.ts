import {
  ConnectionState,
  DisconnectReason,
  LocalAudioTrack,
  LocalVideoTrack,
  ParticipantEvent,
  RemoteVideoTrack,
  Room,
  RoomEvent,
  Track,
  VideoQuality,
  type RoomOptions,
  type TrackPublication,
} from "livekit-client";
import type { ConnectionEvent, DeviceKind, DisconnectCause } from "../state/model";
import type { PictureWish } from "../state/profile";
import { userOf } from "../state/room";
import { alwaysSeen } from "./always-seen";
import { browserKind, deviceProblem, type Media } from "./devices";
import { dress, Dressing, type MakeProcessor } from "./dressing";
import { LatestWish } from "./latest-wish";
import { LayerLimit } from "./layer-limit";
import { MediaWatch, type WatchedDevice } from "./media-watch";
import type { OwnPicture } from "./own-still";
import { peopleIn, qualityOf } from "./people";
import { audioOptions, videoOptions, type PreviewTracks } from "./preview";
import { count, figures, type Counted, type Figures } from "./quality";
import { parseRoomMetadata } from "./room-metadata";

export interface ConnectionSettings {
  /** A WebSocket or HTTP address. */
  readonly url: string;
  readonly token: string;
  readonly displayName: string | null;
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly devices: Readonly<Record<DeviceKind, string | null>>;
  readonly backCamera: boolean;
  /** Let the browser reduce noise and echo and even the loudness out. */
  readonly processing: boolean;
  readonly picture: PictureWish;
  /** Hide the room behind the person. */
  readonly hiding: boolean;
  readonly makeProcessor: MakeProcessor;
  /** Hands over what the preview captured, once the room is joined. */
  readonly takePreview: () => PreviewTracks;
}

/** What the connection is told of the page around it. */
export interface Surroundings {
  /** Whether the page cannot be seen. */
  readonly hidden: () => boolean;
  readonly now: () => number;
}

/** The client library tries some failures again without end; past this time the page decides. */
const CONNECT_TIMEOUT_MS = 20_000;
/** What a voice in one channel needs to sound natural (RFC 7587 §3.1.1: 28 to 40 kbit/s for full-band speech). */
const VOICE_BPS = 40_000;

/** Everything that changes what is known of somebody in the room. */
const PEOPLE_EVENTS = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.TrackPublished,
  RoomEvent.TrackUnpublished,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
  RoomEvent.TrackStreamStateChanged,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.ActiveSpeakersChanged,
  RoomEvent.ConnectionQualityChanged,
  RoomEvent.Reconnected,
] as const;

/**
 * One stay in one room. It is used once: after it has failed, ended or been closed, a new one is made.
 * Nothing is emitted after `close`.
 */
export class CallConnection {
  readonly #settings: ConnectionSettings;
  readonly #media: Media;
  readonly #emit: (event: ConnectionEvent) => void;
  readonly #room: Room;
  readonly #microphone: LatestWish<boolean>;
  readonly #camera: LatestWish<boolean>;
  readonly #screen: LatestWish<boolean>;
  readonly #devices: Readonly<Record<DeviceKind, LatestWish<string>>>;
  readonly #watch: MediaWatch;
  readonly #processing: LatestWish<boolean>;
  readonly #layerLimits = new WeakMap<LocalVideoTrack, { set(max: VideoQuality): Promise<void> }>();
  readonly #dressing: Dressing;
  #picture: PictureWish;
  #state: "new" | "connecting" | "connected" | "closed" = "new";
  #peopleStale = false;
  #publishing = true;
  #own = "";
  #counted: Counted | null = null;

  constructor(settings: ConnectionSettings, media: Media, surroundings: Surroundings, emit: (event: ConnectionEvent) => void) {
    this.#settings = settings;
    this.#media = media;
    this.#emit = emit;
    this.#room = new Room(roomOptions(settings));
    const local = this.#room.localParticipant;
    this.#microphone = this.#capture("microphone", async (on) => {
      await local.setMicrophoneEnabled(on);
    });
    this.#camera = this.#capture("camera", async (on) => {
      // One that was off keeps what stands before it; one that is new must never be without.
      const isNew = on && local.getTrackPublication(Track.Source.Camera) === undefined;
      await local.setCameraEnabled(on, isNew ? this.#dressing.capture() : undefined);
      // What could not be put on before is tried again: until then nobody is sent this camera.
      this.#dressing.check();
    });
    this.#screen = this.#capture("screen", async (on) => {
      await local.setScreenShareEnabled(on, { audio: true, selfBrowserSurface: "exclude" });
    });
    this.#devices = {
      microphone: this.#choice("microphone"),
      camera: this.#choice("camera"),
      speaker: this.#choice("speaker"),
    };
    this.#picture = settings.picture;
    this.#processing = new LatestWish(
      async (on) => {
        const track = local.getTrackPublication(Track.Source.Microphone)?.track;
        this.#room.options.audioCaptureDefaults = audioOptions(settings.devices.microphone, on);
        if (track instanceof LocalAudioTrack) await track.restartTrack(audioOptions(this.#room.getActiveDevice("audioinput") ?? null, on));
      },
      (_, error) => {
        if (error !== undefined) this.#emit({ kind: "ownMediaFailed", device: "microphone", problem: deviceProblem(error, this.#media) });
        this.#peopleChanged();
      },
    );
    this.#dressing = new Dressing(
      settings.hiding,
      settings.makeProcessor,
      () => this.#cameraTrack(),
      (error) => {
        if (error !== undefined) {
          this.#emit({ kind: "ownMediaFailed", device: "camera", problem: "failed" });
          this.#camera.want(false);
        }
        void this.#applyPicture();
        this.#peopleChanged();
      },
    );
    const busy = (device: WatchedDevice): boolean =>
      this.#publishing || this.#processing.busy || this.#dressing.busy || this.#devices[device].busy || (device === "microphone" ? this.#microphone : this.#camera).busy;
    this.#watch = new MediaWatch({
      room: this.#room,
      busy,
      hidden: surroundings.hidden,
      now: surroundings.now,
      restart: (device) => {
        void this.restart(device);
      },
      stopped: (device) => {
        this.#emit({ kind: "ownMediaStopped", device });
      },
      mended: (device, told) => {
        this.#emit({ kind: "ownMediaMended", device, told });
      },
      line: (line) => {
        this.#emit({ kind: "lineSeen", ...line });
      },
      silent: () => {
        void this.startPlayback();
      },
    });
    this.#listen();
  }

  /** Joins the room and begins to send what the settings ask for. Reports `connected` or `connectFailed`. */
  async connect(): Promise<void> {
    if (this.#state !== "new") return;
    this.#state = "connecting";
    let late: ReturnType<typeof setTimeout> | undefined;
    try {
      await Promise.race([
        this.#room.connect(this.#settings.url, this.#settings.token),
        new Promise((_, reject) => {
          late = setTimeout(() => {
            reject(new Error("no connection in time"));
          }, CONNECT_TIMEOUT_MS);
        }),
      ]);
    } catch {
      // Why is of no use to the person: the next `POST /call/enter` tells whether the link still holds.
      if (this.#closed()) return;
      this.close();
      this.#emit({ kind: "connectFailed" });
      return;
    } finally {
      clearTimeout(late);
    }
    if (this.#closed()) return;
    this.#state = "connected";
    this.#emit({ kind: "connected", people: peopleIn(this.#room) });
    this.#emit({ kind: "metadataChanged", metadata: parseRoomMetadata(this.#room.metadata) });
    this.#tellPlayback();
    this.#name();
    await this.#publish();
    await this.#applyPicture();
    if (!this.#closed()) this.#watch.start();
  }

  /** How the own picture is sent from now on. */
  wishPicture(picture: PictureWish): void {
    this.#picture = picture;
    void this.#applyPicture();
  }

  wishProcessing(on: boolean): void {
    this.#processing.want(on);
  }

  /**
   * Starts a device anew that gives nothing: the same one, or another one if that is gone. Best inside a click: some browsers give a device
   * back only then. Whether it helped is seen by looking on.
   */
  async restart(device: WatchedDevice): Promise<void> {
    const source = device === "microphone" ? Track.Source.Microphone : Track.Source.Camera;
    const track = this.#room.localParticipant.getTrackPublication(source)?.track;
    try {
      if (track instanceof LocalAudioTrack || track instanceof LocalVideoTrack) await track.restartTrack();
    } catch {
      try {
        if (track instanceof LocalAudioTrack) await track.restartTrack(audioOptions(null));
        else if (track instanceof LocalVideoTrack) await track.restartTrack(videoOptions(null, this.#settings.backCamera));
      } catch {
        // It is still silent or dark, and the next look says so.
      }
    }
    if (!this.#closed()) this.#peopleChanged();
  }

  /** Hides the room behind the person, or shows it again. */
  hideBackground(on: boolean): void {
    this.#dressing.want(on);
  }

  wishMicrophone(on: boolean): void {
    this.#microphone.want(on);
  }

  wishCamera(on: boolean): void {
    this.#camera.want(on);
  }

  /** To be called inside a click: browsers show their picker only then. */
  wishScreen(on: boolean): void {
    this.#screen.want(on);
  }

  wishDevice(device: DeviceKind, id: string): void {
    this.#devices[device].want(id);
  }

  /** To be called inside a click, after the browser has kept the page silent. */
  async startPlayback(): Promise<void> {
    await Promise.allSettled([this.#room.startAudio(), this.#room.startVideo()]);
    if (!this.#closed()) this.#tellPlayback();
  }

  /** Shows or plays a track in `element`. Returns how to stop, or null if the track is gone. */
  attach(key: string, element: HTMLMediaElement): (() => void) | null {
    const track = this.#publication(key)?.track;
    if (track === undefined) return null;
    track.attach(element);
    const stopListening = track.kind === Track.Kind.Audio ? this.#watch.listenTo(element) : () => undefined;
    return () => {
      stopListening();
      track.detach(element);
    };
  }

  /** The same in a window of its own, above all others: what is shown there comes although the page may be hidden. */
  attachAbove(key: string, element: HTMLMediaElement): (() => void) | null {
    const detach = this.attach(key, element);
    const track = this.#publication(key)?.track;
    if (detach === null || !(track instanceof RemoteVideoTrack)) return detach;
    const seen = alwaysSeen(element);
    track.observeElementInfo(seen);
    return () => {
      track.stopObservingElementInfo(seen);
      detach();
    };
  }

  /** The own camera's picture, and whether the room behind the person is in it; null while there is none. */
  ownPicture(): OwnPicture | null {
    const track = this.#room.localParticipant.getTrackPublication(Track.Source.Camera)?.track;
    if (!(track instanceof LocalVideoTrack) || track.isMuted) return null;
    const { wanted, busy } = this.#dressing;
    const settled = !busy && wanted === (track.getProcessor() !== undefined);
    return { track: track.mediaStreamTrack, room: settled ? (wanted ? "hidden" : "shown") : "changing" };
  }

  /** The picture that comes from somebody's camera; null while there is none. */
  pictureOf(userId: string): MediaStreamTrack | null {
    for (const participant of this.#room.remoteParticipants.values()) {
      if (userOf(participant.identity) !== userId) continue;
      return participant.getTrackPublication(Track.Source.Camera)?.track?.mediaStreamTrack ?? null;
    }
    return null;
  }

  /** What the connection was like since this was asked last. Null while there is none. */
  async figures(now: number): Promise<Figures | null> {
    if (this.#state !== "connected") return null;
    const participants = [this.#room.localParticipant, ...this.#room.remoteParticipants.values()];
    const tracks = participants.flatMap((participant) => [...participant.trackPublications.values()].map(({ track }) => track ?? []).flat());
    const reports = await Promise.all(tracks.map((track) => track.getRTCStatsReport().catch(() => undefined)));
    if (this.#closed()) return null;
    const before = this.#counted;
    this.#counted = count(reports.map((report) => report?.values() ?? []), now);
    return figures(before, this.#counted, qualityOf(this.#room.localParticipant.connectionQuality));
  }

  /** Leaves the room and frees camera and microphone. Safe at any time, and twice. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    for (const wish of [this.#microphone, this.#camera, this.#screen, this.#processing, this.#dressing, ...Object.values(this.#devices)]) wish.close();
    this.#watch.close();
    void this.#room.disconnect(true);
  }

  #closed(): boolean {
    return this.#state === "closed";
  }

  async #publish(): Promise<void> {
    const preview = this.#settings.takePreview();
    const send = async (track: PreviewTracks[keyof PreviewTracks], wanted: boolean, wish: LatestWish<boolean>): Promise<void> => {
      if (track !== null && wanted) {
        try {
          // The person may have wished for it while the preview was handed over.
          if (track instanceof LocalVideoTrack && this.#dressing.wanted) await dress(track, this.#settings.makeProcessor);
          await this.#room.localParticipant.publishTrack(track);
          return;
        } catch {
          // The track may have died meanwhile: the wish below captures anew, and reports if that fails too.
        }
      }
      track?.stop();
      if (wanted) wish.want(true);
    };
    await Promise.all([
      send(preview.microphone, this.#settings.microphone, this.#microphone),
      send(preview.camera, this.#settings.camera, this.#camera),
    ]);
    this.#publishing = false;
    if (this.#closed()) {
      preview.microphone?.stop();
      preview.camera?.stop();
      return;
    }
    this.#peopleChanged();
  }

  #cameraTrack(): LocalVideoTrack | null {
    const track = this.#room.localParticipant.getTrackPublication(Track.Source.Camera)?.track;
    return track instanceof LocalVideoTrack ? track : null;
  }

  async #applyPicture(): Promise<void> {
    const track = this.#cameraTrack();
    if (this.#closed() || track?.sender === undefined) return;
    const { size, prefer } = this.#picture;
    const limit = this.#layerLimits.get(track) ?? new LayerLimit(track);
    this.#layerLimits.set(track, limit);
    // It fails where the track ends at this moment: the next one gets the wish when it is published.
    await limit.set(size === "small" ? VideoQuality.LOW : VideoQuality.HIGH).catch(() => undefined);
    // Not every browser takes the wish; then it does as it thinks best.
    await track.setDegradationPreference(prefer).catch(() => undefined);
  }

  /** The link's own name for its owner. A courtesy: where the server does not allow it, its own name stays. */
  #name(): void {
    const local = this.#room.localParticipant;
    const name = this.#settings.displayName;
    if (name === null || name === local.name || local.permissions?.canUpdateMetadata !== true) return;
    local.setName(name).catch(() => undefined);
  }

  #capture(device: "microphone" | "camera" | "screen", apply: (on: boolean) => Promise<void>): LatestWish<boolean> {
    return new LatestWish(apply, (_, error) => {
      if (error !== undefined) this.#emit({ kind: "ownMediaFailed", device, problem: deviceProblem(error, this.#media) });
      this.#peopleChanged();
    });
  }

  #choice(device: DeviceKind): LatestWish<string> {
    return new LatestWish(
      async (id) => {
        await this.#room.switchActiveDevice(browserKind(device), id);
      },
      (_, error) => {
        if (error !== undefined) {
          this.#emit({ kind: "ownMediaFailed", device, problem: deviceProblem(error, this.#media) });
          // The device before has been stopped for it: what is sent is a dead picture, or silence. Then better say so to all.
          if (device === "microphone") this.#microphone.want(false);
          if (device === "camera") this.#camera.want(false);
        }
        this.#peopleChanged();
      },
    );
  }

  #listen(): void {
    const room = this.#room;
    for (const event of PEOPLE_EVENTS) {
      room.on(event, () => {
        this.#peopleChanged();
      });
    }
    room.on(RoomEvent.RoomMetadataChanged, (metadata) => {
      if (this.#state === "connected") this.#emit({ kind: "metadataChanged", metadata: parseRoomMetadata(metadata) });
    });
    // A camera that is turned on, and a connection that is made anew, begin with the library's own choice.
    const begun = (): void => {
      this.#dressing.check();
      void this.#applyPicture();
    };
    room.on(RoomEvent.LocalTrackPublished, begun);
    room.localParticipant.on(ParticipantEvent.LocalSenderCreated, (sender, track) => {
      if (!(track instanceof LocalVideoTrack) || track.source !== Track.Source.Camera) return;
      this.#dressing.guard<MediaStreamTrack>(sender, () => track.getProcessor()?.processedTrack);
    });
    room.on(RoomEvent.Reconnected, begun);
    const reconnecting = (): void => {
      if (this.#state === "connected") this.#emit({ kind: "reconnecting" });
    };
    room.on(RoomEvent.Reconnecting, reconnecting);
    room.on(RoomEvent.SignalReconnecting, reconnecting);
    room.on(RoomEvent.Reconnected, () => {
      if (this.#state === "connected") this.#emit({ kind: "reconnected" });
    });
    const playback = (): void => {
      if (this.#state === "connected") this.#tellPlayback();
    };
    room.on(RoomEvent.AudioPlaybackStatusChanged, playback);
    room.on(RoomEvent.VideoPlaybackStatusChanged, playback);
    room.on(RoomEvent.Disconnected, (reason) => {
      // While connecting, the failure of `connect` tells.
      if (this.#state !== "connected") return;
      this.close();
      this.#emit({ kind: "disconnected", cause: disconnectCause(reason) });
    });
  }

  #tellPlayback(): void {
    this.#emit({ kind: "playbackChanged", blocked: !this.#room.canPlaybackAudio || !this.#room.canPlaybackVideo });
  }

  /** Many events come together, for instance when somebody joins: they are told once. */
  #peopleChanged(): void {
    if (this.#peopleStale) return;
    this.#peopleStale = true;
    queueMicrotask(() => {
      this.#peopleStale = false;
      if (this.#state !== "connected") return;
      this.#emit({ kind: "peopleChanged", people: peopleIn(this.#room) });
      this.#tellOwnMedia();
    });
  }

  /** Reports what is really sent, when it differs from the last report and nothing is under way that changes it. */
  #tellOwnMedia(): void {
    if (this.#publishing || this.#room.state !== ConnectionState.Connected) return;
    if (this.#microphone.busy || this.#camera.busy || this.#screen.busy) return;
    const local = this.#room.localParticipant;
    const own = { microphone: local.isMicrophoneEnabled, camera: local.isCameraEnabled, screen: local.isScreenShareEnabled };
    const key = JSON.stringify(own);
    if (key === this.#own) return;
    this.#own = key;
    this.#emit({ kind: "ownMediaChanged", ...own });
  }

  #publication(key: string): TrackPublication | undefined {
    for (const participant of [this.#room.localParticipant, ...this.#room.remoteParticipants.values()]) {
      const publication = participant.trackPublications.get(key);
      if (publication !== undefined) return publication;
    }
    return undefined;
  }
}

/**
 * Says what a reason means for the person. Whatever is not somebody's decision is a lost connection, also what the library
 * itself calls the client's wish: it hangs up when the browser freezes a page in the background.
 */
export function disconnectCause(reason: DisconnectReason | undefined): DisconnectCause {
  switch (reason) {
    case DisconnectReason.DUPLICATE_IDENTITY:
      return "elsewhere";
    case DisconnectReason.PARTICIPANT_REMOVED:
      return "removed";
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
      return "closed";
    default:
      return "lost";
  }
}

function roomOptions(settings: ConnectionSettings): RoomOptions {
  const { devices } = settings;
  return {
    adaptiveStream: true,
    dynacast: true,
    // A reload comes back into the call; a leave before it would end a `live` room for the others.
    disconnectOnPageLeave: false,
    // Where not everything gets through, the voice goes first.
    publishDefaults: { simulcast: true, audioPreset: { maxBitrate: VOICE_BPS, priority: "high" } },
    audioCaptureDefaults: audioOptions(devices.microphone, settings.processing),
    videoCaptureDefaults: videoOptions(devices.camera, settings.backCamera),
    ...(devices.speaker === null ? {} : { audioOutput: { deviceId: devices.speaker } }),
  };
}
