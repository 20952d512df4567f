"""`citybrain worker --engine flink` on a real cluster of its own: a TaskManager killed, a savepoint, another version
of the program with another configuration, and on it goes."""

import asyncio
import os
import re
import signal
import time
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from streams.flink.cluster import free_port
from streams.flink.handover import hand_over
from streams.flink.resume import MARK, mark_mode, newest_point
from streams.flink.run import cause
from streams.metric_table import BY_NAME
from streams.supervise import Part
from streams.worker_metrics import FLINK_SCOPE, OF_THE_JOB
from tests.patience import at_last
from tests.streams.flink.rig import Said, need_flink, stored
from tests.streams.next_version import next_version
from tests.streams.trial import Trial, runs, until
from topics.errors import ConfigurationError

FULL = bool(os.environ.get("CITYBRAIN_FULL_SIZE"))
RATE = 10_000 if FULL else 1_000
SERIES = 1_000 if FULL else 100
SECONDS = 60.0 if FULL else 14.0

#: What else the next version has changed: what is kept of a partition has a new field and number, what is kept of each
#: block a new field, and more ticks are remembered.
NEXT = (
    ("streams/flink/shard.py", "SCHEMA = 1\n", "SCHEMA = 2\n"),
    ("streams/flink/shard.py", "    schema: int = SCHEMA\n", "    schema: int = SCHEMA\n    later: str = 'B'\n"),
    (
        "detectors/kernel_state.py",
        '            "specs": specs,\n',
        '            "specs": specs,\n            "later": [1],\n',
    ),
    ("detectors/kernel_state.py", "MOST_TICKS = 512\n", "MOST_TICKS = 600\n"),
)

#: Ending takes a savepoint.
END_WITHIN_S = 120.0

#: What both of Flink's processes tell of themselves.
SCRAPED = ("flink_jobmanager_job_lastCheckpointDuration", "flink_taskmanager_Status_JVM_CPU_Load")

pytestmark = [pytest.mark.flink, pytest.mark.timeout(1200)]


class FlinkWorker(Part):
    """The command as an administrator starts it; ``settings`` are its environment."""

    ready_within_s = 400.0  # three JVMs start, on a machine that has other things to do

    def __init__(self, trial: Trial, folder: Path, name: str, **settings: str) -> None:
        values = {f"CITYBRAIN_{key.upper()}": value for key, value in settings.items()}
        values["CITYBRAIN_DATA_DIR"] = str(folder)
        super().__init__(name, [*trial.words(), "--engine", "flink"], folder, dict(os.environ) | values)

    def task_manager(self) -> int:
        """The process number of its TaskManager."""
        assert self.process is not None
        for each in Path("/proc").iterdir():
            mine = each.name.isdigit() and _parent(each) == self.process.pid
            if mine and b"TaskManagerRunner" in (each / "cmdline").read_bytes():
                return int(each.name)
        raise AssertionError("expected a TaskManager, got none")


async def test_nothing_is_lost_over_a_killed_task_manager_a_savepoint_and_an_upgrade(
    kafka: str, tmp_path: Path
) -> None:
    need_flink()
    trial = Trial(kafka, tmp_path, "flinkrun", series=SERIES)
    await trial.prepare()
    said = Said(trial, {}, of_any_version=True)
    port = free_port()
    options = {"flink_snapshot_s": "2", "flink_checkpoint_s": "1", "metrics_port": str(port)}
    first = FlinkWorker(trial, tmp_path, "first", **options)
    first.start()
    try:
        await asyncio.to_thread(first.wait_ready)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            load = group.create_task(trial.load(RATE, SECONDS))
            group.create_task(trial.poison(rounds=int(SECONDS), every_s=1.0))
            await until(began + SECONDS / 2)
            killed = first.task_manager()
            python = _children(killed)
            os.kill(killed, signal.SIGKILL)
        assert load.result() == int(RATE * SECONDS)
        expected = await trial.serial()
        await said.until(len(expected.findings), first.check)
        assert first.task_manager() != killed
        assert python and not any(runs(pid) for pid in python)
        await asyncio.to_thread(scraped, port, trial.domain.name)
        _end(first)
    finally:
        first.stop()
    saved = newest_point(tmp_path / "flink" / trial.group)
    assert "savepoint" in saved and f"savepoint {saved}" in first.said()

    second = FlinkWorker(trial, tmp_path, "second", flink_delivery="exactly-once", flink_parallelism="2")
    second.environment |= next_version(tmp_path / "next", *NEXT)
    second.start()
    try:
        await asyncio.to_thread(second.wait_ready)
        await trial.load(RATE, 4)
        expected = await trial.serial()
        await said.until(len(expected.findings), second.check)
        _end(second)
    finally:
        second.stop()
    messages = await said.messages()
    by_version = {b'"later":"B"' in each for each in messages}
    assert by_version == {True, False}, "both versions must have found something"
    assert stored(trial, messages, tmp_path) == expected.findings
    assert {(part, at, why) for part, at, why, _, _ in await said.refused()} == expected.refused
    with pytest.raises(ConfigurationError, match="expected the checkpoints"):
        hand_over(trial.kafka, trial.group, [trial.domain.topic])


