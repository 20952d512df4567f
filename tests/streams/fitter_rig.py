"""Works on a real broker with a history beside them, for the fitter to follow."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from aiokafka import TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from detectors.kernel import Kernel
from streams.artefacts import Artefacts
from streams.batch import Record
from streams.clients import lone_consumer, sure_producer
from streams.fit_points import FitPoints
from streams.fit_report import fit_report
from streams.fitter import Fit, Fitter
from streams.fitting_days import DAY_MS, fit_from_history
from streams.fitting_process import Made
from streams.followers import Follower
from streams.history import HistoryKeeper
from streams.history_days import HistoryDays, reached
from streams.lane import Lane
from streams.packs import publish_packs
from streams.registry_feed import publish_records
from streams.settings import load_settings
from streams.specs import SpecBook
from tests.detectors.small_pack import START
from tests.streams.drifting_works import Works
from topics.catalog import catalog
from topics.codec import decode_fetch, encode
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.reading import Control, Reading

#: A day begins, so that the points of a whole number of days are reached by whole days.
MIDNIGHT = FitPoints(ZoneInfo("Asia/Shanghai"), hour=0, every_h=0)
FIT_DAYS = 4


class Rig:
    """Works on a broker with a history beside them; their fitter's city time has a topic of its own."""

    def __init__(self, brokers: str, root: Path) -> None:
        self.kafka = KafkaConnection(brokers)
        self.root = root
        self.works = Works(f"works{uuid.uuid4().hex[:8]}", 24, drift=FIT_DAYS)
        self.city_topic = f"city-time-{self.works.domain.name}"
        self.settings = load_settings({}, brokers=brokers, data_dir=str(root), fit_days=FIT_DAYS)
        #: Of a machine that has no history.
        self.elsewhere = load_settings({}, brokers=brokers, data_dir=str(root / "elsewhere"))
        self.keeper = HistoryKeeper(
            self.kafka, root / "history", {self.works.domain.name: self.works.domain.topic}, flush_s=0.05
        )

    async def prepare(self) -> None:
        await asyncio.to_thread(declare, self.kafka, catalog([self.works.domain]))
        admin = KafkaAdminClient(bootstrap_servers=self.kafka.brokers)
        admin.create_topics([NewTopic(self.city_topic, 1, 1)])
        admin.close()
        await asyncio.to_thread(publish_packs, self.kafka, [self.works.domain], START)
        await publish_records(self.kafka, self.works.records())

    async def play(self, days: float, silent: frozenset[int] = frozenset()) -> None:
        """Days into the log, as the works and the city's clock write them."""
        domain = self.works.domain
        producer = sure_producer(self.kafka)
        await producer.start()
        try:
            for each in self.works.days(days, silent):
                value = encode(each)
                if isinstance(each, Reading):
                    await producer.send(domain.topic, value, partition=self.works.partition(each.series))
                    continue
                for partition in range(domain.partitions):
                    await producer.send(domain.topic, value, partition=partition)
                await producer.send(self.city_topic, value, partition=0)
            await producer.flush()
        finally:
            await producer.stop()

    async def kept(self) -> None:
        """Until the history has reached the works' time."""
        root, domain = self.root / "history", self.works.domain
        async with asyncio.timeout(60):
            while not reached(root, domain.name, domain.partitions, self.works.now):
                await self.keeper.step()

    @asynccontextmanager
    async def fitter(self, fit: Fit | None = None) -> AsyncIterator[Fitter]:
        async def never(domain: str, point: int) -> Made:
            raise AssertionError(f"{domain} at {point} was not to be fitted")

        fitter = Fitter(self.kafka, self.root / "history", MIDNIGHT, fit or never, city_topic=self.city_topic)
        await fitter.start()
        # Other tests' packs are on the same topic.
        fitter.artefacts.packs = {self.works.domain.name: self.works.domain}
        try:
            yield fitter
        finally:
            await fitter.stop()

    async def log(self) -> list[list[Record]]:
        """Every record of the domain by partition."""
        consumer = lone_consumer(self.kafka)
        await consumer.start()
        found: list[list[Record]] = []
        try:
            for partition in range(self.works.domain.partitions):
                place = TopicPartition(self.works.domain.topic, partition)
                consumer.assign([place])
                consumer.seek(place, 0)
                end = (await consumer.end_offsets([place]))[place]
                found.append([])
                while await consumer.position(place) < end:
                    found[-1] += (await consumer.getmany(timeout_ms=200)).get(place, [])
        finally:
            await consumer.stop()
        return found

    async def artefacts(self) -> Artefacts:
        """What a worker that starts now knows."""
        artefacts = Artefacts()
        follower = Follower(self.kafka, {"models": artefacts.take_model})
        await follower.start()
        await follower.stop()
        return artefacts

    def lane(self, partition: int, artefacts: Artefacts) -> Lane:
        domain = self.works.domain
        book = SpecBook(self.works.registry(), domain)
        return Lane(Kernel(domain, domain.topic, partition), book, partition, domain.partitions, artefacts.get)

    async def fit_here(self, domain: str, point: int) -> Made:
        """As the process does, without one."""
        with HistoryDays(self.root / "history", domain) as history:
            window = (point - FIT_DAYS * DAY_MS, point)
            fitted = fit_from_history(self.works.domain, self.works.registry(), history, window, 200, None)
        return Made(fitted.models, fit_report(fitted, None))


def switches(records: list[Record]) -> list[tuple[int, Control]]:
    """The model controls of a partition with their offsets."""
    fetch = decode_fetch([record.value for record in records])
    return [(records[place].offset, each) for place, each in fetch.controls if each.series == "~model"]
