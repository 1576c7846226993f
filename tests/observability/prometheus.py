"""A real Prometheus that collects from the program every second."""

import json
import math
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

READY_WITHIN_S = 30

CONFIGURATION = """
global:
  scrape_interval: 1s
  scrape_timeout: 1s
  evaluation_interval: 1s
rule_files: [{rules}]
scrape_configs:
  - job_name: teleconsultation
    metrics_path: /-/metrics
    static_configs:
      - targets: ["127.0.0.1:{port}"]
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Prometheus:
    def __init__(self, folder: Path, program_port: str, rules: Path) -> None:
        configuration = folder / "prometheus.yml"
        configuration.write_text(CONFIGURATION.format(rules=json.dumps(str(rules)), port=program_port))
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = (folder / "prometheus.log").open("w+")
        self.process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={configuration}",
                f"--storage.tsdb.path={folder / 'series'}",
                f"--web.listen-address={self.url.removeprefix('http://')}",
            ],
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> "Prometheus":
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                self.log.seek(0)
                raise AssertionError(f"Prometheus did not start: {self.log.read()}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _ask(self, path: str, **parameters: str) -> dict:
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error

    def values(self, query: str) -> list[float]:
        """The value of each series that the query gives at this moment, but for those that are no number."""
        result = self._ask("query", query=query)["result"]
        return [value for value in (float(series["value"][1]) for series in result) if not math.isnan(value)]

    def alerts(self) -> list[dict]:
        """The alerting rules, with what became of them when they were last evaluated."""
        return [rule for group in self._ask("rules", type="alert")["groups"] for rule in group["rules"]]
