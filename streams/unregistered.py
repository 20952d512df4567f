"""Readings of sites and devices nobody has registered: put aside, listed, and played again once somebody has.

A replay writes each reading to its readings topic together with a mark on ``unregistered`` that says so, in
one Kafka transaction: both or neither. The marks are the memory, so a second replay doubles nothing; and
of two replays at once the older is fenced by the broker. ``docs/registry.md`` tells the same to operators.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import structlog
from aiokafka.errors import IllegalOperation, KafkaError

from records.registry import Registry, SeriesRecord
from streams.clients import fenced_producer, lone_consumer
from streams.partitions import partitions_of
from streams.unregistered_series import registered_series
from topics.connection import KafkaConnection
from topics.dead_letter import REPLAYED_HEADER
from topics.errors import NotKept
from topics.reading import Reading

TOPIC = "unregistered"

#: The header of a mark: ``<partition>:<offset>,<offset>…`` of the records that have been played again.
MARK_HEADER = "replayed"

#: Of all replays only the newest may write.
TRANSACTIONAL_ID = "citybrain-unregistered-replay"

#: Readings of one transaction: a mark then stays far below the largest message.
CHUNK = 2_000

log = structlog.get_logger(__name__)


class Waiting(msgspec.Struct):
    """All unregistered readings of one site or device: how many wait, when they were taken (ms UTC), and why."""

    key: str
    reason: str
    count: int = 0
    replayed: int = 0
    first: int = 0
    last: int = 0
    series: set[str] = msgspec.field(default_factory=set)


@dataclass(slots=True)
class Replayed:
    """What a replay did: readings played again (by series), still unknown, doubled by a crash of the one
    who put them aside (same origin), no reading at all, and of a domain without a topic.
    """

    replayed: int = 0
    waiting: int = 0
    repeated: int = 0
    unreadable: int = 0
    no_topic: int = 0
    series: dict[str, int] = field(default_factory=dict)


async def waiting(connection: KafkaConnection, *, topic: str = TOPIC) -> list[Waiting]:
    """What stands on the topic, by site or device, the most numerous first."""
    marks = await _marks(connection, topic)
    groups: dict[str, Waiting] = {}
    async for record in _records(connection, topic):
        reading = _reading(record)
        if reading is None:
            continue
        key = (record.key or b"").decode("utf-8", "replace")
        group = groups.setdefault(key, Waiting(key, _header(record, "reason")))
        if (record.partition, record.offset) in marks:
            group.replayed += 1
            continue
        group.count += 1
        group.first = min(group.first or reading.time, reading.time)
        group.last = max(group.last, reading.time)
        if len(group.series) < 100:  # enough to recognise it by
            group.series.add(reading.series)
    return sorted(groups.values(), key=lambda group: (-group.count, group.key))


async def replay(
    connection: KafkaConnection, registry: Registry, *, topic: str = TOPIC, fence: str = TRANSACTIONAL_ID
) -> Replayed:
    """Play again all that the registry now knows.

    Raises ``NotKept`` if the broker did not take a transaction (what it took before stays replayed) or a
    newer replay has taken over.
    """
    report = Replayed()
    producer = fenced_producer(connection, fence)
    try:
        # Before reading: from here on no older replay can add a mark that we have not seen.
        await producer.start()
        topics = (await producer.client.fetch_all_metadata()).topics()
        chunk: list[_Replay] = []
        async for found in _replayable(connection, topic, registry, report):
            if f"readings.{found.known.site.domain}" not in topics:
                report.no_topic += 1
                continue
            chunk.append(found)
            if len(chunk) >= CHUNK:
                await _write(producer, topic, chunk, report)
                chunk = []
        if chunk:
            await _write(producer, topic, chunk, report)
    except (KafkaError, IllegalOperation) as error:  # the latter where a fenced client finds itself without transaction
        raise NotKept(f"replay: expected {connection.brokers} to take the readings, got: {error!r}") from error
    finally:
        await producer.stop()
    return report


@dataclass(slots=True)
class _Replay:
    record: Any
    known: SeriesRecord


async def _replayable(
    connection: KafkaConnection, topic: str, registry: Registry, report: Replayed
) -> AsyncIterator[_Replay]:
    marks = await _marks(connection, topic)
    origins: set[str] = set()
    async for record in _records(connection, topic):
        reading = _reading(record)
        if reading is None:
            report.unreadable += 1
            continue
        marked = (record.partition, record.offset) in marks
        known = None if marked else _known(reading, registry)
        if not marked and known is None:
            report.waiting += 1
            continue
        origin = "/".join(_header(record, name) for name in ("topic", "partition", "offset"))
        repeated = origin in origins
        if _header(record, "offset") not in ("", "-1"):
            origins.add(origin)
        if known is not None and repeated:
            report.repeated += 1
        elif known is not None:
            yield _Replay(record, known)


def _known(reading: Reading, registry: Registry) -> SeriesRecord | None:
    try:
        return registered_series(reading.series, registry, reading.time)
    except ValueError:
        return None


async def _write(producer: Any, topic: str, chunk: Sequence[_Replay], report: Replayed) -> None:
    """One transaction: the readings where they belong, and the marks."""
    async with producer.transaction():
        for each in chunk:
            record, known = each.record, each.known
            # Everything it said is kept, fields of newer senders too. It comes late by its nature, and
            # what comes late revises; it must not raise a live siren.
            message = msgspec.json.decode(record.value) | {"series": known.series, "backfill": True}
            sent = await producer.send(
                f"readings.{known.site.domain}",
                msgspec.json.encode(message),
                key=known.site.id.encode(),
                headers=[(REPLAYED_HEADER, f"{record.topic}/{record.partition}/{record.offset}".encode())],
            )
            sent.add_done_callback(_noticed)
        for partition in sorted({each.record.partition for each in chunk}):
            offsets = [str(each.record.offset) for each in chunk if each.record.partition == partition]
            mark = f"{partition}:{','.join(offsets)}"
            # A null value, so that nobody takes it for a reading; the client wants a key then.
            sent = await producer.send(topic, None, b"", partition, headers=[(MARK_HEADER, mark.encode())])
            sent.add_done_callback(_noticed)
    report.replayed += len(chunk)
    for each in chunk:
        report.series[each.known.series] = report.series.get(each.known.series, 0) + 1
    log.info("unregistered_replayed", readings=len(chunk))


def _noticed(sent: "asyncio.Future[Any]") -> None:
    """A send that failed makes the commit fail, which tells it; asyncio need not tell it again."""
    if not sent.cancelled():
        sent.exception()


async def _records(connection: KafkaConnection, topic: str, *, marks: bool = False) -> AsyncIterator[Any]:
    """The put-aside readings (or the marks) that stand on the topic now, in order; aborted writes are not seen."""
    consumer = lone_consumer(connection, committed_only=True)
    try:
        await consumer.start()
        places = await partitions_of(consumer, [topic], "unregistered")
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        await consumer.seek_to_beginning(*places)
        for place in places:
            while await consumer.position(place) < ends[place]:
                for record in (await consumer.getmany(place, timeout_ms=500)).get(place, ()):
                    if record.offset < ends[place] and (record.value is None) == marks:
                        yield record
    finally:
        await consumer.stop()


async def _marks(connection: KafkaConnection, topic: str) -> set[tuple[int, int]]:
    marks: set[tuple[int, int]] = set()
    async for record in _records(connection, topic, marks=True):
        partition, _, offsets = _header(record, MARK_HEADER).partition(":")
        if partition.isdecimal():
            marks.update((int(partition), int(offset)) for offset in offsets.split(",") if offset.isdecimal())
    return marks


def _reading(record: Any) -> Reading | None:
    try:
        return msgspec.json.decode(record.value, type=Reading)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _header(record: Any, name: str) -> str:
    headers: Iterable[tuple[str, bytes | None]] = record.headers
    return next(((value or b"").decode("utf-8", "replace") for key, value in headers if key == name), "")
