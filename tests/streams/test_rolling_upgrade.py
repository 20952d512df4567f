"""A group of workers goes from one version to the next, one pod after the other, while readings come in.

The workers have fixed names as in a StatefulSet (static membership), are ended by SIGTERM and come back as a version
whose messages have fields that the other does not know.
"""

import asyncio
from pathlib import Path

import msgspec
import pytest

from streams.supervise import Part
from tests.patience import eventually
from tests.streams.next_version import next_version
from tests.streams.trial import Trial, end
from topics.codec import encode
from topics.finding import Finding

pytestmark = pytest.mark.kafka

RATE, SECONDS = 3_000, 5
#: Longer than a pod takes to come back.
SESSION_S = 120.0
#: What a worker says in its log whenever it is given partitions.
TAKEN = "partitions_taken"


async def replaced(trial: Trial, old: Part, name: str, version: dict[str, str]) -> Part:
    """As a rolling update does it: the old pod ends in good order, then the new one comes up under its name."""
    await asyncio.to_thread(end, old)
    new = pod(trial, name, version)
    await asyncio.to_thread(new.wait_ready)
    return new


async def settled(pods: list[Part]) -> None:
    """Until the partitions are shared out among these."""

    def shared() -> bool:
        given = [_has(each) for each in pods]
        return sum(given) == 4 and min(given) > 0

    await eventually(shared, "each pod has some of the four partitions")


def _has(part: Part) -> int:
    """How many partitions it was given last."""
    taken = [line for line in part.said().splitlines() if TAKEN in line]
    return taken[-1].count("'readings.") if taken else 0


def pod(trial: Trial, name: str, version: dict[str, str]) -> Part:
    own = {"CITYBRAIN_WORKER_MEMBER": name, "CITYBRAIN_WORKER_SESSION_S": str(SESSION_S)}
    return trial.worker(**own, **version)


async def test_one_after_the_other_and_nothing_is_lost_or_doubled(kafka: str, tmp_path: Path) -> None:
    trial = Trial(kafka, tmp_path / "trial", "upgrade", series=400)
    await trial.prepare()
    later, domain = next_version(tmp_path / "b"), trial.domain.name.encode()
    pods = [pod(trial, f"worker-{number}", {}) for number in range(2)]
    try:
        for each in pods:
            await asyncio.to_thread(each.wait_ready)
        for number in (1, 0):  # as a StatefulSet does, from the last
            await settled(pods)
            other = pods[1 - number]
            before = other.said().count(TAKEN)
            async with asyncio.TaskGroup() as group:
                group.create_task(trial.load(RATE, SECONDS))
                await asyncio.sleep(1)  # readings come before the old pod ends, while none is there, and after
                pods[number] = await replaced(trial, pods[number], f"worker-{number}", later)
            assert other.said().count(TAKEN) == before, "the other went on without a rebalance"
        await trial.load(RATE, 2)
        await trial.judged()
        for each in pods:
            await asyncio.to_thread(end, each)
    finally:
        for each in pods:
            each.stop()
    said = [each.value for each in await trial.log("findings") if b'"domain":"%s"' % domain in each.value]
    by_version = [b'"later":"B"' in each for each in said]
    assert True in by_version and False in by_version, "both versions must have found something"
    known = [msgspec.json.decode(each, type=Finding) for each in said]
    expected = (await trial.serial()).findings
    assert len(said) == len(expected), "none is lost, and workers that end in good order repeat nothing"
    assert {(each.id, each.seq): encode(each) for each in known} == expected
