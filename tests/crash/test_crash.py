"""Killed at any instruction, the program starts again with every answered write present and no half-made room."""

import http.client
import random
import sqlite3
import threading
import urllib.error
from pathlib import Path

import pytest

from program import Program

ROUNDS = 12
WRITERS = 6
# Long enough for some hundred writes, and different each time; drawn from a fixed seed.
SECONDS_BEFORE_THE_KILL = (0.05, 0.6)


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

    def __init__(self, program: Program, number: int, answered: dict):
        super().__init__()
        self.program, self.number, self.answered = program, number, answered

    def run(self) -> None:
        minute = self.number * 100_000 + len(self.answered)
        while True:
            minute += 1
            room = None
            try:
                status, body = self.program.request("POST", "/teleconsultation", booking(minute))
                assert status == 201, (status, body)
                room = body["roomId"]
                self.answered[room] = minute
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
            except (OSError, urllib.error.URLError, http.client.HTTPException):
                return


def test_no_answered_write_is_lost_and_no_room_is_left_half_made(program):
    chance = random.Random(20260101)
    answered: list[dict] = [{} for _ in range(WRITERS)]
    for _ in range(ROUNDS):
        writers = [Writer(program, number, answered[number]) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        killer = threading.Timer(chance.uniform(*SECONDS_BEFORE_THE_KILL), program.kill)
        killer.start()
        for writer in writers + [killer]:
            writer.join()
        program.start()

    kept = {room: minute for one in answered for room, minute in one.items()}
    assert len(kept) > ROUNDS * WRITERS, "too few writes were answered to show anything"
    for room, minute in kept.items():
        if minute is None:
            continue
        status, body = program.request("GET", f"/teleconsultation/{room}", headers={"miauserid": f"patient-{minute}"})
        assert status == 200, (room, status, body)
        assert len(body["participantsBandyerCall"]) == 1
        assert (body["accessLinkURL"] is None) == (minute % 2 == 0)
    assert program.stop() == 0
    assert_every_room_has_its_teleconsultation(Path(program.data_dir))


def assert_every_room_has_its_teleconsultation(data_dir: Path) -> None:
    with sqlite3.connect(f"file:{next(data_dir.glob('*.sqlite*'))}?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        raise NotImplementedError("compare rooms with teleconsultations")
