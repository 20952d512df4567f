"""The watch over boxes and tanks by their sensors: readings, yard events and city time in, findings out.

What is remembered of the sensors of a partition is kept on a compacted topic with the offset of the readings that it
reflects; the yard's events are kept for ever and read from their beginning at each start. Up to which city time all has
been told is noted with each commit: what is judged again up to there is judged in silence.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from aiokafka import TopicPartition

from records.box_terms import BoxTerms, box_terms
from streams.box_lanes import BoxEvents, BoxLane, BoxReadings, Heard
from streams.followers import Follower
from streams.judges.box_conditions import BoxJudge
from streams.judges.box_memory import Remembered, pack_remembered, read_remembered
from streams.keeper import CONFIG, Keeper
from streams.metrics import Metrics
from topics.connection import KafkaConnection
from topics.dead_letter import TOPIC as DEAD_LETTERS
from topics.dead_letter import DeadLetter, to_headers
from topics.domain import Domain, PublishedPack, from_published
from topics.errors import ConfigurationError
from topics.finding import Finding

STATE = "cargo-conditions-state"
#: How often, in wall time, what is remembered is kept.
SNAPSHOT_S = 10.0

#: A partition of a domain: its readings and its events are judged together.
Name = tuple[str, int]

log = structlog.get_logger(__name__)


class CargoConditionsKeeper(Keeper[Heard]):
    """Watches the boxes and tanks of every domain whose facts have ``box_conditions``. A pack published later holds
    from the next start.
    """

    name = "cargo-conditions"
    rules = ("box-",)

    def __init__(
        self, connection: KafkaConnection, *, group: str = "", prefix: str = "", snapshot_s: float = SNAPSHOT_S
    ) -> None:
        super().__init__(connection, group=group, prefix=prefix)
        self.metrics = Metrics()
        self.judges: dict[Name, BoxJudge] = {}
        #: City time up to which everything has been told.
        self.told: dict[Name, int] = {}
        self._snapshot_s = snapshot_s
        self._written = time.monotonic()
        self._all_kept = False
        self._kept: dict[str, Remembered] = {}
        self._packs: dict[str, tuple[Domain, BoxTerms]] = {}
        self._readings: dict[Name, BoxReadings] = {}
        self._snapshot_at: dict[Name, int] = {}
        self._follower = Follower(connection, {prefix + CONFIG: self._take_pack, prefix + STATE: self._take_state})

    async def learn(self) -> Iterable[str]:
        await self._follower.start()
        packs = [domain for domain, _ in self._packs.values()]
        topics = [domain.topic for domain in packs] + [domain.events_topic for domain in packs if domain.events]
        return [self.prefix + topic for topic in topics]

    def lane(self, place: TopicPartition, emit_from: int, beginning: int, partitions: Mapping[str, int]) -> BoxLane:
        topic = place.topic.removeprefix(self.prefix)
        domain, terms = next(each for each in self._packs.values() if topic in (each[0].topic, each[0].events_topic))
        name = domain.name, place.partition
        judge = self.judges.get(name)
        if judge is None:
            judge = self.judges[name] = BoxJudge(domain, terms, place.partition)
        if topic == domain.events_topic:
            return BoxEvents(name, judge, emit_from)
        kept = self._kept.get(self._key(name))
        if kept is None or kept.next_offset < beginning:  # the log has lost what lies between
            lane = BoxReadings(name, judge, emit_from)
        else:
            judge.recall(kept)
            lane = BoxReadings(name, judge, emit_from, kept.next_offset)
            self._snapshot_at[name] = kept.released
        self._readings[name] = lane
        return lane

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

    async def publish(self, said: Sequence[Heard]) -> None:
        found: list[Finding] = []
        for name in sorted({heard.judge for heard in said}):
            judge, told = self.judges[name], self.told.get(name, 0)
            fresh = [finding for when, finding in judge.advance() if when > told]
            self.told[name] = max(told, judge.released)
            self.metrics.count("citybrain_findings_total", len(fresh), domain=self.name)
            found += fresh
        await self.tell(found)
        for heard in said:
            self.metrics.count("citybrain_events_total", heard.messages, domain=self.name)
            for refused in heard.refused:
                await self._refuse(*refused)

    async def commit(self, reached: Mapping[TopicPartition, int]) -> None:
        """How far each partition is read, and in the note beside it up to when all has been told."""
        notes = {place: str(self.told.get(self._name(place), 0)) for place in reached}
        await self._consumer.commit({place: (offset, notes[place]) for place, offset in reached.items()})

    async def committed(self, place: TopicPartition) -> int:
        offsets = await self._consumer._coordinator.fetch_committed_offsets([place])  # its own answer lacks the note
        known = offsets.get(place)
        if known is None or known.offset < 0:
            return 0
        if known.metadata.isdecimal():
            name = self._name(place)
            self.told[name] = max(self.told.get(name, 0), int(known.metadata))
        return int(known.offset)

    async def snapshot(self) -> None:
        """Keep what is remembered of partitions that have moved on."""
        began = time.monotonic()
        # Before the events read anew have caught up with what is remembered there is nothing new to keep.
        moved = {
            name: lane
            for name, lane in self._readings.items()
            if self.judges[name].released > self._snapshot_at.get(name, 0)
        }
        if moved:
            records = [
                (self._key(name), pack_remembered(self.judges[name].memory(lane.next_offset)))
                for name, lane in moved.items()
            ]
            await self.keep(self.prefix + STATE, records)
            self.metrics.observe("citybrain_snapshot_seconds", time.monotonic() - began, domain=self.name)
        for name in moved:
            self._snapshot_at[name] = self.judges[name].released
        self._written = time.monotonic()

    async def forget(self) -> None:
        await self._follower.stop()

    async def _open(self, topics: Sequence[str]) -> None:
        await super()._open(topics)
        for place, lane in self.lanes.items():
            if lane.next_offset:
                self._consumer.seek(place, lane.next_offset)

    async def _refuse(self, record: Any, reason: str, detail: str) -> None:
        now = time.time_ns() // 1_000_000
        letter = DeadLetter(record.topic, record.partition, record.offset, reason, detail, self.name, now)
        topic = self.prefix + DEAD_LETTERS
        await self._producer.send_and_wait(topic, record.value, key=record.key, headers=to_headers(letter))
        self.metrics.count("citybrain_dead_letters_total", reason=reason)

    def _report(self) -> None:
        judges = self.judges.values()
        self.metrics.set("citybrain_boxes_watched", sum(each.watched for each in judges))
        self.metrics.set("citybrain_sensors_unassigned", sum(len(each.unassigned) for each in judges))
        self.metrics.count_to("citybrain_box_readings_late_total", sum(each.inbox.late for each in judges))

    def _name(self, place: TopicPartition) -> Name:
        topic = place.topic.removeprefix(self.prefix)
        domain = next(each for each, _ in self._packs.values() if topic in (each.topic, each.events_topic))
        return domain.name, place.partition

    def _key(self, name: Name) -> str:
        return f"{self.group}/{name[0]}/{name[1]}"

    def _take_pack(self, key: str, value: bytes | None) -> None:
        if self.lanes:
            return
        if not value:
            self._packs.pop(key.removeprefix("domain/"), None)
            return
        domain = from_published(msgspec.json.decode(value, type=PublishedPack))
        try:
            terms = box_terms(domain)
        except ConfigurationError as error:
            log.error("box_terms_refused", error=str(error))
            terms = None
        if terms is None:
            self._packs.pop(domain.name, None)
        else:
            self._packs[domain.name] = domain, terms

    def _take_state(self, key: str, value: bytes | None) -> None:
        """Only what lies there at the start counts; what this process writes is not read again."""
        if self.lanes or not key.startswith(f"{self.group}/"):
            return
        kept = read_remembered(value) if value else None
        if kept is None:
            self._kept.pop(key, None)
        else:
            self._kept[key] = kept
