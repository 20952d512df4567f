"""A log with everything in it that goes wrong on the way, and what an engine has said of it since a moment."""

import asyncio
import importlib.util
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alerts.city import City
from alerts.intake import Arrived, read_finding
from records.registry import registry_of
from streams.bench_pipeline import registered
from streams.clients import lone_consumer, sure_producer
from streams.flink.cluster import FlinkCluster
from streams.flink.job import Plan
from streams.flink.rest import FlinkRest
from streams.flink.run import make_plan, submit
from streams.settings import load_settings
from tests.alerts.city_parts import House
from tests.made_stores import made_store
from tests.streams.trial import POISON, Trial
from topics.codec import encode
from topics.dead_letter import from_headers
from topics.finding import Finding
from topics.reading import Reading

START_MS = 1_767_225_600_000

#: How long an engine may take to say what is expected of it.
SAID_WITHIN_S = 150.0

#: By topic and partition: where its records ended at some moment.
Marks = dict[tuple[str, int], int]

#: Keys of readings of other versions: with a field nobody knows, with required fields alone, without one of those.
NEWER, OLDER, INCOMPLETE = b"newer", b"older", b"incomplete"

OUTPUTS = ("findings", "dead-letters", "unregistered")


def need_flink() -> None:
    """Skip by name where the extra is missing, fail where skips are forbidden."""
    if importlib.util.find_spec("pyflink") is None:
        missing = "the extra flink (apache-flink) is not in this environment; install it to run this test"
        pytest.fail(missing) if os.environ.get("CITYBRAIN_NO_SKIP") else pytest.skip(missing)


def troubled(trial: Trial, rounds: int) -> Iterator[tuple[int, bytes | None, bytes | None]]:
    """Partition, key and value of the records of a log: rounds that come too late, readings that come again, readings
    sent later by their devices, and what no engine can judge."""
    workload, held = trial.workload, []
    for number, messages in enumerate(workload.rounds(START_MS)):
        if number == rounds:
            return
        batch = [(each.partition, each.key, each.value) for each in messages]
        if number % 7 == 3:
            held = batch[workload.partitions :]  # behind the next round; its ticks stay where they are
            batch = batch[: workload.partitions]
        else:
            batch, held = batch + held, []
        if number % 5 == 4:
            batch += batch[workload.partitions : workload.partitions + 20]
        if number % 11 == 5:
            yield from _late(trial, number)
        yield from batch
        if number % 13 == 6:
            yield from _bad(trial)
            yield from _other_versions(trial, number)


