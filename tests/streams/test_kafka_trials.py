"""A candidate's life on a real broker: started, compared, promoted and taken back, while the worker goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alerts.intake import read_finding
from alerts.promotions.gate import Gate
from alerts.promotions.promotions import Promotions
from alerts.promotions.trials import NotPossible
from records.registry import Device, SeriesMeta, Site, registry_of
from streams.clients import complain_seldom, sure_producer
from streams.judging import Judging
from streams.kafka_trials import KafkaTrials, misfits
from streams.log_reading import records_until_now
from streams.packs import publish_packs
from streams.registry_feed import publish_records
from tests.alerts.city_parts import House
from tests.detectors.small_pack import MINUTE, START, domain, limit, quantity
from tests.made_stores import made_store
from tests.patience import WITHIN_S, eventually
from topics.catalog import catalog
from topics.codec import encode, partition_of
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.domain import Domain
from topics.finding import Text
from topics.published_pack import publish_form
from topics.reading import Control, Reading
from topics.shadow import Candidate

LIVE = msgspec.structs.replace(domain(), name="shadowed", partitions=2)
SITES = [Site(f"w-{n}", "shadowed", Text("厂", "works"), "firm", "120116", 39.0, 117.7) for n in range(4)]
DEVICES = [Device(f"SH{n}", f"w-{n}", "probe", {"temp": SeriesMeta(unit="°C")}) for n in range(4)]
#: The pack in force with its high limit at 50.
CHANGE = {
    "quantities": {
        "temp": {
            "limits": [
                msgspec.to_builtins(limit("H", 50.0, "yellow", deadband=2.0)),
                msgspec.to_builtins(limit("HH", 80.0, "red")),
            ]
        }
    }
}
OPEN = Gate(least_hours=0.1, least_episodes=2, most_lost_true=0, most_additional_alarms_per_day=1_000)


class City:
    """Minute after minute of four probes; the hot ones are told."""

    def __init__(self, kafka: KafkaConnection) -> None:
        self.kafka = kafka
        self.minute = 0
        self.producer: Any = None

    async def minutes(self, count: int, hot: dict[int, float]) -> None:
        for _ in range(count):
            self.minute += 1
            time = START + self.minute * MINUTE
            for probe in range(4):
                body = encode(Reading(f"w-{probe}/SH{probe}/temp/Rtd", time, hot.get(probe, 40.0)))
                home = partition_of(f"w-{probe}", 2)
                await self.producer.send(LIVE.topic, body, key=f"w-{probe}".encode(), partition=home)
            for partition in range(2):
                tick = encode(Control("~tick", time))
                await self.producer.send_and_wait(LIVE.topic, tick, partition=partition)


@asynccontextmanager
async def working(kafka: KafkaConnection) -> AsyncIterator[Judging]:
    judging = Judging(kafka, "shadowed", "w", lambda: START, only=("shadowed",), snapshot_interval_s=0.2)
    await judging.start()
    running = asyncio.create_task(judging.run())
    try:
        yield judging
    finally:
        await judging.stop()
        await asyncio.wait_for(running, WITHIN_S)


@pytest.fixture
async def city(kafka: str) -> AsyncIterator[City]:
    complain_seldom()
    connection = KafkaConnection(kafka)
    await asyncio.to_thread(declare, connection, catalog([LIVE]))
    await asyncio.to_thread(publish_packs, connection, [LIVE], START)
    await publish_records(connection, [*SITES, *DEVICES])
    made = City(connection)
    made.producer = sure_producer(connection)
    await made.producer.start()
    yield made
    await made.producer.stop()


class Office:
    """Who tries, promotes and takes back, with a store of their own, over a city that a worker judges."""

    def __init__(self, city: City, folder: Path) -> None:
        self.city = city
        self.house = House(made_store(folder))
        self.house.city.put(LIVE)
        self.house.city.registry = registry_of([*SITES, *DEVICES])
        self.house.city.time = START
        trials = KafkaTrials(city.kafka)
        self.promotions = Promotions(self.house.store, self.house.city, trials, (OPEN, "0" * 64), self.house.clock)

    async def start(self) -> str:
        """Begin the shadow run of the lower limit; its name."""
        change = self.promotions.change_of("shadowed", CHANGE)
        begun = await asyncio.to_thread(lambda: self.promotions.start("shadowed", "li", "a lower limit", change, None))
        return str(begun["run"])

    async def reported(self, what: str, **figures: int) -> dict[str, Any]:
        """The report, once it has these figures."""

        async def ask() -> dict[str, Any] | None:
            self.house.city.tick(START + self.city.minute * MINUTE)
            found = await asyncio.to_thread(self.promotions.report, "shadowed")
            return found if all(found[name] == number for name, number in figures.items()) else None

        found: dict[str, Any] = await eventually(ask, what)
        return found

    def acts(self) -> list[tuple[str, str, str]]:
        """What was done and by whom, the oldest first."""
        return [
            (each["act"], each["outcome"], each["who"]) for each in reversed(self.promotions.listed("shadowed", 50))
        ]


@pytest.mark.kafka
# kafka-python forgets a socket now and then where the machine is slow.
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
async def test_from_the_shadow_into_force_and_back_without_a_restart(city: City, tmp_path: Path) -> None:
    office = Office(city, tmp_path)
    async with working(city.kafka):
        await city.minutes(3, {})
        run = await office.start()
        await _the_candidate_finds_more(office)
    # The worker is gone and another takes over: the run goes on from the snapshots.
    async with working(city.kafka) as judging:
        await _it_goes_on_and_pages_nobody(office)
        await _it_is_promoted(office, run)
        assert all(not each.lane.beside.run for each in judging.readings.owned.values())  # type: ignore[union-attr]
        await _it_is_taken_back(office, run)
    await _a_new_normal_goes_to_its_partition(office)
    with pytest.raises(NotPossible, match="expected a promotion that has not been taken back"):
        await asyncio.to_thread(office.promotions.roll_back, "shadowed", "chen", "")
    who = {"start": "li", "promote": "li", "rollback": "chen", "new-normal": "chen"}
    assert office.acts() == [(act, outcome, who[act]) for act in who for outcome in ("asked", "done")]
    office.house.store.close()


async def _the_candidate_finds_more(office: Office) -> None:
    await office.city.minutes(10, {0: 70.0, 1: 55.0})  # the live one sees the first alone
    await office.city.minutes(5, {})
    found = await office.reported("the report shows what only the candidate found", only_b=1, both=1)
    assert found["partitions"] == {"began": 2, "of": 2} and found["failed"] == []
    assert found["detectors"]["limit"] == {"only_a": 0, "only_b": 1, "both": 1}
    assert found["classes"]["probe"]["only_b"] == 1
    assert found["cost"]["cpu_share"] > 0


async def _it_goes_on_and_pages_nobody(office: Office) -> None:
    await office.city.minutes(8, {2: 55.0})
    await office.city.minutes(4, {})
    found = await office.reported("the run goes on in the next worker", only_b=2)
    assert found["running"] == 2
    # Nobody was paged for what only the candidate saw.
    subjects = {read_finding(each.value).subject for each in records_until_now(office.city.kafka, "findings")
                if read_finding(each.value).domain == "shadowed"}  # fmt: skip
    assert subjects == {"w-0/SH0/temp/Rtd"}


async def _it_is_promoted(office: Office, run: str) -> None:
    promoted = await asyncio.to_thread(office.promotions.promote, "shadowed", None, "li", "better")
    assert promoted["run"] == run and promoted["gate"]["open"]
    await office.city.minutes(3, {})
    await office.city.minutes(6, {3: 55.0})  # now this is an alarm
    await eventually(lambda: _subject(office.city.kafka, "w-3/SH3/temp/Rtd"), "the promoted limit holds")


async def _it_is_taken_back(office: Office, run: str) -> None:
    city = office.city
    await city.minutes(5, {})
    back = await asyncio.to_thread(office.promotions.roll_back, "shadowed", "chen", "too many")
    assert back["run"] == run
    await city.minutes(12, {1: 55.0})
    await city.minutes(2, {1: 70.0})
    await eventually(lambda: _subject(city.kafka, "w-1/SH1/temp/Rtd"), "the old limit holds again")
    (first,) = [each for each in await _findings(city.kafka, "w-1/SH1/temp/Rtd") if each.phase == "open"]
    assert first.value == 70.0


async def _a_new_normal_goes_to_its_partition(office: Office) -> None:
    name, kafka = "w-2/SH2/temp/Rtd", office.city.kafka
    where = await asyncio.to_thread(office.promotions.new_normal, name, "chen", "moved")
    records = await asyncio.to_thread(lambda: list(records_until_now(kafka, LIVE.topic)))
    words = [
        (each.partition, msgspec.json.decode(each.value, type=Control)) for each in records if b"~normal" in each.value
    ]
    ((partition, word),) = words
    assert (word.subject, word.by, word.reason) == (name, "chen", "moved")
    assert partition == where["partition"] == partition_of("w-2", 2)


async def _findings(kafka: KafkaConnection, subject: str) -> list[Any]:
    records = await asyncio.to_thread(lambda: list(records_until_now(kafka, "findings")))
    return [each for each in (read_finding(record.value) for record in records) if each.subject == subject]


async def _subject(kafka: KafkaConnection, subject: str) -> bool:
    return bool(await _findings(kafka, subject))


def candidate(pack: Domain) -> Candidate:
    return Candidate("1" * 16, "shadowed", "li", START, START, publish_form(pack, START).domain)


def test_a_candidate_that_other_series_would_come_to_is_refused() -> None:
    more = msgspec.structs.replace(LIVE, quantities=LIVE.quantities | {"humidity": quantity()})
    assert "quantities: expected ['temp'] as in force" in misfits(LIVE, candidate(more))[0]
    other = msgspec.structs.replace(LIVE, quantities={"temp": quantity("other")})
    assert misfits(LIVE, candidate(other)) == [
        "quantities.temp.sensor_class: expected 'probe' as in force, got 'other'"
    ]
    wrong = msgspec.structs.replace(LIVE, detectors={"limit": {"no_such": 1}})
    assert "no_such" in misfits(LIVE, candidate(wrong))[0]
    broken = msgspec.structs.replace(candidate(LIVE), models=b"no bundle")
    assert misfits(LIVE, broken)
    assert misfits(LIVE, candidate(LIVE)) == []
