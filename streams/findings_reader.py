"""Reads what the alert server lives on: findings into the store, pulses and ticks onto the wall.

Findings are read on from the offset that the store itself keeps, which moves in the transaction of what
the findings caused and never passes one that is not stored: a crash skips nothing, and repeats only what was
taken ahead of its place because it was urgent, which the store knows by its id. What waits is read ahead, so that
the worst of it can be taken first (alerts/flood/lanes.py).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from alerts.flood.lanes import Batch, Lanes
from alerts.intake import Arrived, Intake, Taken, read_finding
from alerts.wall import Wall
from streams.clients import lone_consumer
from streams.partitions import partitions_of
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.finding import Finding
from topics.pulse import Pulse
from topics.reading import Control

log = structlog.get_logger(__name__)

FINDINGS = "findings"
PULSE = "pulse"
CITY_TIME = "city-time"

#: Records of one fetch, and how many wait at most in memory before no more are fetched.
FETCH = 1_000
MOST_AHEAD = 20_000
POLL_MS = 200
RETRY_S = 1.0

#: Keeps a record that is no finding: the record, the reason and its detail.
Refuse = Callable[[Any, str, str], Awaitable[None]]


class FindingsReader:
    """One consumer of findings, pulses and city time. ``on_taken`` is told of each batch in the event loop;
    ``refuse`` keeps what is no finding and returns once it is kept; ``urgent`` says which findings keep their own
    lane; ``on_unexpected`` is told of findings whose storing failed in a way nobody foresaw; ``prefix`` stands
    before the names of the topics.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        intake: Intake,
        wall: Wall,
        *,
        on_taken: Callable[[Taken], None],
        refuse: Refuse,
        urgent: Callable[[Finding], bool] = lambda _: False,
        on_unexpected: Callable[[], None] = lambda: None,
        prefix: str = "",
    ) -> None:
        self._intake = intake
        self._wall = wall
        self._on_taken = on_taken
        self._refuse = refuse
        self._on_unexpected = on_unexpected
        self._findings, self._pulse, self._city_time = (prefix + name for name in (FINDINGS, PULSE, CITY_TIME))
        self._connection = connection
        self._consumer: Any = None
        self._lanes = Lanes(urgent)
        self._behind = 0

    def behind(self) -> int:
        """How many records of the findings topic, as far as the broker has said, are not in the store yet."""
        return self._behind

    async def start(self) -> None:
        """Connect and find the places to read on from. Raises ``PartMissing`` where a topic is not declared."""
        self._consumer = lone_consumer(self._connection, committed_only=True)
        await self._consumer.start()
        places = await partitions_of(self._consumer, [self._findings, self._pulse, self._city_time], "server")
        self._consumer.assign(places)
        ends = await self._consumer.end_offsets(places)
        stored = await asyncio.to_thread(self._intake.offsets.all)
        for place in places:
            end = ends[place]
            if place.topic == self._pulse:
                self._consumer.seek(place, end)
            elif place.topic == self._city_time:
                self._consumer.seek(place, max(0, end - 1))
            else:
                await self._seek_finding(place, stored.get((place.topic, place.partition), 0), end)

    async def stop(self) -> None:
        """Leave the topics; what is stored stays read."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def run(self) -> None:
        """Read until cancelled. While the broker is away the client itself waits for it."""
        while True:
            self._hold_back()
            try:
                wait_ms = 0 if len(self._lanes) else POLL_MS
                fetched = await self._consumer.getmany(timeout_ms=wait_ms, max_records=FETCH)
            except KafkaError as error:
                log.warning("findings_wait", error=str(error))
                await asyncio.sleep(RETRY_S)
                continue
            await self.take(fetched)
            if (batch := self._lanes.next()) is not None:
                await self._take(batch)
            await self._look_ahead()

    async def take(self, fetched: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """Take in one fetch: pulses and ticks at once, findings into their lanes."""
        for place, records in fetched.items():
            if place.topic == self._pulse:
                self._each(records, Pulse, self._wall.hear)
            elif place.topic == self._city_time:
                self._each(records, Control, lambda control: self._wall.tick(control.time))
            else:
                for record in records:
                    await self._read(record)

    def _hold_back(self) -> None:
        """Fetch no more findings while too many wait; pulses and ticks come on."""
        places = [place for place in self._consumer.assignment() if place.topic == self._findings]
        if len(self._lanes) >= MOST_AHEAD:
            self._consumer.pause(*places)
        else:
            self._consumer.resume(*places)

    async def _look_ahead(self) -> None:
        places = [place for place in self._consumer.assignment() if place.topic == self._findings]
        ends = {place: self._consumer.highwater(place) or 0 for place in places}
        unread = sum([max(0, end - await self._consumer.position(place)) for place, end in ends.items()])
        self._behind = unread + len(self._lanes)

    async def _seek_finding(self, place: TopicPartition, offset: int, end: int) -> None:
        if offset > end:
            # The topic was made anew; reading on from the old place would skip what is in it.
            log.warning("findings_topic_is_new", partition=place.partition, stored=offset, end=end)
            await asyncio.to_thread(self._intake.offsets.forget, place.topic, place.partition)
            offset = 0
        self._consumer.seek(place, offset)

    async def _read(self, record: Any) -> None:
        try:
            finding = read_finding(record.value or b"")
        except ValueError as error:
            log.warning("finding_refused", partition=record.partition, offset=record.offset, error=str(error))
            await self._refuse(record, "schema_mismatch", str(error))
            self._lanes.refuse((record.topic, record.partition), record.offset)
        else:
            self._lanes.put(Arrived(finding, record.topic, record.partition, record.offset))

    async def _take(self, batch: Batch) -> None:
        began = time.monotonic()
        try:
            taken = await self._store(batch.findings, self._lanes.offsets(), batch.refused)
        except Exception:  # the edge: one finding nobody foresaw must not hold back all others
            log.exception("findings_batch_failed", findings=len(batch.findings))
            await self._one_by_one(batch)
        else:
            self._lanes.took(batch, round(1000 * (time.monotonic() - began)))
            self._on_taken(taken)

    async def _one_by_one(self, batch: Batch) -> None:
        refused = batch.refused
        for arrived in batch.findings:
            try:
                self._on_taken(await self._store([arrived], {}, 0))
            except Exception as error:  # the edge: kept as a dead letter, counted, and the next one is taken
                self._on_unexpected()
                log.exception("finding_failed", partition=arrived.partition, offset=arrived.offset)
                await self._refuse(_record(arrived), "event_refused", f"{type(error).__name__}: {error}")
                refused += 1
        self._on_taken(await self._store([], self._lanes.offsets(), refused))

    async def _store(self, batch: Sequence[Arrived], offsets: Mapping[tuple[str, int], int], refused: int) -> Taken:
        """A store that does not answer is waited for; the batch is not lost meanwhile."""
        while True:
            try:
                return await asyncio.to_thread(self._intake.take, batch, offsets, refused=refused)
            except sa.exc.OperationalError as error:
                log.error("store_waits", error=str(error.orig))
                await asyncio.sleep(RETRY_S)

    def _each(self, records: Sequence[Any], kind: Any, use: Callable[[Any], None]) -> None:
        for record in records:
            try:
                use(msgspec.json.decode(record.value or b"", type=kind))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                log.warning("record_refused", topic=record.topic, offset=record.offset, error=str(error))


class _Record(msgspec.Struct, frozen=True):
    """A finding as a record of its topic again, for the dead letters."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes


def _record(arrived: Arrived) -> _Record:
    finding = arrived.finding
    return _Record(arrived.topic, arrived.partition, arrived.offset, finding.alarm_key.encode(), encode(finding))
