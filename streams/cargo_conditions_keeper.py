"""The watch over boxes and tanks by their sensors: readings, yard events and city time in, findings out.

What is remembered of the sensors of a partition is kept on a compacted topic with the offset of the readings that it
reflects; the yard's events are kept for ever and read from their beginning at each start. Up to which city time all has
been told is noted with each commit: what is judged again up to there is judged in silence.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import structlog
from aiokafka import TopicPartition

from records.box_terms import BoxTerms, box_terms
from streams.box_lanes import BoxEvents, BoxLane, BoxReadings, Heard
from streams.judges.box_conditions import BoxJudge
from streams.judges.box_memory import Remembered, pack_remembered, read_remembered
from streams.remembering_keeper import SNAPSHOT_S, RememberingKeeper
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.finding import Finding
from topics.published_pack import PublishedPack, from_published

#: A partition of a domain: its readings and its events are judged together.
Name = tuple[str, int]

log = structlog.get_logger(__name__)


class CargoConditionsKeeper(RememberingKeeper[Heard, Remembered, Name]):
    """Watches the boxes and tanks of every domain whose facts have ``box_conditions``. A pack published later holds
    from the next start.
    """

    name = "cargo-conditions"
    rules = ("box-",)
    state = "cargo-conditions-state"

    def __init__(
        self, connection: KafkaConnection, *, group: str = "", prefix: str = "", snapshot_s: float = SNAPSHOT_S
    ) -> None:
        super().__init__(connection, group=group, prefix=prefix, snapshot_s=snapshot_s)
        self.judges: dict[Name, BoxJudge] = {}
        #: City time up to which everything has been told.
        self.told: dict[Name, int] = {}
        self._packs: dict[str, tuple[Domain, BoxTerms]] = {}
        self._readings: dict[Name, BoxReadings] = {}
        self._snapshot_at: dict[Name, int] = {}

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
        kept = self.kept.get(self._key(name))
        if kept is None or kept.next_offset < beginning:  # the log has lost what lies between
            lane = BoxReadings(name, judge, emit_from)
        else:
            judge.recall(kept)
            lane = BoxReadings(name, judge, emit_from, kept.next_offset)
            self._snapshot_at[name] = kept.released
        self._readings[name] = lane
        return lane

    def read_memory(self, value: bytes) -> Remembered | None:
        return read_remembered(value)

    def moved(self) -> Sequence[Name]:
        # Before the events read anew have caught up with what is remembered there is nothing new to keep.
        return [name for name in self._readings if self.judges[name].released > self._snapshot_at.get(name, 0)]

    def memory(self, part: Name) -> tuple[str, bytes]:
        return self._key(part), pack_remembered(self.judges[part].memory(self._readings[part].next_offset))

    def mark(self, part: Name) -> None:
        self._snapshot_at[part] = self.judges[part].released

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
            await self.refuse(heard.refused)

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

    def report(self) -> None:
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
