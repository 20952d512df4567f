"""Workers hurt in mid-stream: nothing lost, nothing wrong, the state bit-equal to a serial recomputation.

``CITYBRAIN_FULL_SIZE=1`` (``make kill-test``) runs them at the size of the first prototype's proof.
"""

import asyncio
import os
import time
from pathlib import Path

import pytest

from tests.streams.trial import POISON, Trial, kill, pause, until, wake
from topics.broker import EmbeddedKafka

FULL = bool(os.environ.get("CITYBRAIN_FULL_SIZE"))
RATE = 20_000 if FULL else 4_000
SERIES = 2_000 if FULL else 400
KILLS = 5 if FULL else 2
BETWEEN_S = 10.0 if FULL else 7.5

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600 if FULL else 150)]


async def test_killed_workers_lose_and_change_nothing_even_among_poison(kafka: str, tmp_path: Path) -> None:
    trial = Trial(kafka, tmp_path, "killed", series=SERIES)
    await trial.prepare()
    worker = trial.worker()
    await asyncio.to_thread(worker.wait_ready)
    began, seconds = time.monotonic(), KILLS * BETWEEN_S + 4
    try:
        async with asyncio.TaskGroup() as group:
            load = group.create_task(trial.load(RATE, seconds))
            group.create_task(trial.poison(rounds=int(seconds / 2), every_s=2.0))
            for number in range(KILLS):
                await until(began + 3 + number * BETWEEN_S)
                kill(worker)
                worker = trial.worker()
        await trial.judged()
    finally:
        status = worker.stop()
    assert status == 0
    expected, repeats = await trial.compare()
    assert load.result() == int(RATE * seconds)
    assert expected > load.result() / 1_000
    assert len(await trial.dead()) >= int(seconds / 2) * len(POISON) * 4
    assert repeats < expected  # a crash repeats a cycle's worth, not everything
    print(f"{load.result()} messages, {KILLS} kills: {expected} findings expected, {repeats} repeats, all identical")


async def test_a_paused_worker_that_wakes_up_does_no_harm(kafka: str, tmp_path: Path) -> None:
    trial = Trial(kafka, tmp_path, "paused", series=SERIES)
    await trial.prepare()
    first = trial.worker()
    await asyncio.to_thread(first.wait_ready)
    began, second = time.monotonic(), None
    try:
        async with asyncio.TaskGroup() as group:
            load = group.create_task(trial.load(RATE, 24))
            await until(began + 3)
            pause(first)
            second = trial.worker()  # takes over once the session of the first has run out
            await until(began + 16)
            wake(first)
        await trial.judged()
    finally:
        statuses = [part.stop() for part in (first, second) if part is not None]
    assert statuses == [0, 0]
    expected, repeats = await trial.compare()
    assert expected > load.result() / 1_000
    print(f"{load.result()} messages, one pause: {expected} findings expected, {repeats} repeats, all identical")


async def test_a_broker_that_goes_away_and_comes_back_costs_time_only(tmp_path: Path) -> None:
    away_s = 20.0 if FULL else 8.0
    with EmbeddedKafka(tmp_path / "kafka") as broker:
        trial = Trial(broker.bootstrap, tmp_path, "away", series=SERIES)
        await trial.prepare()
        worker = trial.worker()
        await asyncio.to_thread(worker.wait_ready)
        try:
            await trial.load(RATE, 5)
            await asyncio.to_thread(broker.stop)
            await asyncio.sleep(away_s)
            await asyncio.to_thread(broker.start)
            await trial.load(RATE, 5)
            await trial.judged()
            worker.check()
        finally:
            status = worker.stop()
        assert status == 0
        expected, _ = await trial.compare()
        assert expected > 0
