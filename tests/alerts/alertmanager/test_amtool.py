"""Debian's amtool against us: its own questions, its own silences, its own reading of our answers."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.alertmanager.parts import listening
from tests.alerts.alertmanager.programs import live
from tests.alerts.city_parts import House, finding

pytestmark = pytest.mark.kafka

Amtool = Callable[..., str]


@pytest.fixture
def amtool(house: House, tmp_path: Path, program: Callable[[str], str]) -> Iterator[Amtool]:
    name = program("amtool")
    with listening(live(house)) as address:

        def run(*words: str, fails: bool = False) -> str:
            command = [name, f"--alertmanager.url={address}", *words]
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=60, env={"HOME": str(tmp_path)}, check=False
            )
            assert (done.returncode != 0) == fails, done.stderr
            if not fails:
                assert done.stderr == "", "amtool warns of nothing, not even of a version"
            return done.stdout + done.stderr

        yield run


def asked(amtool: Amtool, *words: str) -> list[Any]:
    return list(json.loads(amtool(*words, "-o", "json")))


def test_alerts_are_queried_with_both_syntaxes_of_matchers(amtool: Amtool, house: House) -> None:
    house.take(finding(), finding(subject="other", quantity="other", severity="orange"))
    assert len(asked(amtool, "alert", "query")) == 2
    for words in (
        ["lel-limit"],
        ["alertname=lel-limit"],
        ['alertname="lel-limit"', "severity=yellow"],
        ["severity=~yell.*"],
        ["severity!=orange"],
        ["-r", "emergency-bureau", "quantity=lel"],
    ):
        (one,) = asked(amtool, "alert", "query", *words)
        assert one["labels"]["alertname"] == "lel-limit"
    assert "lel-limit" in amtool("alert", "query", "-o", "simple")
    assert "failed to parse receiver param" in amtool("alert", "query", "-r", "(", fails=True)


def test_alerts_are_added_and_become_alarms(amtool: Amtool, house: House) -> None:
    amtool("alert", "add", "InstanceDown", "instance=gw-1", "severity=critical", "--annotation=summary=gone")
    assert house.rows("SELECT site, quantity, severity FROM alarm") == [("gw-1", "InstanceDown", "orange")]
    (one,) = asked(amtool, "alert", "query", "InstanceDown")
    assert one["annotations"] == {"summary": "gone"}


def test_silences_are_added_queried_updated_and_expired(amtool: Amtool, house: House) -> None:
    house.take(finding())
    name = amtool(
        "silence", "add", "-a", "wang", "-c", "weekly test", "site=tank-farm-1", "severity=~yellow|blue"
    ).strip()
    (one,) = asked(amtool, "silence", "query")
    assert (one["id"], one["createdBy"], one["comment"], one["status"]["state"]) == (
        name,
        "wang",
        "weekly test",
        "active",
    )
    assert asked(amtool, "silence", "query", "site=tank-farm-1") and not asked(amtool, "silence", "query", "site=other")
    assert asked(amtool, "alert", "query") == []
    (shown,) = asked(amtool, "alert", "query", "--silenced")
    assert shown["status"]["silencedBy"] == [name]
    assert amtool("silence", "query", "-q").strip() == name
    amtool("silence", "update", "-d", "2h", "-c", "takes longer", name)
    (one,) = asked(amtool, "silence", "query")
    assert (one["id"], one["comment"]) == (name, "takes longer")
    amtool("silence", "expire", name)
    assert asked(amtool, "silence", "query") == []
    assert [each["id"] for each in asked(amtool, "silence", "query", "--expired")] == [name]
    assert len(asked(amtool, "alert", "query")) == 1


def test_what_we_refuse_is_shown_by_amtool(amtool: Amtool) -> None:
    words = ["silence", "add", "-a", "wang", "-c", "x"]
    assert "a silence lasts at most 8 h, got 12 h" in amtool(*words, "-d", "12h", "site=a", fails=True)
    assert "top severity" in amtool(*words, "severity=red", fails=True)
    assert "404" in amtool("silence", "expire", "237af2be-94e2-4faf-9d6c-10ceaa36757b", fails=True)


def test_our_configuration_is_one_that_amtool_reads(amtool: Amtool, house: House, tmp_path: Path) -> None:
    shown = amtool("config", "show")
    file = tmp_path / "shown.yml"
    file.write_text(shown, encoding="utf-8")
    assert "SUCCESS" in amtool("check-config", str(file))
    routed = amtool("config", "routes", "test", "domain=safety", "severity=red", "family=limit")
    assert routed.strip() == "emergency-bureau,fire-brigade"
