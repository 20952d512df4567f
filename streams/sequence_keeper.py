"""The watch over sequences of events: readings, findings and what is done to alarms in, findings of sequences out.

It reads what either engine has said from the topics, so it is the same beside both (docs/decisions/0025). What it has
said itself it reads back at a start: nothing is said twice, and what stands open goes on.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from aiokafka import TopicPartition

from streams.clients import lone_consumer
from streams.followers import Follower
from streams.judges.sequences import SequenceWatch, watches_of, withdrawn
from streams.judges_progress import JudgesProgress
from streams.keeper import CONFIG, Keeper
from streams.metrics import Metrics
from streams.partitions import partitions_of
from streams.sequence_lanes import ClockLane, Heard, ReadingsLane, SequenceLane, alarms_lane, findings_lane
from topics.alarm_event import TOPIC as ALARM_EVENTS
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.event_sequence import SEQUENCE
from topics.finding import Finding
from topics.published_pack import PublishedPack, from_published

FINDINGS, CITY_TIME = "findings", "city-time"

#: Gauges walk through all that is known, so they are set this seldom (wall time).
COUNT_EVERY_S = 1.0

#: What every message of ours on the findings topic has in it; others are not decoded.
OURS = b'"sequence:'


class SequenceKeeper(Keeper[list[Heard]]):
    """Watches the sequences of every domain on the config topic. One such process runs in a city.

    A pack that is published later holds from the next start. ``judges``: by consumer group those beside the worker;
    a sequence over what one of them finds waits until it has judged.
    """

    name = "sequences"
    rules = ("sequence:",)

    def __init__(
        self,
        connection: KafkaConnection,
        *,
        group: str = "",
        prefix: str = "",
        judges: Mapping[str, type[Keeper[Any]]] | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        super().__init__(connection, group=group, prefix=prefix)
        self.judges = judges or {}
        self.metrics = metrics if metrics is not None else Metrics()
        self.watches: dict[str, list[SequenceWatch]] = {}
        self._progress: dict[SequenceWatch, JudgesProgress] = {}
        self._packs: dict[str, Domain] = {}
        self._follower = Follower(connection, {prefix + CONFIG: self._take_pack})
        self._told: set[tuple[str, int]] = set()
        self._ends: dict[TopicPartition, int] = {}
        self._owed: list[Finding] = []
        self._counted_at = 0.0

    async def learn(self) -> Iterable[str]:
        await self._follower.start()
        self.watches = {pack.name: watches_of(pack) for pack in self._packs.values() if pack.sequences}
        if not self.watches:
            return []
        await self._recall()
        readings = [pack.topic for pack in self._packs.values() if _quantities(pack)]
        clock = [] if len(readings) == len(self.watches) else [CITY_TIME]
        return [self.prefix + topic for topic in (*readings, *clock, FINDINGS, ALARM_EVENTS)]

    def begin(self, committed: int, beginning: int) -> int:
        return max(committed, beginning)

    def lane(
        self, place: TopicPartition, emit_from: int, beginning: int, partitions: Mapping[str, int]
    ) -> SequenceLane:
        topic = place.topic.removeprefix(self.prefix)
        if topic == FINDINGS:
            return findings_lane(emit_from)
        if topic == ALARM_EVENTS:
            return alarms_lane(emit_from)
        if topic == CITY_TIME:
            return ClockLane(emit_from)
        pack = next(each for each in self._packs.values() if each.topic == topic)
        return ReadingsLane(emit_from, pack.name, _quantities(pack))

    async def start(self) -> None:
        """As every keeper; then what there was at the start must be read before city time goes on."""
        await super().start()
        if self.lanes:
            self._ends = await self._consumer.end_offsets(list(self.lanes))
            for domain, watches in self.watches.items():
                for watch in watches:
                    await self._follow_judges(watch, self._packs[domain])

    async def publish(self, said: Sequence[list[Heard]]) -> None:
        found, self._owed = self._owed, []
        for domain, happening in (each for heard in said for each in heard):
            for watch in self.watches.get(domain, ()):
                if watch.concerns(happening):
                    found += watch.hear(happening)
        if await self._words_are_read():
            found += await self._advance()
        fresh = [each for each in found if (each.id, each.seq) not in self._told]
        if fresh:
            await self.tell(fresh)
        self._told.update((each.id, each.seq) for each in fresh)
        self._mark()
        self._count(len(fresh))

    async def forget(self) -> None:
        for progress in self._progress.values():
            await progress.stop()
        self._progress = {}
        await self._follower.stop()

    async def commit(self, reached: Mapping[TopicPartition, int]) -> None:
        """How far each partition is read, and in the note beside it from where it must be read again."""
        lanes = dict(self.sequence_lanes())
        await self._consumer.commit({place: (end, str(lanes[place].resume)) for place, end in reached.items()})

    async def committed(self, place: TopicPartition) -> int:
        notes = await self._consumer._coordinator.fetch_committed_offsets([place])  # its own answer leaves out the note
        note = notes[place].metadata if place in notes else ""
        return int(note) if note.isdecimal() else 0

    def clock(self, domain: str) -> int | None:
        """City time as all partitions that bring it to a domain have reached it, ``None`` where one has not begun."""
        pack = self._packs[domain]
        topic = self.prefix + (pack.topic if _quantities(pack) else CITY_TIME)
        clocks = [lane.clock for place, lane in self.sequence_lanes() if place.topic == topic]
        known = [each for each in clocks if each is not None]
        return min(known) if known and len(known) == len(clocks) else None

    async def _advance(self) -> list[Finding]:
        found: list[Finding] = []
        for domain, watches in self.watches.items():
            clock = self.clock(domain)
            for watch in watches if clock is not None else ():
                progress = self._progress.get(watch)
                found += watch.advance(clock or 0 if progress is None else await progress.reached(clock or 0))
        return found

    async def _follow_judges(self, watch: SequenceWatch, pack: Domain) -> None:
        """Follow the judges whose findings are steps of this sequence; the worker's are waited for by ``late_s``."""
        names = [each.finding for each in (*watch.sequence.steps, *watch.sequence.absent) if each.finding]
        judged = {}
        for group, judge in self.judges.items():
            if judge is not type(self) and any(name.startswith(judge.rules) for name in names):
                topics = [self.prefix + topic for topic in judge.judged(pack)]
                judged[group] = await partitions_of(self._consumer, topics, self.name)
        if judged:
            words = [place for place, lane in self.sequence_lanes() if not lane.ticks]
            consumer = self._consumer
            progress = JudgesProgress(self.connection, judged, consumer.end_offsets, words, consumer.position)
            self._progress[watch] = progress
            await progress.start()

    async def _words_are_read(self) -> bool:
        """Whether all findings and events of alarms that are there have been read. While they have not, city time
        waits: over a backlog the readings would otherwise run ahead of what was said of them."""
        for place, lane in self.sequence_lanes():
            if not lane.ticks:
                end = max(self._ends.get(place, 0), self._consumer.highwater(place) or 0)
                if await self._consumer.position(place) < end:
                    return False
        return True

    def _mark(self) -> None:
        """Note from where each partition must be read again after a restart."""
        watches = [watch for each in self.watches.values() for watch in each]
        reached = min((watch.reorder.reached for watch in watches), default=0)
        horizon = max((watch.sequence.horizon_ms for watch in watches), default=0)
        for _, lane in self.sequence_lanes():
            if not lane.ticks and reached:
                lane.mark(reached, lane.next_offset)
            lane.forget(reached - horizon)

    def _count(self, said: int) -> None:
        self.metrics.count("citybrain_sequence_findings_total", said)
        now = time.monotonic()
        if now - self._counted_at < COUNT_EVERY_S:
            return
        self._counted_at = now
        for domain, watches in self.watches.items():
            for watch in watches:
                labels = {"domain": domain, "sequence": watch.name}
                self.metrics.count_to("citybrain_sequence_late_total", watch.late, **labels)
                self.metrics.set("citybrain_sequence_open", watch.matcher.open, **labels)
                self.metrics.set("citybrain_sequence_partial", watch.matcher.partial, **labels)
                self.metrics.set("citybrain_sequence_waiting", len(watch.reorder), **labels)

    def sequence_lanes(self) -> list[tuple[TopicPartition, SequenceLane]]:
        """The partitions that are read."""
        return [(place, lane) for place, lane in self.lanes.items() if isinstance(lane, SequenceLane)]

    async def _recall(self) -> None:
        """Read back what was said before."""
        said: dict[tuple[str, str], list[Finding]] = {}
        for finding in await self._past():
            if (finding.id, finding.seq) not in self._told:
                self._told.add((finding.id, finding.seq))
                said.setdefault((finding.domain, finding.detector), []).append(finding)
        for (domain, detector), findings in said.items():
            watch = next((each for each in self.watches.get(domain, ()) if each.detector == detector), None)
            if watch is not None:
                self._owed += watch.recall(findings)
            else:
                newest = {each.id: each for each in findings}
                self._owed += [close for each in newest.values() for close in withdrawn(each)]

    async def _past(self) -> list[Finding]:
        consumer = lone_consumer(self.connection, committed_only=True)
        await consumer.start()
        try:
            places = await partitions_of(consumer, [self.prefix + FINDINGS], self.name)
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            found: list[Finding] = []
            while [each for each in places if await consumer.position(each) < ends[each]]:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += [each for record in records if (each := _ours(record)) is not None]
            return found
        finally:
            await consumer.stop()

    def _take_pack(self, key: str, value: bytes | None) -> None:
        if value:
            pack = from_published(msgspec.json.decode(value, type=PublishedPack))
            self._packs[pack.name] = pack


def _quantities(pack: Domain) -> frozenset[str]:
    """Those that sequences of the pack look at."""
    patterns = [each for sequence in pack.sequences.values() for each in (*sequence.steps, *sequence.absent)]
    return frozenset(each.reading for each in patterns if each.reading)


def _ours(record: Any) -> Finding | None:
    if OURS not in (record.value or b""):
        return None
    try:
        finding = msgspec.json.decode(record.value, type=Finding)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return finding if finding.family == SEQUENCE else None
