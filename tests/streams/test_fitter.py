"""The fitter on a real broker: works that move for good are followed at the next event-time point, exactly there."""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiokafka import TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from detectors.kernel import Kernel
from streams.artefacts import Artefacts
from streams.clients import fenced_producer, lone_consumer, sure_producer
from streams.fit_points import FitPoints
from streams.fit_report import fit_report
from streams.fitter import Fit, Fitter
from streams.fitting_days import DAY_MS, fit_from_history
from streams.fitting_process import FittingProcess, Made
from streams.followers import Follower
from streams.history import HistoryKeeper
from streams.history_days import HistoryDays, reached
from streams.lane import Lane, Record, decode
from streams.model_release import BundleTooLarge, publish, put_in_force
from streams.model_shelf import ModelShelf
from streams.packs import publish_packs
from streams.registry_feed import publish_records
from streams.settings import load_settings
from streams.specs import SpecBook
from tests.detectors.healthy_city import oddness
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


@pytest.fixture
async def rig(kafka: str, tmp_path: Path) -> AsyncIterator[Rig]:
    made = Rig(kafka, tmp_path)
    await made.prepare()
    await made.keeper.start()
    yield made
    await made.keeper.stop()


def switches(records: list[Record]) -> list[tuple[int, Control]]:
    """The model controls of a partition with their offsets."""
    fetch = decode_fetch([record.value for record in records])
    return [(records[place].offset, each) for place, each in fetch.controls if each.series == "~model"]


@pytest.mark.kafka
async def test_works_that_have_moved_are_followed_from_the_control_on(rig: Rig) -> None:
    name, process = rig.works.domain.name, FittingProcess(rig.settings, nice=0)
    async with rig.fitter(process) as fitter:
        await rig.play(FIT_DAYS)
        await fitter.step()
        assert fitter.shelf.in_force(name) is None, "the history has not come so far"
        await rig.kept()
        await fitter.step()
        first = fitter.shelf.in_force(name)
        fitter.fit = rig.fit_here
        await rig.play(FIT_DAYS, silent=frozenset({7, 17}))  # at another level, for good
        await rig.kept()
        await fitter.step()
        second = fitter.shelf.in_force(name)
        await fitter.step()
    assert first and second
    assert (first.time, second.time) == (START + FIT_DAYS * DAY_MS, START + 2 * FIT_DAYS * DAY_MS)
    same = await rig.fit_here(name, first.time)  # by another process, some days later
    assert first.ref == f"{name}/{first.time}@{hashlib.sha256(same.body).hexdigest()}"
    await rig.play(0.25, silent=frozenset({2, 12}))
    async with rig.fitter() as fitter:  # a new one finds nothing to do
        await fitter.step()
    artefacts = await rig.artefacts()
    for partition, records in enumerate(await rig.log()):
        controls = switches(records)
        assert [control for _, control in controls] == [first, second]
        _switches_there(rig.lane(partition, artefacts), records, controls)


def _switches_there(lane: Lane, records: list[Record], controls: list[tuple[int, Control]]) -> None:
    """The lane judges with the first models up to the offset of the second control and with the second from it on;
    at that moment the new level is odd to the first and usual to the second."""
    (begin, first), (at, second) = controls
    before = lane.judge(decode([record for record in records if record.offset < at]))
    odd = oddness(lane.kernel).mean()
    lane.judge(decode([record for record in records if record.offset == at]))
    usual = oddness(lane.kernel).mean()
    assert odd > usual + 0.75, (odd, usual)
    after = lane.judge(decode([record for record in records if record.offset > at]))
    assert not before.refused and not after.refused
    told = [each for each in before.findings if each.origin.last_offset > begin]
    for findings, ref in ((told, first.ref), (after.findings, second.ref)):
        assert {each.versions["models"] for each in findings} == {ref.rpartition("@")[2][:16]}


@pytest.mark.kafka
async def test_a_killed_fitter_goes_on_with_the_bundle_it_had_published(rig: Rig) -> None:
    """Killed between publishing and the controls, and, worse, in the midst of the controls."""
    domain, point = rig.works.domain, START + DAY_MS
    await rig.play(1)
    ref = await publish(rig.kafka, domain.name, point, b"a bundle")
    killed = fenced_producer(rig.kafka, f"citybrain-models-{domain.name}")
    await killed.start()
    await killed.begin_transaction()
    await killed.send_and_wait(domain.topic, encode(Control("~model", point, ref=ref)), partition=0)
    async with rig.fitter() as fitter:
        await fitter.step()
        assert fitter.shelf.in_force(domain.name) == Control("~model", point, ref=ref)
        assert not await put_in_force(rig.kafka, fitter.shelf, domain, Control("~model", point, ref="other"))
    await killed.stop()
    by_partition = [{each.ref for _, each in switches(records)} for records in await rig.log()]
    assert by_partition == [{ref}, {ref}]
    assert (await rig.artefacts()).get(ref) == b"a bundle"


@pytest.mark.kafka
async def test_too_few_rows_or_a_failed_fit_leave_what_is_in_force(rig: Rig, capfd: pytest.CaptureFixture[str]) -> None:
    name = rig.works.domain.name
    await rig.play(1)
    await rig.kept()
    for fit, words in ((rig.fit_here, "too_few_rows_to_fit"), (FittingProcess(rig.elsewhere, nice=0), "fit_failed")):
        async with rig.fitter(fit) as fitter:
            for _ in range(2):
                await fitter.step()
            assert fitter.shelf.in_force(name) is None
        assert capfd.readouterr().out.count(words) == 1
    assert [switches(records) for records in await rig.log()] == [[], []]
    with pytest.raises(BundleTooLarge, match="at most"):
        await publish(rig.kafka, name, START, bytes(9_000_000))


@pytest.mark.kafka
async def test_old_bundles_are_withdrawn_but_never_the_one_in_force(rig: Rig) -> None:
    domain = rig.works.domain
    for day in range(3):
        await publish(rig.kafka, domain.name, START + day * DAY_MS, b"bundle %d" % day)
    shelf = ModelShelf(rig.kafka)
    await shelf.start()
    first = shelf.version(domain.name, START)
    assert first is not None
    await put_in_force(rig.kafka, shelf, domain, Control("~model", START, ref=first.ref))
    assert shelf.outdated(domain.name, 3_600_000) == []
    assert shelf.outdated(domain.name, -1) == [f"{domain.name}/{START + day * DAY_MS}" for day in (1, 2)]
    await shelf.stop()
