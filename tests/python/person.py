"""Somebody in a call with the unmodified PyPI `livekit` client (native libwebrtc), with a camera and a microphone of their own."""

import asyncio
from dataclasses import dataclass, field

import numpy as np
from livekit import rtc

SAMPLE_RATE = 48_000
AUDIO_CHUNK = SAMPLE_RATE // 100
TONE_HZ = 440
TONE_AMPLITUDE = 8_000
# The root mean square of a sine is its amplitude by the square root of two; Opus keeps it within a tenth or so.
TONE_RMS = TONE_AMPLITUDE / 2**0.5
WIDTH, HEIGHT, FRAMES_PER_SECOND = 640, 360, 20


@dataclass
class Heard:
    """What one person has received."""

    video_frames: int = 0
    video_size: tuple[int, int] = (0, 0)
    audio_rms: list[float] = field(default_factory=list)
    data: list[tuple[bytes, str | None, str | None]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def loud(self) -> float:
        """The median loudness of the last second that is no silence."""
        return float(np.median(self.audio_rms[-100:])) if self.audio_rms else 0.0


class Person:
    """A client with a camera that shows moving stripes and a microphone that hears a tone."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.room = rtc.Room()
        self.tasks: list[asyncio.Task[None]] = []
        self.room.on("track_subscribed", self._subscribed)
        self.room.on("data_received", self._data)
        self.room.on("participant_disconnected", lambda other: self.heard.gone.append(other.identity))

    async def enter(self, url: str, token: str) -> None:
        await self.room.connect(url, token)

    async def publish(self) -> None:
        microphone, camera = rtc.AudioSource(SAMPLE_RATE, 1), rtc.VideoSource(WIDTH, HEIGHT)
        me = self.room.local_participant
        await me.publish_track(
            rtc.LocalAudioTrack.create_audio_track("microphone", microphone),
            rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE),
        )
        publication = await me.publish_track(
            rtc.LocalVideoTrack.create_video_track("camera", camera),
            rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA),
        )
        self.camera_sid = publication.sid
        self.camera_tasks = [asyncio.create_task(_film(camera))]
        self.tasks += [asyncio.create_task(_sing(microphone)), *self.camera_tasks]

    async def republish_camera(self) -> None:
        await self.room.local_participant.unpublish_track(self.camera_sid)
        for task in self.camera_tasks:
            task.cancel()
        camera = rtc.VideoSource(WIDTH, HEIGHT)
        publication = await self.room.local_participant.publish_track(
            rtc.LocalVideoTrack.create_video_track("camera", camera),
            rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA),
        )
        self.camera_sid = publication.sid
        self.camera_tasks = [asyncio.create_task(_film(camera))]
        self.tasks += self.camera_tasks

    async def leave(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.room.disconnect()

    def _subscribed(self, track: rtc.Track, *_: object) -> None:
        listen = self._watch if track.kind == rtc.TrackKind.KIND_VIDEO else self._listen
        self.tasks.append(asyncio.create_task(listen(track)))

    async def _watch(self, track: rtc.Track) -> None:
        async for event in rtc.VideoStream(track):
            self.heard.video_frames += 1
            self.heard.video_size = (event.frame.width, event.frame.height)

    async def _listen(self, track: rtc.Track) -> None:
        async for event in rtc.AudioStream(track, sample_rate=SAMPLE_RATE, num_channels=1):
            samples = np.frombuffer(event.frame.data, dtype=np.int16).astype(np.float64)
            rms = float(np.sqrt(np.mean(samples**2)))
            if rms > 10:
                self.heard.audio_rms.append(rms)

    def _data(self, packet: rtc.DataPacket) -> None:
        sender = packet.participant.identity if packet.participant else None
        self.heard.data.append((packet.data, sender, packet.topic))


async def _sing(microphone: rtc.AudioSource) -> None:
    at = 0
    while True:
        times = np.arange(at, at + AUDIO_CHUNK) / SAMPLE_RATE
        samples = (TONE_AMPLITUDE * np.sin(2 * np.pi * TONE_HZ * times)).astype(np.int16)
        # Returns when there is room for more, so it keeps the pace.
        await microphone.capture_frame(rtc.AudioFrame(samples.tobytes(), SAMPLE_RATE, 1, AUDIO_CHUNK))
        at += AUDIO_CHUNK


async def _film(camera: rtc.VideoSource) -> None:
    picture = np.zeros((HEIGHT, WIDTH, 4), dtype=np.uint8)
    shift = 0
    while True:
        picture[:, :, :] = ((np.arange(WIDTH) + shift) % 64 * 4).astype(np.uint8)[None, :, None]
        camera.capture_frame(rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.RGBA, picture.tobytes()))
        shift += 3
        await asyncio.sleep(1 / FRAMES_PER_SECOND)
