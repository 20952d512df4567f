"""The judge: readings, marks and city time in, versions of judgements and findings of exceedances out.

Its state is what the topics hold: readings as far back as they are kept, judgements in their newest version, marks.
On a start the readings are taken again in silence up to what was committed. Findings are published before the
version they speak of, and offsets are committed after both, so a crash repeats and never loses.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from detectors.rules.judgement.book import Book
from detectors.rules.judgement.findings import Exceedances
from detectors.rules.judgement.rules import JudgementRules, has_rules, rules_of
from streams.clients import sure_producer
from streams.followers import Follower
from streams.judgement_lane import JudgementLane, Told
from streams.partitions import partitions_of
from streams.registry_feed import REGISTRY_TOPIC, RegistryFeed
from topics.codec import encode, partition_of
from topics.connection import KafkaConnection
from topics.domain import Domain, PublishedPack, from_published
from topics.errors import PartMissing
from topics.finding import Text
from topics.judgement import TOPIC as JUDGEMENTS
from topics.judgement import Judgement
from topics.mark import TOPIC as MARKS
from topics.mark import Mark

GROUP = "citybrain-judge"
CONFIG = "config"

log = structlog.get_logger(__name__)


class JudgementKeeper:
    """Judges every domain on the config topic whose facts hold formal limits. One such process runs in a city.

    ``prefix`` stands before the names of its topics (tests have topics of their own).
    """

    def __init__(self, connection: KafkaConnection, *, group: str = GROUP, prefix: str = "") -> None:
        self.connection = connection
        self.group = group
        self.prefix = prefix
        self.lanes: dict[TopicPartition, JudgementLane] = {}
        self.published = 0
        self._feed = RegistryFeed(connection, topic=prefix + REGISTRY_TOPIC)
        self._known: dict[str, Judgement] = {}
        self._marks: list[Mark] = []
        self._packs: dict[str, Domain] = {}
        self._restoring = True
        self._past = Follower(connection, {prefix + JUDGEMENTS: self._take_judgement})
        self._follower = Follower(connection, {prefix + CONFIG: self._take_pack, prefix + MARKS: self._take_mark})
        self._consumer: Any = None
        self._producer: Any = None

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Judge until the task is cancelled; ``ready`` is called once it reads."""
        try:
            await self.start()
            ready()
            while True:
                await self.step()
        finally:
            await self.stop()

    async def start(self) -> None:
        """Read what is known, then go to where the readings begin. Raises ``PartMissing`` for a missing topic."""
        await self._feed.start()
        await self._past.start()
        await self._past.stop()
        await self._follower.start()
        judged = [pack for pack in self._packs.values() if has_rules(pack)]
        if not judged:
            raise PartMissing(f"judge: expected a pack with formal limits on {CONFIG}, got {sorted(self._packs)}")
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
        await self._open({self.prefix + pack.topic: pack for pack in judged})
        self._restoring = False

    async def step(self) -> None:
        """Take one fetch of each partition and publish what comes of it."""
        try:
            fetched = await self._consumer.getmany(timeout_ms=200, max_records=20_000)
        except KafkaError as error:  # the client goes on by itself once the broker is back
            log.warning("judge_waits", error=str(error))
            await asyncio.sleep(1)
            return
        told = [self.lanes[place].take(records) for place, records in fetched.items() if records]
        await self._publish(told)
        reached = {
            place: self.lanes[place].next_offset
            for place, records in fetched.items()
            if records and self.lanes[place].next_offset > self.lanes[place].emit_from
        }
        if reached:
            await self._consumer.commit(reached)

    async def stop(self) -> None:
        """Let go of everything; may be called twice."""
        for each in (self._consumer, self._producer):
            if each is not None:
                await each.stop()
        self._consumer = self._producer = None
        await self._follower.stop()
        await self._feed.stop()

    async def _open(self, packs: Mapping[str, Domain]) -> None:
        places = await partitions_of(self._consumer, packs, "judge")
        counts = {topic: sum(place.topic == topic for place in places) for topic in packs}
        self._consumer.assign(places)
        beginnings = await self._consumer.beginning_offsets(places)
        for place in places:
            pack, partitions = packs[place.topic], counts[place.topic]
            rules = rules_of(pack)
            committed = await self._consumer.committed(place) or 0
            lane = JudgementLane(
                Book(rules, self._source_type),
                Exceedances(pack.name, pack.scheme, rules, self._site_title),
                place.topic,
                place.partition,
                committed,
                cut=beginnings[place] > 0,
            )
            lane.restore(
                each for each in self._known.values() if self._at_home(each.site, pack, partitions, place.partition)
            )
            self.lanes[place] = lane
            self._consumer.seek(place, beginnings[place])
        for mark in self._marks:
            self._to_books(mark)
        self._known = {}

    def _at_home(self, site: str, pack: Domain, partitions: int, partition: int) -> bool:
        known = self._feed.registry.site(site)
        mine = known is None or known.domain == pack.name
        return mine and partition_of(site, partitions) == partition

    async def _publish(self, told: Sequence[Told]) -> None:
        sent = []
        for each in told:
            for finding in each.findings:
                key = finding.alarm_key.encode()
                sent.append(await self._producer.send(f"{self.prefix}findings", encode(finding), key=key))
        await _kept(sent)
        sent = []
        for each in told:
            for version in each.judgements:
                sent.append(
                    await self._producer.send(self.prefix + JUDGEMENTS, encode(version), key=version.key.encode())
                )
            for forgotten in each.expired:
                sent.append(await self._producer.send(self.prefix + JUDGEMENTS, None, key=forgotten.encode()))
        await _kept(sent)
        self.published += sum(len(each.judgements) for each in told)

    def _source_type(self, site: str) -> str:
        known = self._feed.registry.site(site)
        return known.source_type if known is not None else ""

    def _site_title(self, site: str) -> Text:
        known = self._feed.registry.site(site)
        return known.title if known is not None else Text(site, site)

    def _take_judgement(self, key: str, value: bytes | None) -> None:
        if value is None:
            self._known.pop(key, None)
        else:
            self._known[key] = msgspec.json.decode(value, type=Judgement)

    def _take_mark(self, key: str, value: bytes | None) -> None:
        if value is None:
            return
        mark = msgspec.json.decode(value, type=Mark)
        if self._restoring:
            self._marks.append(mark)
        else:
            self._to_books(mark)

    def _to_books(self, mark: Mark) -> None:
        for lane in self.lanes.values():
            lane.book.mark(mark)  # books without the site keep it and have nothing to judge

    def _take_pack(self, key: str, value: bytes | None) -> None:
        if not value:
            return
        pack = from_published(msgspec.json.decode(value, type=PublishedPack))
        self._packs[pack.name] = pack
        if not self._restoring and has_rules(pack):
            rules: JudgementRules = rules_of(pack)
            for place, lane in self.lanes.items():
                if place.topic == self.prefix + pack.topic:
                    lane.book.adopt(rules)
                    lane.teller.rules = rules
            log.info("judgement_rules_taken", domain=pack.name)


async def _kept(sent: Sequence[Any]) -> None:
    """Wait until the broker has all of them; the first failure is raised, and nothing is committed then."""
    for answer in sent:
        await answer
