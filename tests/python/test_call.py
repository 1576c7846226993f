"""Two people in a room, both with the unmodified PyPI `livekit` client (native libwebrtc).

Reads the server from LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET. The server must open rooms for whoever has a token
(MEDIA_ROOM_AUTO_CREATE=true).
"""

import asyncio
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from livekit import api, rtc

SAMPLE_RATE = 48_000
AUDIO_CHUNK = SAMPLE_RATE // 100
TONE_HZ = 440
TONE_AMPLITUDE = 8_000
# The root mean square of a sine is its amplitude by the square root of two; Opus keeps it within a tenth or so.
TONE_RMS = TONE_AMPLITUDE / 2**0.5
WIDTH, HEIGHT, FRAMES_PER_SECOND = 640, 360, 20
# Generous, because a test must not fail on a machine that is busy with other tests; nothing waits when all is well.
PATIENCE_S = 40


def token(room: str, identity: str, **grants: object) -> str:
    key, secret = os.environ["LIVEKIT_API_KEY"], os.environ["LIVEKIT_API_SECRET"]
    video = api.VideoGrants(room_join=True, room=room, **grants)
    return api.AccessToken(key, secret).with_identity(identity).with_grants(video).to_jwt()


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

    def __init__(self, room: str, identity: str) -> None:
        self.room_name, self.identity = room, identity
        self.heard = Heard()
        self.room = rtc.Room()
        self.tasks: list[asyncio.Task[None]] = []
        self.room.on("track_subscribed", self._subscribed)
        self.room.on("data_received", self._data)
        self.room.on("participant_disconnected", lambda other: self.heard.gone.append(other.identity))

    async def enter(self, **grants: object) -> None:
        await self.room.connect(os.environ["LIVEKIT_URL"], token(self.room_name, self.identity, **grants))

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


async def until(what: str, happened: Callable[[], bool]) -> None:
    async def poll() -> None:
        while not happened():
            await asyncio.sleep(0.05)

    try:
        await asyncio.wait_for(poll(), PATIENCE_S)
    except TimeoutError:
        pytest.fail(f"not within {PATIENCE_S} s: {what}")


async def two_people() -> tuple[Person, Person]:
    room = f"python-{uuid.uuid4()}"
    return Person(room, "ada"), Person(room, "bruno")


def sees_and_hears(person: Person, frames: int) -> bool:
    return person.heard.video_frames >= frames and len(person.heard.audio_rms) >= 200


def test_two_people_see_and_hear_each_other() -> None:
    async def call() -> None:
        ada, bruno = await two_people()
        await ada.enter()
        await bruno.enter()
        await ada.publish()
        await bruno.publish()
        for person in (ada, bruno):
            await until("60 frames and 2 s of sound", lambda person=person: sees_and_hears(person, 60))
            assert person.heard.video_size == (WIDTH, HEIGHT) or person.heard.video_size[0] * HEIGHT == (
                person.heard.video_size[1] * WIDTH
            )
            assert person.heard.loud() == pytest.approx(TONE_RMS, rel=0.15)
        await bruno.leave()
        await until("the leaving is seen", lambda: ada.heard.gone == ["bruno"])
        await ada.leave()

    asyncio.run(call())


def test_a_late_joiner_gets_what_is_published_already() -> None:
    async def call() -> None:
        ada, bruno = await two_people()
        await ada.enter()
        await ada.publish()
        await bruno.enter()
        await until("20 frames and 2 s of sound", lambda: sees_and_hears(bruno, 20))
        await bruno.leave()
        await ada.leave()

    asyncio.run(call())


def test_frames_go_on_after_the_camera_was_published_again() -> None:
    async def call() -> None:
        ada, bruno = await two_people()
        await ada.enter()
        await bruno.enter()
        await ada.publish()
        await until("the first frames", lambda: bruno.heard.video_frames >= 10)
        for _ in range(3):
            await ada.republish_camera()
            before = bruno.heard.video_frames
            await until("20 more frames", lambda before=before: bruno.heard.video_frames >= before + 20)
        await bruno.leave()
        await ada.leave()

    asyncio.run(call())


def test_data_go_both_ways_and_only_to_whom_they_are_for() -> None:
    async def call() -> None:
        ada, bruno = await two_people()
        carla = Person(ada.room_name, "carla")
        for person in (ada, bruno, carla):
            await person.enter()
        everyone = (ada, bruno, carla)
        await until("all see all", lambda: all(len(person.room.remote_participants) == 2 for person in everyone))
        await ada.room.local_participant.publish_data(b"to all", reliable=True, topic="t")
        await bruno.room.local_participant.publish_data(b"to ada", reliable=True, destination_identities=["ada"])
        await until("ada gets hers", lambda: (b"to ada", "bruno", "") in [(d, s, t or "") for d, s, t in ada.heard.data])
        for person in (bruno, carla):
            await until("what is for all", lambda person=person: (b"to all", "ada", "t") in person.heard.data)
        # The order is kept, so what follows shows that nothing else came before it.
        await bruno.room.local_participant.publish_data(b"last", reliable=True)
        await until("the last", lambda: b"last" in [data for data, _, _ in carla.heard.data])
        assert b"to ada" not in [data for data, _, _ in carla.heard.data]
        for person in everyone:
            await person.leave()

    asyncio.run(call())


def test_whoever_may_not_publish_cannot() -> None:
    async def call() -> None:
        ada, bruno = await two_people()
        await ada.enter(can_publish=False, can_publish_data=False)
        await bruno.enter()
        with pytest.raises(Exception):  # noqa: B017 - the client has several, by how it notices
            await asyncio.wait_for(ada.publish(), 15)
        assert bruno.heard.video_frames == 0
        assert not bruno.room.remote_participants["ada"].track_publications
        await bruno.leave()
        await ada.leave()

    asyncio.run(call())


def test_a_token_of_another_secret_opens_nothing() -> None:
    async def call() -> None:
        video = api.VideoGrants(room_join=True, room="python-none")
        forged = api.AccessToken(os.environ["LIVEKIT_API_KEY"], "x" * 40).with_identity("eve").with_grants(video).to_jwt()
        with pytest.raises(rtc.ConnectError):
            await rtc.Room().connect(os.environ["LIVEKIT_URL"], forged)

    asyncio.run(call())
