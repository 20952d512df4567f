"""A real worker judges a load; a look back over its topic then finds the same, byte for byte, from the command line."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.streams.trial import Trial, end
from topics.finding import Finding

pytestmark = pytest.mark.kafka


def citybrain(trial: Trial, *words: str) -> dict[str, Any]:
    """What a command prints with ``--json``."""
    line = [sys.executable, "-m", "streams", *words, "--brokers", trial.kafka.brokers, "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


async def test_a_look_back_finds_what_the_worker_found_and_shows_its_readings(kafka: str, tmp_path: Path) -> None:
    trial = Trial(kafka, tmp_path, "lookback", series=200)
    await trial.prepare()
    worker = trial.worker()
    await asyncio.to_thread(worker.wait_ready)
    try:
        sent = await trial.load(4_000, 3.0)
        await trial.judged()
        end(worker)
    finally:
        worker.stop()
    said, _ = await trial.said()
    page = tmp_path / "report.html"
    name = trial.domain.name
    again = await asyncio.to_thread(
        citybrain, trial, "backtest", "--domain", name, "--topic", "--report", str(page), "--plots", "2"
    )
    found = {(each["id"], each["seq"]): msgspec.convert(each, Finding) for each in again["findings"]}
    assert len(found) == len(said) > 5 and 0.9 * sent < again["readings"] <= sent  # the rest are ticks
    assert found == {key: msgspec.json.decode(body, type=Finding) for key, body in said.items()}
    assert page.read_text(encoding="utf-8").count("<svg") == 2
    opening = next(each for each in found.values() if each.phase == "open" and each.family == "limit")
    origin = opening.origin
    span = f"{origin.first_offset}..{origin.last_offset}"
    shown = await asyncio.to_thread(
        citybrain, trial, "readings", "show", origin.topic, str(origin.partition), span, "--series", opening.subject
    )
    assert [(each["offset"], each["value"]) for each in shown["readings"]][-1] == (origin.last_offset, opening.value)
