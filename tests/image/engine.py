"""The image and its containers, as Podman has them."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

IMAGE = "localhost/teleconsultation"

# What the replaced service was given: it must do with it, too.
MEMORY = "150m"

STARTED_WITHIN_S = 20

# What an orchestrator waits after the stop signal unless it is told otherwise.
STOPPED_WITHIN_S = 30


def podman(*arguments: str) -> str:
    done = subprocess.run(["podman", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"podman {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def inspected(what: str) -> dict:
    return json.loads(podman("inspect", what))[0]


class Container:
    """A container whose HTTP port is published as 3000 of this machine."""

    def __init__(self, identity: str):
        self.id = identity

    def wait_for(self, path: str) -> None:
        """Asks until the answer is 200."""
        deadline = time.monotonic() + STARTED_WITHIN_S
        while True:
            try:
                if self.request("GET", path)[0] == 200:
                    return
            except OSError:
                pass
            state = inspected(self.id)["State"]
            if not state["Running"] or time.monotonic() > deadline:
                raise AssertionError(f"it did not start: {state}\n{self.output()}")
            time.sleep(0.05)

    def output(self) -> str:
        done = subprocess.run(["podman", "logs", self.id], capture_output=True, text=True)
        return done.stdout + done.stderr

    def request(self, method: str, path: str, body=None, headers=None):
        """Returns the status and the parsed body."""
        request = urllib.request.Request(
            f"http://127.0.0.1:3000{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def is_healthy(self) -> bool:
        """Runs the image's health check."""
        done = subprocess.run(["podman", "healthcheck", "run", self.id], capture_output=True, text=True)
        assert done.returncode in (0, 1), done.stderr
        return done.returncode == 0

    def listening(self) -> set[str]:
        """The ports that are listened on inside, as an image exposes them."""
        process = str(inspected(self.id)["State"]["Pid"])
        inside = ["nsenter", "--target", process, "--net", "ss", "--no-header", "--listening", "--numeric", "--tcp", "--udp"]
        sockets = subprocess.run(inside, capture_output=True, text=True, check=True).stdout
        columns = [socket.split() for socket in sockets.splitlines()]
        return {f"{column[4].rpartition(':')[2]}/{column[0]}" for column in columns}

    def stop(self) -> int:
        """Sends the image's stop signal and returns the exit code, which is 137 for who had to be killed."""
        podman("stop", "--time", str(STOPPED_WITHIN_S), self.id)
        return inspected(self.id)["State"]["ExitCode"]


@contextmanager
def running(*options: str, settings: Mapping[str, str]) -> Iterator[Container]:
    """The image as a hardened deployment runs it: nothing can be written but volumes, and nothing is permitted."""
    hardened = ["--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges", f"--memory={MEMORY}"]
    environment = [f"--env={name}={value}" for name, value in settings.items()]
    published = "--publish=127.0.0.1:3000:3000"
    container = Container(podman("run", "--detach", published, *hardened, *environment, *options, IMAGE).strip())
    try:
        yield container
    finally:
        podman("rm", "--force", "--time=0", "--volumes", container.id)
