"""Killed at any instruction, the program starts again with every answered write present and no half-made room."""

import http.client
import json
import random
import sqlite3
import threading
import time
import urllib.error
from contextlib import closing
from pathlib import Path

import pytest

from program import Program

ROUNDS = 12
WRITERS = 6
# The kill comes after so many answers and then so much later, to fall into any step of the writes that are under way.
ANSWERS_BEFORE_THE_KILL = (1, 60)
SECONDS_AFTER_THE_ANSWER = (0.0, 0.03)
# A minute until a room that nobody took is deleted, and some time to do it.
CLEANED_UP_WITHIN_S = 90


@pytest.fixture
def program(tmp_path):
    program = Program(str(tmp_path / "data"))
    program.start()
    yield program
    if program.process.poll() is None:
        program.kill()


def booking(minute: int) -> dict:
    people = [
        {"userId": f"doctor-{minute % 7}", "fullName": "Dr. Ada Marino", "groups": ["doctor"]},
        {"userId": f"patient-{minute}", "fullName": "Luca Conti", "groups": ["patient"]},
    ]
    return {
        "start_date": "2020-01-01T10:00:00.000Z" if minute % 2 else "2090-01-01T10:00:00.000Z",
        "duration_in_seconds": 900,
        "participants": {"number": 2, "data": people},
    }


class Writer(threading.Thread):
    """Books, changes and deletes until the program dies, and remembers what was answered."""

    def __init__(self, program: Program, number: int, answered: dict, answers: threading.Semaphore):
        super().__init__()
        self.program, self.number, self.answered, self.answers = program, number, answered, answers
        self.problem: Exception | None = None

    def run(self) -> None:
        try:
            self.write()
        except (OSError, urllib.error.URLError, http.client.HTTPException):
            pass  # The program died, as it should.
        except Exception as problem:  # Raised in a thread, it would not fail the test.
            self.problem = problem
            self.answers.release(ANSWERS_BEFORE_THE_KILL[1])

    def write(self) -> None:
        minute = self.number * 100_000 + len(self.answered)
        while True:
            minute += 1
            status, body = self.program.request("POST", "/teleconsultation", booking(minute))
            assert status == 201, (status, body)
            room = body["roomId"]
            self.answered[room] = minute
            self.answers.release()
            if minute % 2 == 0:
                people = booking(minute + 50_000)["participants"]
                self.answered[room] = None  # either list of people may be in force until the change is answered
                status, body = self.program.request("PATCH", f"/teleconsultation/{room}", {"participants": people})
                assert status == 204, (status, body)
                self.answered[room] = minute + 50_000
            if minute % 5 == 0:
                del self.answered[room]
                status, body = self.program.request("DELETE", f"/teleconsultation/{room}")
                assert status == 204, (status, body)


def test_no_answered_write_is_lost_and_no_room_is_left_half_made(program):
    chance = random.Random(20260101)
    answered: list[dict] = [{} for _ in range(WRITERS)]
    for _ in range(ROUNDS):
        answers = threading.Semaphore(0)
        writers = [Writer(program, number, answered[number], answers) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        for _ in range(chance.randint(*ANSWERS_BEFORE_THE_KILL)):
            assert answers.acquire(timeout=30), "the program does not answer any more"
        time.sleep(chance.uniform(*SECONDS_AFTER_THE_ANSWER))
        program.kill()
        for writer in writers:
            writer.join()
            assert writer.problem is None, writer.problem
        program.start()

    kept = {room: minute for one in answered for room, minute in one.items()}
    assert len(kept) > ROUNDS, "too few writes were answered to show anything"
    for room, minute in kept.items():
        if minute is None:
            continue
        status, body = program.request("GET", f"/teleconsultation/{room}", headers={"miauserid": f"patient-{minute}"})
        assert status == 200, (room, status, body)
        assert len(body["participantsBandyerCall"]) == 1
        assert (body["accessLinkURL"] is None) == (minute % 2 == 0)
    wait_for_the_cleanups(Path(program.data_dir))
    assert program.stop() == 0
    assert_every_room_has_its_teleconsultation(Path(program.data_dir))


def database(data_dir: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{data_dir / 'teleconsultation.sqlite'}?mode=ro", uri=True)


def wait_for_the_cleanups(data_dir: Path) -> None:
    """A room that was asked for just before a kill is deleted a minute later."""
    deadline = time.monotonic() + CLEANED_UP_WITHIN_S
    with closing(database(data_dir)) as connection:
        while connection.execute("SELECT count(*) FROM room_cleanups").fetchone() != (0,):
            assert time.monotonic() < deadline, "rooms are still waiting to be deleted"
            time.sleep(0.5)


def assert_every_room_has_its_teleconsultation(data_dir: Path) -> None:
    with closing(database(data_dir)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rooms = {key for (key,) in connection.execute("SELECT key FROM video_rooms WHERE document IS NOT NULL")}
        ready = connection.execute("SELECT document FROM teleconsultations WHERE state = 'ready'").fetchall()
    wanted = [json.loads(document)["stage"]["ready"]["key"] for (document,) in ready]
    assert len(wanted) == len(set(wanted)), "two teleconsultations share a room"
    assert set(wanted) == rooms
