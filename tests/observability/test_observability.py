"""Every query of the dashboard and of the alerts gives data from a real Prometheus, and alerts say what to do."""

import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from load import Api, Call, Load
from prometheus import Prometheus

ROOT = Path(__file__).parent.parent.parent
RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "dashboard.json"

# Generous, because a test must not fail on a machine that is busy with other tests; nothing waits when all is well.
PATIENCE_S = 90

# What Grafana puts into queries. Prometheus collects every second here.
VARIABLES = {"$__rate_interval": "15s", "$job": "teleconsultation", "$instance": ".*"}

# An alert is a figure compared with a number.
COMPARISON = re.compile(r"(?P<figure>.*\S)\s*(?:[<>]=?|==)\s*[0-9.]+", re.DOTALL)

# What two people who talk and others who schedule must be seen by: not only there, but counted.
COUNTED = {
    "sum(teleconsultation_media_participants)": 2,
    "sum(teleconsultation_sessions_running)": 1,
    "sum(rate(teleconsultation_media_datagram_bytes_sent_total[15s]))": 1_000,
    'sum(teleconsultation_provider_calls_total{operation="ensure_room_after", outcome="ok"})': 2,
    'sum(teleconsultation_store_calls_total{operation="replace", outcome="ok"})': 2,
    'sum(http_request_duration_seconds_count{method="POST", route="/teleconsultation", status_code="400"})': 1,
}


@pytest.fixture(scope="module")
def program() -> Api:
    return Api(os.environ["PROGRAM_PORT"])


@pytest.fixture(scope="module")
def prometheus(program: Api, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with Prometheus(tmp_path_factory.mktemp("prometheus"), os.environ["PROGRAM_PORT"], RULES) as prometheus:
        with Load(program) as load, Call(program):
            yield prometheus
        assert load.problem is None and load.rounds > 0, load.problem


def until(what: str, happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.1)


def dashboard_queries() -> list[str]:
    dashboard = json.loads(DASHBOARD.read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    for variable, value in VARIABLES.items():
        queries = [query.replace(variable, value) for query in queries]
    return list(dict.fromkeys(queries))


def alert_figure(alert: dict) -> str:
    return COMPARISON.fullmatch(alert["query"])["figure"]


def all_have_data(prometheus: Prometheus, queries: list[str]) -> None:
    series = dict.fromkeys(queries, 0)

    def asked_again() -> bool:
        for query in [query for query, count in series.items() if count == 0]:
            series[query] = len(prometheus.values(query))
        return all(series.values())

    try:
        until("every query gives data", asked_again)
    finally:
        for query, count in series.items():
            print(f"{count:4} series  {' '.join(query.split())}")


def test_what_people_do_is_counted(prometheus: Prometheus) -> None:
    for query, least in COUNTED.items():
        until(f"{query} >= {least}", lambda query=query, least=least: max(prometheus.values(query), default=0) >= least)


def test_every_query_of_the_dashboard_gives_data(prometheus: Prometheus) -> None:
    print("\nDashboard:")
    all_have_data(prometheus, dashboard_queries())


def test_every_figure_of_the_alerts_gives_data_and_nothing_is_told_of_a_service_that_is_well(
    prometheus: Prometheus,
) -> None:
    until("every rule was evaluated", lambda: all(alert["health"] == "ok" for alert in prometheus.alerts()))
    alerts = prometheus.alerts()
    absences = [alert_figure(alert) for alert in alerts if alert["query"].startswith("absent(")]
    print("\nAlerts:")
    all_have_data(prometheus, [alert_figure(alert) for alert in alerts if not alert["query"].startswith("absent(")])
    assert len(absences) == 1 and prometheus.values(absences[0]) == []
    assert [alert["name"] for alert in alerts if alert["state"] == "firing"] == []


def test_every_alert_says_how_grave_it_is_and_what_to_do(prometheus: Prometheus) -> None:
    for alert in prometheus.alerts():
        assert alert["labels"]["severity"] in ("critical", "warning"), alert
        assert alert["annotations"]["summary"] and alert["annotations"]["description"], alert
        page, _, heading = alert["annotations"]["runbook"].partition("#")
        headings = re.findall(r"^## (\w+)$", (ROOT / page).read_text(), re.MULTILINE)
        assert heading == alert["name"].lower() and alert["name"] in headings, alert


def test_names_and_help_follow_the_conventions(program: Api) -> None:
    with urllib.request.urlopen(f"{program.url}/-/metrics", timeout=10) as answer:
        text = answer.read()
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, check=False)
    # The platform's services give the summary its name (mia-platform.md §3.3).
    assert checked.stderr.decode().splitlines() == [
        "http_request_summary_seconds metric name should not include type 'summary'"
    ]