def scraped(first_port: int, domain: str) -> None:
    """What Prometheus gets of JobManager and TaskManager, with Flink's scope taken off as docs/metrics.md says."""
    told = dict[str, dict[str, float]]()

    def whole() -> bool:
        """The TaskManager that was killed took its counts with it; the new one judged the second half."""
        _scrape(first_port, told)
        counted = told.get("citybrain_readings_total", {}).get(domain, 0)
        return counted > RATE and {*SCRAPED, "citybrain_dead_letters_total"} <= told.keys()

    at_last(whole, f"the readings of the second half and {SCRAPED}")
    assert {name for name in told if name.startswith("citybrain_")} <= BY_NAME.keys() & set(OF_THE_JOB)
    assert told["citybrain_findings_total"][domain] > 0
    assert told["citybrain_consumer_lag_records"].keys() == {domain}
    assert told["citybrain_last_reading_age_seconds"].keys() == {domain}
    assert told["citybrain_dead_letters_total"]["malformed_json"] > 0


def _scrape(first_port: int, told: dict[str, dict[str, float]]) -> None:
    """Add to ``told``, by name and domain or reason, what lies at the ports that Flink's reporters choose among."""
    for port in range(first_port, first_port + 10):
        try:
            page = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        except httpx.HTTPError:
            continue
        for family in text_string_to_metric_families(page):
            for sample in family.samples:
                name = re.sub(rf"^{FLINK_SCOPE}$", r"\1", sample.name)
                labels = sample.labels.get("domain") or sample.labels.get("reason") or ""
                told.setdefault(name, {})[labels] = sample.value


def test_the_innermost_cause_of_a_failed_submission_is_told_and_not_the_end_of_a_trace() -> None:
    log = "Traceback (most recent call last):\n  File x\nouter: failed\n\tat a.b.c\nCaused by: x.Y: why\n\t... 4 more\n"
    assert cause(log) == "x.Y: why"
    assert cause("ModuleNotFoundError: No module named 'x'\n\n") == "ModuleNotFoundError: No module named 'x'"
    assert cause("") == "nothing"


def test_savepoints_of_another_execution_mode_are_refused(tmp_path: Path) -> None:
    assert newest_point(tmp_path) == ""
    (tmp_path / "savepoints" / "savepoint-1").mkdir(parents=True)
    (tmp_path / "savepoints" / "savepoint-1" / "_metadata").touch()
    mark_mode(tmp_path)
    assert newest_point(tmp_path) == str(tmp_path / "savepoints" / "savepoint-1")
    (tmp_path / MARK).write_text("thread\n")
    with pytest.raises(ConfigurationError, match="expected savepoints of execution mode process, got those of mode th"):
        newest_point(tmp_path)


def _end(part: Part) -> None:
    assert part.process is not None
    part.process.send_signal(signal.SIGTERM)
    assert part.process.wait(END_WITHIN_S) == 0, part.last_words()


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:
        return 0


def _children(group: int) -> list[int]:
    """Python workers in the process group of a TaskManager."""
    found = []
    for each in Path("/proc").iterdir():
        if each.name.isdigit() and int(each.name) != group:
            try:
                stat = (each / "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            if int(stat[2]) == group:
                found.append(int(each.name))
    return found
