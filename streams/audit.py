"""The audit of a finished day: all judged again in one pass, held against what was told, stored and signed for.

Nothing here trusts a counter of a running part: the logs are read from the beginning, findings are recomputed
serially by the same kernel, and the store and the bureau's own register are asked what they hold.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import TopicPartition

from detectors.kernel import Kernel
from records.registry import Registry
from streams.clients import lone_consumer
from streams.event_lane import EventLane
from streams.judges import EVENT_JUDGES
from streams.lane import Lane, decode
from streams.priming import Primed
from streams.snapshots import unpack
from streams.specs import SpecBook
from topics.catalog import CITY_TOPICS
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.dead_letter import from_headers
from topics.domain import Domain
from topics.finding import Finding

_FINDING = msgspec.json.Decoder(Finding)

#: Records judged in one call: any cut of the log gives the same findings.
BATCH = 20_000


@dataclass(slots=True)
class Recomputed:
    """What the logs say must have been found: messages by (finding id, seq), and refusals by place."""

    records: Counter[str] = field(default_factory=Counter)
    findings: set[tuple[str, int]] = field(default_factory=set)
    refused: set[tuple[str, int, int, str]] = field(default_factory=set)
    unregistered: int = 0


@dataclass(slots=True)
class Told:
    """What stands on the findings and dead-letters topics. ``repeated`` counts messages that came again."""

    findings: set[tuple[str, int]] = field(default_factory=set)
    repeated: int = 0
    letters: set[tuple[str, int, int, str]] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)


async def recompute(
    connection: KafkaConnection, domains: Sequence[Domain], registry: Registry, primed: Mapping[str, Primed]
) -> Recomputed:
    """Judge every readings and events partition again, from the first record to the last."""
    found = Recomputed()
    models = {each.ref: each.models for each in primed.values()}
    for domain in domains:
        for partition in range(domain.partitions):
            lane = _lane(domain, partition, registry, models, primed.get(domain.name))
            async for records in _log(connection, domain.topic, partition):
                batch = decode(records)
                _keep(found, lane.judge(batch), domain.topic, partition)
                found.records[domain.name] += len(batch.all) - len(batch.fetch.controls)
        if domain.events and domain.name in EVENT_JUDGES:
            for partition in range(domain.partitions):
                events = EventLane(EVENT_JUDGES[domain.name](domain, partition), partition, domain.partitions, 0)
                async for records in _log(connection, domain.events_topic, partition):
                    _keep(found, events.judge(records), domain.events_topic, partition)
                found.records[domain.name] += events.tally.events + sum(events.tally.dead_lettered.values())
    return found


def _lane(
    domain: Domain, partition: int, registry: Registry, models: Mapping[str, bytes], primed: Primed | None
) -> Lane:
    kernel = Kernel(domain, domain.topic, partition)
    for _, body in sorted(primed.blocks[partition].items()) if primed else ():
        kernel.load(unpack(body), 0)
    return Lane(kernel, SpecBook(registry, domain), partition, domain.partitions, models.get)


def _keep(found: Recomputed, judged: Any, topic: str, partition: int) -> None:
    found.findings |= {(finding.id, finding.seq) for finding in judged.findings}
    found.refused |= {(topic, partition, record.offset, reason) for record, reason, _ in judged.refused}
    found.unregistered += len(judged.unregistered)


async def told(connection: KafkaConnection) -> Told:
    """Read the findings and the dead letters."""
    result = Told()
    async for records in _whole(connection, "findings"):
        for record in records:
            finding = _FINDING.decode(record.value)
            key = (finding.id, finding.seq)
            result.repeated += key in result.findings
            result.findings.add(key)
    async for records in _whole(connection, DEAD_LETTERS):
        for record in records:
            letter = from_headers(record.headers)
            result.letters.add((letter.topic, letter.partition, letter.offset, letter.reason))
            result.reasons[letter.reason] += 1
    return result


async def _whole(connection: KafkaConnection, topic: str) -> Any:
    partitions = {each.name: each.partitions for each in CITY_TOPICS}[topic]
    for partition in range(partitions):
        async for records in _log(connection, topic, partition):
            yield records


async def _log(connection: KafkaConnection, topic: str, partition: int) -> Any:
    """All records of a partition as they stand now, in batches."""
    consumer = lone_consumer(connection)
    await consumer.start()
    try:
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        consumer.seek(place, 0)
        while await consumer.position(place) < end:
            fetched = await consumer.getmany(place, timeout_ms=500, max_records=BATCH)
            if records := [record for record in fetched.get(place, ()) if record.offset < end]:
                yield records
    finally:
        await consumer.stop()
