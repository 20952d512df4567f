"""The port night as a user replays it: the whole system at the machine's pace, and its story in the report."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]

PORTS = ("SERVER_PORT", "INTAKE_PORT", "HJ212_PORT", "BUREAU_PORT", "KAFKA_PORT")


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``citybrain replay port-2015 --json`` said; its exit status must be 0."""
    sockets = [socket.socket() for _ in PORTS]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = {f"CITYBRAIN_{name}": str(each.getsockname()[1]) for name, each in zip(PORTS, sockets, strict=True)}
    finally:
        for each in sockets:
            each.close()
    folder = tmp_path_factory.mktemp("night") / "data"
    words = ["replay", "port-2015", "--rules-as-of", "2015-08-12", "--json", "--data-dir", str(folder)]
    ended = subprocess.run(
        [sys.executable, "-m", "streams", *words],
        env=dict(os.environ) | ports,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-3000:]
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_the_whole_system_tells_the_story(figures: dict[str, Any]) -> None:
    assert figures["missed"] == [] and figures["rules_as_of"] == "2015-08-12"
    minutes = figures["minutes_before_first_fire"]
    assert minutes["over-storage"] > minutes["segregation"] > minutes["box-heats"] > minutes["box-burns"] > 0
    assert 0 > minutes["yard-gas"] > minutes["sensors-lost"]
    assert figures["told"]["transport-commission"] > minutes["segregation"]


def test_nothing_of_it_is_lost_doubled_or_left_unsigned(figures: dict[str, Any]) -> None:
    system = figures["system"]
    assert system["lost"] == system["duplicated"] == 0
    assert system["due"] == system["delivered"] == system["signed_for"] > 10
    assert system["events_in"]["cargo"] > 700


def test_a_wrong_speed_is_wrong_use(tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "streams",
        "replay",
        "port-2015",
        "--speed",
        "fast",
        "--data-dir",
        str(tmp_path / "data"),
    ]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 2 and "expected max or a number above 0" in ended.stderr