def _late(trial: Trial, number: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Back-filled readings of a while ago, one of them beyond the limit."""
    workload = trial.workload
    for series in range(number, number + 4):
        time = START_MS + (number - 4) * workload.interval_ms + 7
        value = workload.breach if series == number else workload.level
        reading = Reading(workload.series_id(series), time, value, backfill=True)
        yield workload.partition(series), b"late", encode(reading)


def _bad(trial: Trial) -> Iterator[tuple[int, bytes | None, bytes | None]]:
    workload = trial.workload
    for partition in range(workload.partitions):
        for body, _ in POISON:
            yield partition, None, body
    good = workload.series_id(0)
    yield 0, b"key", b'{"series":"caf\xe9","time":1767225600000,"value":1}'  # no UTF-8, though a text can be made of it
    yield 1, b"", None
    yield (workload.partition(0) + 1) % workload.partitions, b"moved", encode(Reading(good, START_MS, 1.0))
    yield 2, b"nobody", encode(Reading("nobody-1/MN1/so2/Rtd", START_MS, 1.0))


def _other_versions(trial: Trial, number: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Readings of writers that know more fields than we, or fewer; and two without what every version must have."""
    workload = trial.workload
    for series in range(4):
        time = START_MS + number * workload.interval_ms + workload.interval_ms // 3  # before the next round
        whole = {"series": workload.series_id(series), "time": time, "value": workload.level}
        newer = whole | {"schema": 2, "mood": {"of": ["the", "day"]}, "unit": "mg/L"}
        home = workload.partition(series)
        yield home, NEWER, encode(newer)
        yield home, OLDER, encode(whole | {"time": time + 7})
        for name in ("time", "value"):
            yield home, INCOMPLETE, encode({key: value for key, value in newer.items() if key != name})


async def put(trial: Trial, records: Iterator[tuple[int, bytes | None, bytes | None]]) -> int:
    """Write them in order; their number."""
    producer, sent = sure_producer(trial.kafka), []
    await producer.start()
    try:
        for partition, key, value in records:
            sent.append(await producer.send(trial.domain.topic, value, key=key, partition=partition))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
    return len(sent)


async def marks(trial: Trial) -> Marks:
    """Where the outputs end now."""
    consumer = lone_consumer(trial.kafka)
    consumer.subscribe(list(OUTPUTS))
    await consumer.start()
    ends = await consumer.end_offsets(sorted(consumer.assignment()))
    await consumer.stop()
    return {tuple(place): end for place, end in ends.items()}


class Said:
    """What has been said of the trial's topic since ``since``, by this version of the program or ``of_any_version``."""

    def __init__(self, trial: Trial, since: Marks, *, of_any_version: bool = False) -> None:
        self.trial = trial
        self.since = since
        self.of_any_version = of_any_version

    async def findings(self) -> dict[tuple[str, int], bytes]:
        """By id and seq; repeats must be equal byte for byte, of other versions in what this one knows."""
        said: dict[tuple[str, int], bytes] = {}
        for body in await self.messages():
            finding = msgspec.json.decode(body, type=Finding)
            known = encode(finding) if self.of_any_version else body
            assert said.setdefault((finding.id, finding.seq), known) == known
        return said

    async def messages(self) -> list[bytes]:
        """Every message of findings in the order of its partition, repeats too."""
        bodies = [record.value for record in await self._records("findings")]
        return [body for body in bodies if msgspec.json.decode(body, type=Finding).domain == self.trial.domain.name]

    async def refused(self) -> set[tuple[int, int, str, bytes | None, bytes | None]]:
        """Partition, offset and reason of the dead letters, with key and value."""
        letters = set()
        for record in await self._records("dead-letters"):
            letter = from_headers(record.headers)
            if letter.topic == self.trial.domain.topic:
                letters.add((letter.partition, letter.offset, letter.reason, record.key, record.value))
        return letters

    async def unregistered(self) -> set[tuple[bytes, bytes]]:
        """Partition and offset of the readings nobody could be asked about."""
        headers = [dict(record.headers) for record in await self._records("unregistered")]
        mine = self.trial.domain.topic.encode()
        return {(each["partition"], each["offset"]) for each in headers if each["topic"] == mine}

    async def until(self, expected: int, alive: "Any" = lambda: None) -> None:
        """Return once so many different messages of findings are there."""
        async with asyncio.timeout(SAID_WITHIN_S):
            while len(await self.findings()) < expected:
                await asyncio.to_thread(alive)
                await asyncio.sleep(0.3)  # each look reads the whole topic

    async def _records(self, topic: str) -> list[Any]:
        records = await self.trial.log(topic)
        return [each for each in records if each.offset >= self.since.get((topic, each.partition), 0)]


def stored(trial: Trial, messages: Sequence[bytes], folder: Path) -> dict[tuple[str, int], bytes]:
    """What a store holds that was given these messages, in this order; those it knew already it must have counted."""
    house = House(made_store(folder), City([trial.domain], registry_of(registered(trial.workload))))
    taken = house.intake.take([Arrived(read_finding(each)) for each in messages])
    held = {(row.id, row.seq): row.body.encode() for row in house.rows("SELECT id, seq, body FROM finding")}
    assert taken.repeated == len(messages) - len(held)
    return held


class FlinkJobs:
    """Jobs of a trial on a cluster that is there already."""

    def __init__(self, cluster: FlinkCluster, trial: Trial, folder: Path) -> None:
        self.rest = FlinkRest(cluster.rest)
        self.trial = trial
        self.folder = folder

    def plan(self, group: str, **settings: str) -> Plan:
        values = {f"CITYBRAIN_FLINK_{name.upper()}": value for name, value in settings.items()}
        return make_plan(
            load_settings(values, brokers=self.trial.kafka.brokers), group, [self.trial.domain], self.folder / group,
            self.rest.base,
        )  # fmt: skip

    def start(self, plan: Plan) -> str:
        return submit(plan, Path(plan.folder))
