"""The watch over carriers: positions, waybills, permits and city time in, findings out.

A month of positions is too much to judge again at each start, so what is remembered of a partition is kept on a
compacted topic with the offset it reflects. It is written after what was said up to there is kept, and read before
anything is judged: a crash judges again from the last snapshot, in silence up to what was committed.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from aiokafka import TopicPartition

from records.carriage.permits import PermitBook
from records.carriage.terms import CarriageFacts, carriage_facts
from streams.carriage_lane import CarriageLane, Heard
from streams.followers import Follower
from streams.judges.carriage_memory import Snapshot, pack_snapshot, read_snapshot
from streams.keeper import CONFIG, Keeper
from streams.metrics import Metrics
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.dead_letter import DeadLetter, to_headers
from topics.domain import Domain, PublishedPack, from_published
from topics.errors import ConfigurationError
from topics.positions import PERMITS, TOPIC, Permit

STATE = "positions-state"
#: How often, in wall time, what is remembered is kept.
SNAPSHOT_S = 10.0

log = structlog.get_logger(__name__)


class CarriageKeeper(Keeper[Heard]):
    """Watches the carriers of every domain whose facts speak of carriage. A pack published later holds from the next
    start; permits hold as soon as they are on their topic.
    """

    name = "carriage"
    rules = ("carriage-",)

    @classmethod
    def judged(cls, pack: Domain) -> Sequence[str]:
        return [TOPIC]

    def __init__(
        self, connection: KafkaConnection, *, group: str = "", prefix: str = "", snapshot_s: float = SNAPSHOT_S
    ) -> None:
        super().__init__(connection, group=group, prefix=prefix)
        self.metrics = Metrics()
        self.permits = PermitBook()
        self._snapshot_s = snapshot_s
        self._written = time.monotonic()
        self._all_kept = False
        self._packs: dict[str, Domain] = {}
        self._kept: dict[str, Snapshot] = {}
        takers = {CONFIG: self._take_pack, PERMITS: self._take_permit, STATE: self._take_state}
        self._follower = Follower(connection, {prefix + name: taker for name, taker in takers.items()})

    async def learn(self) -> Iterable[str]:
        await self._follower.start()
        return [self.prefix + TOPIC] if any(_facts(each) for each in self._packs.values()) else []

    def lane(
        self, place: TopicPartition, emit_from: int, beginning: int, partitions: Mapping[str, int]
    ) -> CarriageLane:
        from streams.judges.carriage import CarriageJudge  # the geometry: only the process that judges loads it

        judges = {
            name: CarriageJudge(name, facts, place.partition, self.permits)
            for name, pack in self._packs.items()
            if (facts := _facts(pack)) is not None
        }
        kept = self._kept.get(f"{self.group}/{place.partition}")
        if kept is not None and kept.next_offset < beginning:
            kept = None  # the log has lost what lies between
        return CarriageLane(judges, place.partition, partitions[place.topic], emit_from, kept)

    async def step(self) -> None:
        self._all_kept = False
        await super().step()
        self._all_kept = True
        self._report()
        if time.monotonic() - self._written >= self._snapshot_s:
            await self.snapshot()

    async def stop(self) -> None:
        if self._producer is not None and self._all_kept:  # never beyond what has been told
            await self.snapshot()
        await super().stop()

    async def snapshot(self) -> None:
        """Keep what is remembered of partitions that have moved on."""
        began = time.monotonic()
        moved = [lane for lane in self._carriage_lanes() if lane.next_offset > lane.kept_offset]
        records = [(f"{self.group}/{lane.partition}", pack_snapshot(lane.snapshot())) for lane in moved]
        if records:
            await self.keep(self.prefix + STATE, records)
            self.metrics.observe("citybrain_snapshot_seconds", time.monotonic() - began, domain=self.name)
        for lane in moved:
            lane.kept_offset = lane.next_offset
        self._written = time.monotonic()

    async def publish(self, said: Sequence[Heard]) -> None:
        for heard in said:
            await self.tell(heard.findings)
            for refused in heard.refused:
                await self._refuse(*refused)
            self.metrics.count("citybrain_events_total", heard.messages, domain=self.name)
            self.metrics.count("citybrain_findings_total", len(heard.findings), domain=self.name)

    async def _refuse(self, record: Any, reason: str, detail: str) -> None:
        now = time.time_ns() // 1_000_000
        letter = DeadLetter(record.topic, record.partition, record.offset, reason, detail, self.name, now)
        topic = self.prefix + DEAD_LETTERS
        await self._producer.send_and_wait(topic, record.value, key=record.key, headers=to_headers(letter))
        self.metrics.count("citybrain_dead_letters_total", reason=reason)

    async def forget(self) -> None:
        await self._follower.stop()

    async def _open(self, topics: Sequence[str]) -> None:
        await super()._open(topics)
        for lane, place in ((lane, place) for place, lane in self.lanes.items()):
            if isinstance(lane, CarriageLane) and lane.next_offset:
                self._consumer.seek(place, lane.next_offset)

    def _carriage_lanes(self) -> list[CarriageLane]:
        return [lane for lane in self.lanes.values() if isinstance(lane, CarriageLane)]

    def _report(self) -> None:
        judges = [judge for lane in self._carriage_lanes() for judge in lane.judges.values()]
        self.metrics.set("citybrain_trips_under_way", sum(each.under_way for each in judges))
        self.metrics.count_to("citybrain_late_positions_total", sum(each.late for each in judges))

    def _take_pack(self, key: str, value: bytes | None) -> None:
        if not value:
            self._packs.pop(key.removeprefix("domain/"), None)
            return
        pack = from_published(msgspec.json.decode(value, type=PublishedPack))
        self._packs[pack.name] = pack

    def _take_permit(self, key: str, value: bytes | None) -> None:
        if value:
            self.permits.put(msgspec.json.decode(value, type=Permit))
        else:
            self.permits.drop(key)
        for lane in self._carriage_lanes():
            for judge in lane.judges.values():
                judge.renewed()

    def _take_state(self, key: str, value: bytes | None) -> None:
        """Only what lies there at the start counts; what this process writes is not read again."""
        if self.lanes or not key.startswith(f"{self.group}/"):
            return
        kept = read_snapshot(value) if value else None
        if kept is None:
            self._kept.pop(key, None)
        else:
            self._kept[key] = kept


def _facts(pack: Domain) -> CarriageFacts | None:
    try:
        return carriage_facts(pack)
    except ConfigurationError as error:
        log.error("carriage_facts_refused", error=str(error))
        return None
