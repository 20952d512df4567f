"""Workers hurt in mid-stream: nothing lost, nothing wrong, the state bit-equal to a serial recomputation.

``CITYBRAIN_FULL_SIZE=1`` (``make kill-test``) runs them at the size of the first prototype's proof.
"""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.brief_kafka import BriefKafka
from tests.patience import eventually
from tests.streams.trial import POISON, Trial, end, kill, pause, runs, until, wake

FULL = bool(os.environ.get("CITYBRAIN_FULL_SIZE"))
RATE = 20_000 if FULL else 4_000
SERIES = 2_000 if FULL else 400
KILLS = 5 if FULL else 2
BETWEEN_S = 10.0 if FULL else 7.0
PAUSE_S = 35.0 if FULL else 9.0  # beyond the session's 6 s; at full size beyond the transaction's 30 s too
AWAY_S = 20.0 if FULL else 6.0

#: Starts a worker as the supervisor does, says its number, and is killed.
PARENT = """
import os, pathlib, sys, time
from streams.supervise import Part
part = Part("orphan", sys.argv[2:], pathlib.Path(sys.argv[1]), dict(os.environ))
part.start()
part.wait_ready()
print(part.process.pid, flush=True)
time.sleep(120)
"""

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600 if FULL else 300)]


async def test_killed_workers_lose_and_change_nothing_even_among_poison(kafka: str, tmp_path: Path) -> None:
    trial = Trial(kafka, tmp_path, "killed", series=SERIES)
    await trial.prepare()
    worker = trial.worker()
    await asyncio.to_thread(worker.wait_ready)
    began, seconds = time.monotonic(), KILLS * BETWEEN_S + 3
    try:
        async with asyncio.TaskGroup() as group:
            load = group.create_task(trial.load(RATE, seconds))
            group.create_task(trial.poison(rounds=int(seconds / 2), every_s=2.0))
            for number in range(KILLS):
                await until(began + 3 + number * BETWEEN_S)
                kill(worker)
                worker = trial.worker()
        await trial.judged()
        end(worker)
    finally:
        worker.stop()
    expected, repeats = await trial.compare()
    assert load.result() == int(RATE * seconds)
    assert expected > load.result() / 1_000
    assert len(await trial.dead()) >= int(seconds / 2) * len(POISON) * 4
    assert repeats < expected  # a crash repeats a cycle's worth, not everything
    print(f"{load.result()} messages, {KILLS} kills: {expected} findings expected, {repeats} repeats, all identical")


@pytest.mark.full  # half a minute; a paused judge that wakes up is in tests/streams/test_turn.py
async def test_a_paused_worker_that_wakes_up_does_no_harm(kafka: str, tmp_path: Path) -> None:
    trial = Trial(kafka, tmp_path, "paused", series=SERIES)
    await trial.prepare()
    first = trial.worker()
    await asyncio.to_thread(first.wait_ready)
    began, second = time.monotonic(), None
    try:
        async with asyncio.TaskGroup() as group:
            load = group.create_task(trial.load(RATE, PAUSE_S + 6))
            group.create_task(trial.poison(rounds=int(PAUSE_S), every_s=0.5))
            await until(began + 3)
            pause(first)
            second = trial.worker()  # takes over once the session of the first has run out
            await until(began + 3 + PAUSE_S)
            wake(first)
        await trial.judged()
        end(first)
        end(second)
    finally:
        for part in (first, second):
            if part is not None:
                part.stop()
    expected, repeats = await trial.compare()
    assert expected > load.result() / 1_000
    print(f"{load.result()} messages, one pause: {expected} findings expected, {repeats} repeats, all identical")


@pytest.mark.full  # half a minute; in CI tests/streams/sources/test_publisher.py takes a broker away
async def test_a_broker_that_goes_away_and_comes_back_costs_time_only(tmp_path: Path) -> None:
    with BriefKafka(tmp_path / "kafka") as broker:
        trial = Trial(broker.bootstrap, tmp_path, "away", series=SERIES)
        await trial.prepare()
        worker, other = trial.worker(), trial.worker()
        for part in (worker, other):
            await asyncio.to_thread(part.wait_ready)
        try:
            await trial.load(RATE, 4)
            await asyncio.to_thread(broker.stop)
            back = time.monotonic() + AWAY_S
            await asyncio.sleep(1)
            end(other)  # in time even then
            await until(back)
            await asyncio.to_thread(broker.start)
            await trial.load(RATE, 4)
            await trial.judged()
            end(worker)
        finally:
            worker.stop()
            other.stop()
        expected, _ = await trial.compare()
        assert expected > 0


async def test_a_worker_ends_with_its_parent(kafka: str, tmp_path: Path) -> None:
    trial = Trial(kafka, tmp_path, "orphan", series=10)
    await trial.prepare()
    words = [sys.executable, "-c", PARENT, str(tmp_path), *trial.words()]
    parent = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    await eventually(lambda: not runs(pid), "the worker has ended")
