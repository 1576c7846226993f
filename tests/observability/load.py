"""People who schedule, read, change and cancel visits, and two who talk."""

import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

GUEST = Path(__file__).parent.parent / "python" / "guest.py"


class Api:
    def __init__(self, port: str) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def request(self, method: str, path: str, body: object = None, user: str | None = None) -> tuple[int, dict | None]:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json", **({"miauserid": user} if user else {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text) if text else None

    def schedule(self, start: str) -> str:
        people = [
            {"userId": "doctor-1", "fullName": "Dr. Ada Marino", "groups": ["doctor"]},
            {"userId": "patient-1", "fullName": "Luca Conti", "groups": ["patient"]},
        ]
        booking = {"start_date": start, "duration_in_seconds": 1800, "participants": {"number": 2, "data": people}}
        status, body = self.request("POST", "/teleconsultation", booking)
        assert status == 201, (status, body)
        return body["roomId"]

    def link(self, room: str, user: str) -> str:
        status, body = self.request("GET", f"/teleconsultation/{room}", user=user)
        assert status == 200 and body["accessLinkURL"], (status, body)
        return body["accessLinkURL"]


class Load(threading.Thread):
    """Goes on until it is left."""

    def __init__(self, api: Api) -> None:
        super().__init__()
        self.api, self.enough = api, threading.Event()
        self.rounds = 0
        self.problem: Exception | None = None

    def __enter__(self) -> "Load":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.enough.set()
        self.join()

    def run(self) -> None:
        try:
            while not self.enough.is_set():
                self.round()
                self.rounds += 1
        except Exception as problem:  # Raised in a thread, it would not fail the test.
            self.problem = problem

    def round(self) -> None:
        room = self.api.schedule("2090-01-01T10:00:00.000Z")
        path = f"/teleconsultation/{room}"
        assert self.api.request("GET", path, user="patient-1")[0] == 200
        assert self.api.request("PATCH", path, {"start_date": "2090-01-02T10:00:00.000Z"})[0] == 204
        assert self.api.request("POST", "/teleconsultation", {})[0] == 400
        assert self.api.request("DELETE", path)[0] == 204


class Call:
    """A doctor and a patient with cameras and microphones, until it is left."""

    def __init__(self, api: Api) -> None:
        room = api.schedule("2020-01-01T10:00:00.000Z")
        self.guests = [
            subprocess.Popen(
                [sys.executable, GUEST, api.url, api.link(room, user)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
            )
            for user in ("doctor-1", "patient-1")
        ]

    def __enter__(self) -> "Call":
        return self

    def __exit__(self, *_: object) -> None:
        for guest in self.guests:
            guest.stdin.close()
        for guest in self.guests:
            guest.wait()
