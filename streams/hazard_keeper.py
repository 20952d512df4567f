"""The watch over units of major hazard sources: readings and city time in, findings of `streams/judges/units.py` out.

Its state is what the topics hold: on a start the readings are judged again in silence up to what was committed, so
findings keep their ids. Offsets are committed after the findings, so a crash repeats and never loses.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.clients import sure_producer
from streams.followers import Follower
from streams.judges.unit_facts import hazard_facts
from streams.judges.units import UnitsJudge
from streams.partitions import partitions_of
from topics.codec import decode_fetch, encode
from topics.connection import KafkaConnection
from topics.domain import Domain, PublishedPack, from_published
from topics.finding import Finding

GROUP = "citybrain-hazard"
CONFIG = "config"
TICK = "~tick"

log = structlog.get_logger(__name__)


class HazardLane:
    """One partition: its judge, and how far it has come. What lies below ``emit_from`` is judged in silence."""

    def __init__(self, judge: UnitsJudge, emit_from: int) -> None:
        self.judge = judge
        self.emit_from = emit_from
        self.next_offset = 0

    def take(self, records: Sequence[Any]) -> list[Finding]:
        """Judge records in log order; what is no reading is left to the worker, which keeps it."""
        fetch = decode_fetch([record.value for record in records])
        controls = dict(fetch.controls)
        found: list[Finding] = []
        for place, (index, row) in enumerate(zip(fetch.index, fetch.rows, strict=True)):
            record = records[index]
            control = controls.get(place)
            if control is None:
                said = self.judge.apply(row, record.offset, record.timestamp)
            else:
                said = self.judge.tick(control.time, record.offset, record.timestamp) if control.series == TICK else []
            if record.offset >= self.emit_from:
                found += said
        self.next_offset = records[-1].offset + 1
        return found


class HazardKeeper:
    """Watches every domain on the config topic whose facts have units. One such process runs in a city.

    A pack that is published later holds from the next start. ``prefix`` stands before the names of its topics.
    """

    def __init__(self, connection: KafkaConnection, *, group: str = GROUP, prefix: str = "") -> None:
        self.connection = connection
        self.group = group
        self.prefix = prefix
        self.lanes: dict[TopicPartition, HazardLane] = {}
        self._packs: dict[str, Domain] = {}
        self._follower = Follower(connection, {prefix + CONFIG: self._take_pack})
        self._consumer: Any = None
        self._producer: Any = None

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Watch until the task is cancelled; ``ready`` is called once it reads. Raises ``PartMissing``."""
        try:
            await self.start()
            ready()
            while True:
                await self.step()
        finally:
            await self.stop()

    async def start(self) -> None:
        """Go to where the readings begin; without any unit there is nothing to read, and it waits."""
        await self._follower.start()
        self._producer = sure_producer(self.connection)
        await self._producer.start()
        self._consumer = AIOKafkaConsumer(
            **self.connection.for_aiokafka(),
            group_id=self.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=4 * 1_048_576,
        )
        await self._consumer.start()
        await self._open({self.prefix + pack.topic: pack for pack in self._packs.values() if _has_units(pack)})

    async def step(self) -> None:
        """Take one fetch of each partition and publish what comes of it."""
        if not self.lanes:
            await asyncio.sleep(0.5)
            return
        try:
            fetched = await self._consumer.getmany(timeout_ms=200, max_records=20_000)
        except KafkaError as error:  # the client goes on by itself once the broker is back
            log.warning("hazard_waits", error=str(error))
            await asyncio.sleep(1)
            return
        await self._judge({place: records for place, records in fetched.items() if records})

    async def stop(self) -> None:
        """Let go of everything; may be called twice."""
        for each in (self._consumer, self._producer):
            if each is not None:
                await each.stop()
        self._consumer = self._producer = None
        await self._follower.stop()

    async def _judge(self, fetched: Mapping[TopicPartition, Sequence[Any]]) -> None:
        sent = []
        for place, records in fetched.items():
            for finding in self.lanes[place].take(records):
                key = finding.alarm_key.encode()
                sent.append(await self._producer.send(f"{self.prefix}findings", encode(finding), key=key))
        for answer in sent:
            await answer
        reached = {
            place: self.lanes[place].next_offset
            for place in fetched
            if self.lanes[place].next_offset > self.lanes[place].emit_from
        }
        if reached:
            await self._consumer.commit(reached)

    async def _open(self, packs: Mapping[str, Domain]) -> None:
        places = await partitions_of(self._consumer, packs, "hazard") if packs else []
        self._consumer.assign(places)
        for place in places:
            pack = packs[place.topic]
            facts = hazard_facts(pack)
            assert facts is not None
            committed = await self._consumer.committed(place) or 0
            self.lanes[place] = HazardLane(UnitsJudge(pack, facts, place.partition), committed)
        if places:
            await self._consumer.seek_to_beginning(*places)

    def _take_pack(self, key: str, value: bytes | None) -> None:
        if value:
            pack = from_published(msgspec.json.decode(value, type=PublishedPack))
            self._packs[pack.name] = pack


def _has_units(pack: Domain) -> bool:
    facts = hazard_facts(pack)
    return facts is not None and bool(facts.units)
