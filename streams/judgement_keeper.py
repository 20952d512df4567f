"""The judge: readings, marks and city time in, versions of judgements and findings of exceedances out.

Beside the readings its state is the judgements in their newest version and the marks. Findings are published before
the version they speak of.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import structlog
from aiokafka import TopicPartition

from detectors.rules.judgement.book import Book
from detectors.rules.judgement.findings import Exceedances
from detectors.rules.judgement.rules import JudgementRules, has_rules, rules_of
from streams.followers import Follower
from streams.judgement_lane import JudgementLane, Told
from streams.keeper import CONFIG, Keeper
from streams.registry_feed import REGISTRY_TOPIC, RegistryFeed
from topics.codec import encode, partition_of
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.errors import PartMissing
from topics.finding import Text
from topics.judgement import TOPIC as JUDGEMENTS
from topics.judgement import Judgement
from topics.mark import TOPIC as MARKS
from topics.mark import Mark
from topics.published_pack import PublishedPack, from_published

log = structlog.get_logger(__name__)


class JudgementKeeper(Keeper[Told]):
    """Judges every domain on the config topic whose facts hold formal limits. One such process runs in a city."""

    name = "judge"
    rules = ("formal-",)

    def __init__(self, connection: KafkaConnection, *, group: str = "", prefix: str = "") -> None:
        super().__init__(connection, group=group, prefix=prefix)
        self.published = 0
        self._feed = RegistryFeed(connection, topic=prefix + REGISTRY_TOPIC)
        self._known: dict[str, Judgement] = {}
        self._marks: list[Mark] = []
        self._judging: dict[TopicPartition, JudgementLane] = {}
        self._packs: dict[str, Domain] = {}
        self._restoring = True
        self._past = Follower(connection, {prefix + JUDGEMENTS: self._take_judgement})
        self._follower = Follower(connection, {prefix + CONFIG: self._take_pack, prefix + MARKS: self._take_mark})

    async def learn(self) -> Iterable[str]:
        await self._feed.start()
        await self._past.start()
        await self._past.stop()
        await self._follower.start()
        judged = [topic for topic, pack in self._packs.items() if has_rules(pack)]
        if not judged:
            names = sorted(pack.name for pack in self._packs.values())
            raise PartMissing(f"judge: expected a pack with formal limits on {CONFIG}, got {names}")
        return judged

    async def start(self) -> None:
        """As every keeper; then the marks that are known go to the books that were made."""
        await super().start()
        for mark in self._marks:
            self._to_books(mark)
        self._known = {}
        self._restoring = False

    def lane(
        self, place: TopicPartition, emit_from: int, beginning: int, partitions: Mapping[str, int]
    ) -> JudgementLane:
        pack = self._packs[place.topic]
        rules = rules_of(pack)
        lane = JudgementLane(
            Book(rules, self._source_type),
            Exceedances(pack.name, pack.scheme, rules, self._site_title),
            place.topic,
            place.partition,
            emit_from,
            cut=beginning > 0,
        )
        count = partitions[place.topic]
        lane.restore(each for each in self._known.values() if self._at_home(each.site, pack, count, place.partition))
        self._judging[place] = lane
        return lane

    async def publish(self, said: Sequence[Told]) -> None:
        await self.tell(finding for each in said for finding in each.findings)
        versions: list[tuple[str, bytes | None]] = []
        for each in said:
            versions += [(version.key, encode(version)) for version in each.judgements]
            versions += [(forgotten, None) for forgotten in each.expired]
        await self.keep(self.prefix + JUDGEMENTS, versions)
        self.published += sum(len(each.judgements) for each in said)

    async def forget(self) -> None:
        await self._follower.stop()
        await self._feed.stop()

    def _at_home(self, site: str, pack: Domain, partitions: int, partition: int) -> bool:
        known = self._feed.registry.site(site)
        mine = known is None or known.domain == pack.name
        return mine and partition_of(site, partitions) == partition

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
        for lane in self._judging.values():
            lane.book.mark(mark)  # books without the site keep it and have nothing to judge

    def _take_pack(self, key: str, value: bytes | None) -> None:
        if not value:
            return
        pack = from_published(msgspec.json.decode(value, type=PublishedPack))
        self._packs[self.prefix + pack.topic] = pack
        if not self._restoring and has_rules(pack):
            rules: JudgementRules = rules_of(pack)
            for place, lane in self._judging.items():
                if place.topic == self.prefix + pack.topic:
                    lane.book.adopt(rules)
                    lane.teller.rules = rules
            log.info("judgement_rules_taken", domain=pack.name)
