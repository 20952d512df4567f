"""The audit of a finished day: all judged again in one pass, held against what was told, stored and signed for.

Nothing here trusts a counter of a running part: the logs are read from the beginning, findings are recomputed
serially by the same kernel, and the store and the bureau's own register are asked what they hold.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import TopicPartition

from detectors.base import Outcome
from detectors.kernel import Kernel
from records.box_terms import BoxTerms, box_terms
from records.carriage.permits import PermitBook
from records.carriage.terms import carriage_facts
from records.registry import Device, Registry, Site, registry_of
from streams.batch import decode
from streams.box_lanes import BoxEvents, BoxLane, BoxReadings
from streams.cargo_conditions_keeper import CargoConditionsKeeper
from streams.carriage_keeper import CarriageKeeper
from streams.carriage_lane import CarriageLane
from streams.clients import lone_consumer
from streams.event_lane import EventLane
from streams.judges import EVENT_JUDGES
from streams.judges.box_conditions import BoxJudge
from streams.keepers import told_beside
from streams.lane import Lane
from streams.priming import Primed
from streams.side_by_side import side_by_side
from streams.snapshots import unpack
from streams.specs import SpecBook
from topics.catalog import CITY_TOPICS
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.dead_letter import from_headers
from topics.domain import Domain
from topics.events import Event
from topics.families import CARRIAGE
from topics.finding import Finding
from topics.positions import PERMITS, Permit
from topics.positions import TOPIC as POSITIONS

_FINDING = msgspec.json.Decoder(Finding)

#: Records judged in one call: any cut of the log gives the same findings.
BATCH = 20_000


@dataclass(slots=True)
class Recomputed:
    """What the logs say must have been found: messages by (finding id, seq), and refusals by place. ``again``: what
    must have been said of vehicles on their way and by sensors at boxes.
    """

    records: Counter[str] = field(default_factory=Counter)
    findings: set[tuple[str, int]] = field(default_factory=set)
    again: set[tuple[str, int]] = field(default_factory=set)
    refused: set[tuple[str, int, int, str]] = field(default_factory=set)
    unregistered: int = 0
    duplicate: int = 0

    def add(self, other: "Recomputed") -> None:
        """Take in what another part of the log says."""
        self.records += other.records
        self.findings |= other.findings
        self.again |= other.again
        self.refused |= other.refused
        self.unregistered += other.unregistered
        self.duplicate += other.duplicate


@dataclass(slots=True)
class Told:
    """What stands on the findings and dead-letters topics. ``findings`` are the worker's, ``beside`` those of judges
    beside it, ``again`` those among them that are judged again; ``repeated`` counts what came twice.
    """

    findings: set[tuple[str, int]] = field(default_factory=set)
    beside: set[tuple[str, int]] = field(default_factory=set)
    again: set[tuple[str, int]] = field(default_factory=set)
    repeated: int = 0
    letters: set[tuple[str, int, int, str]] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)


async def recompute(
    connection: KafkaConnection,
    domains: Sequence[Domain],
    records: Sequence[Site | Device],
    primed: Mapping[str, Primed],
) -> Recomputed:
    """Judge every readings and events partition again, from the first record to the last; domains side by side.

    ``records`` are those of the registry.
    """
    with side_by_side() as pool:
        # The largest first, or the second core has nothing left to do while the first is still at it.
        order = sorted(domains, key=lambda domain: primed[domain.name].readings, reverse=True)
        parts = [
            asyncio.wrap_future(pool.submit(recompute_domain, connection, domain, records, primed[domain.name]))
            for domain in order
        ]
        found = Recomputed()
        for part in await asyncio.gather(*parts):
            found.add(part)
        return found


def recompute_domain(
    connection: KafkaConnection, domain: Domain, records: Sequence[Site | Device], primed: Primed
) -> Recomputed:
    """Judge one domain again; to be called in a process of its own."""
    return asyncio.run(_recompute(connection, domain, registry_of(records), primed))


async def _recompute(connection: KafkaConnection, domain: Domain, registry: Registry, primed: Primed) -> Recomputed:
    found = Recomputed()
    models = {primed.ref: primed.models}
    for partition in range(domain.partitions):
        lane = _lane(domain, partition, registry, models, primed)
        async for records in _log(connection, domain.topic, partition):
            batch = decode(records)
            _keep(found, lane.judge(batch), domain.topic, partition)
            found.records[domain.name] += len(batch.all) - len(batch.fetch.controls)
        found.duplicate += lane.tally.duplicate
    for partition in range(domain.partitions if domain.events else 0):
        await _recompute_events(found, connection, domain, partition)
    if CARRIAGE in domain.facts:
        await _recompute_carriage(found, connection, domain)
    if (terms := box_terms(domain)) is not None:
        for partition in range(domain.partitions):
            await _recompute_boxes(found, connection, domain, terms, partition)
    return found


async def _recompute_events(found: Recomputed, connection: KafkaConnection, domain: Domain, partition: int) -> None:
    """Events are counted even where no judge of this domain listens: they, too, must be there."""
    judge = EVENT_JUDGES[domain.name](domain, partition) if domain.name in EVENT_JUDGES else _Listening()
    events = EventLane(judge, partition, domain.partitions, 0)
    async for records in _log(connection, domain.events_topic, partition):
        _keep(found, events.judge(records), domain.events_topic, partition)
    found.records[domain.name] += events.tally.events + sum(events.tally.dead_lettered.values())


async def _recompute_boxes(
    found: Recomputed, connection: KafkaConnection, domain: Domain, terms: BoxTerms, partition: int
) -> None:
    """Judge what sensors at boxes said again: one log after the other, which must come to the same."""
    judge, name = BoxJudge(domain, terms, partition), (domain.name, partition)
    lanes: list[tuple[BoxLane, str]] = [(BoxReadings(name, judge, 0), domain.topic)]
    if domain.events:
        lanes.insert(0, (BoxEvents(name, judge, 0), domain.events_topic))
    for lane, topic in lanes:
        async for records in _log(connection, topic, partition):
            refused = lane.take(records).refused
            found.refused |= {(topic, partition, record.offset, reason) for record, reason, _ in refused}
            found.again |= {(finding.id, finding.seq) for _, finding in judge.advance()}


async def _recompute_carriage(found: Recomputed, connection: KafkaConnection, domain: Domain) -> None:
    """Judge what vehicles reported again, by the permits that stand on their register."""
    from streams.judges.carriage import CarriageJudge  # the geometry: only who judges loads it

    facts, permits = carriage_facts(domain), PermitBook()
    if facts is None:
        return
    async for records in _whole(connection, PERMITS):
        for record in records:
            permits.put(msgspec.json.decode(record.value, type=Permit))
    partitions = _partitions(POSITIONS)
    for partition in range(partitions):
        judge = CarriageJudge(domain.name, facts, partition, permits)
        lane = CarriageLane({domain.name: judge}, partition, partitions, 0)
        async for records in _log(connection, POSITIONS, partition):
            heard = lane.take(records)
            found.again |= {(finding.id, finding.seq) for finding in heard.findings}
            found.refused |= {(POSITIONS, partition, record.offset, reason) for record, reason, _ in heard.refused}
            found.records[domain.name] += heard.messages


class _Listening:
    """Hears a domain's events and has nothing to say about them."""

    def apply(self, event: Event, offset: int, stamp: int) -> Outcome:
        return Outcome()

    def tick(self, time_ms: int, offset: int, stamp: int) -> Outcome:
        return Outcome()


def _lane(domain: Domain, partition: int, registry: Registry, models: Mapping[str, bytes], primed: Primed) -> Lane:
    kernel = Kernel(domain, domain.topic, partition)
    for _, body in sorted(primed.blocks[partition].items()):
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
            told = result.beside if told_beside(finding.detector) else result.findings
            result.repeated += key in told
            told.add(key)
            if finding.detector.startswith((*CarriageKeeper.rules, *CargoConditionsKeeper.rules)):
                result.again.add(key)
    async for records in _whole(connection, DEAD_LETTERS):
        for record in records:
            letter = from_headers(record.headers)
            result.letters.add((letter.topic, letter.partition, letter.offset, letter.reason))
            result.reasons[letter.reason] += 1
    return result


async def _whole(connection: KafkaConnection, topic: str) -> Any:
    for partition in range(_partitions(topic)):
        async for records in _log(connection, topic, partition):
            yield records


def _partitions(topic: str) -> int:
    return {each.name: each.partitions for each in CITY_TOPICS}[topic]


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
