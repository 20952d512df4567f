"""The watch on a real broker: a day is judged once its time and its readings have come, and told once."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from detectors.benchmarks.integrity.sending import send
from detectors.integrity.outlet import DAY_MS, HOUR_MS, MINUTE_MS
from detectors.integrity.pack_facts import integrity_facts
from streams.clients import sure_producer
from streams.history_folder import SCHEMA, HistoryFolder, Place
from streams.integrity.memory import Remembered
from streams.integrity.watch import IntegrityWatch
from streams.log_reading import records_until_now
from streams.packs import publish_packs
from streams.registry_feed import publish_records
from tests.streams.integrity.kept_outlets import JUDGED_MS, keep, outlet, pack, registry, table, tampered
from topics.catalog import catalog
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.finding import Finding
from topics.reading import Control

MONTH = outlet()


class Town:
    """A broker with the pack, one outlet and a city clock of its own."""

    def __init__(self, brokers: str, root: Path) -> None:
        self.kafka = KafkaConnection(brokers)
        self.root = root
        self.city_topic = f"city-time-{uuid.uuid4().hex[:8]}"

    async def prepare(self) -> None:
        await asyncio.to_thread(declare, self.kafka, catalog([pack()]))
        admin = KafkaAdminClient(bootstrap_servers=self.kafka.brokers)
        admin.create_topics([NewTopic(self.city_topic, 1, 1)])
        admin.close()
        await asyncio.to_thread(publish_packs, self.kafka, [pack()], JUDGED_MS)
        await publish_records(self.kafka, [*registry(MONTH.name).sites(), *registry(MONTH.name).devices()])

    async def tick(self, time_ms: int) -> None:
        producer = sure_producer(self.kafka)
        await producer.start()
        await producer.send_and_wait(self.city_topic, encode(Control("~tick", time_ms)), partition=0)
        await producer.stop()

    def watch(self) -> IntegrityWatch:
        return IntegrityWatch(self.kafka, self.root, self.root / "told.json", lambda: 0, city_topic=self.city_topic)

    async def told(self) -> list[Finding]:
        """All integrity findings about the outlet on the topic, in order."""
        records = await asyncio.to_thread(lambda: list(records_until_now(self.kafka, "findings")))
        found = [msgspec.json.decode(each.value, type=Finding) for each in records]
        return [each for each in found if each.family == "integrity" and each.site == MONTH.name]


@pytest.fixture
async def town(kafka: str, tmp_path: Path) -> AsyncIterator[Town]:
    made = Town(kafka, tmp_path)
    await made.prepare()
    yield made


@pytest.mark.kafka
async def test_a_day_is_told_when_it_is_over_and_kept_and_only_once(town: Town) -> None:
    keep(town.root, tampered(MONTH, "mass balance"), tick_ms=JUDGED_MS + DAY_MS)
    watch = town.watch()
    await watch.start()
    before = len(await town.told())
    try:
        await town.tick(JUDGED_MS + DAY_MS + HOUR_MS)
        await watch.step()
        assert watch.told["pollution"].day != JUDGED_MS, "within the grace the day is not due"
        await town.tick(JUDGED_MS + DAY_MS + 3 * HOUR_MS)
        await watch.step()
        assert len(await town.told()) == before, "the history has not come so far"
        keep_on(town.root)
        await watch.step()
        assert watch.told["pollution"].day == JUDGED_MS
        found = (await town.told())[before:]
        assert {each.detector for each in found} >= {"integrity/mass_balance"}
        assert {each.phase for each in found} == {"open", "close"}
        await watch.step()
        assert len(await town.told()) == before + len(found)
    finally:
        await watch.stop()
    again = town.watch()  # after a restart it remembers the day
    await again.start()
    try:
        await again.step()
        assert len(await town.told()) == before + len(found)
        again.told.clear()  # a machine that remembers nothing says the same once more, byte for byte
        await again.step()
        repeated = (await town.told())[before + len(found) :]
        assert [encode(each) for each in repeated] == [encode(each) for each in found]
    finally:
        await again.stop()


@pytest.mark.kafka
async def test_a_fraud_is_told_at_the_hours_end_closed_with_its_day_and_taken_back_by_late_data(town: Town) -> None:
    """The outlet's hour means do not match their minutes all day; the day's minutes come again, corrected, later."""
    sent = table(tampered(MONTH, "means that do not match their parts"))
    noon = JUDGED_MS + 12 * HOUR_MS
    write(town.root, sent.filter(pc.less_equal(sent["time"], noon)), noon)
    watch = town.watch()
    await watch.start()
    before = len(await town.told())

    async def look(city_ms: int) -> list[tuple[str, str, int]]:
        count = len(await town.told())
        await town.tick(city_ms)
        watch._rest_until = 0.0
        await watch.step()
        mine = [each for each in (await town.told())[count:] if each.detector == "integrity/mean_not_of_parts"]
        return [(each.quantity, each.phase, each.seq) for each in mine]

    try:
        watch.told["pollution"] = Remembered(day=JUDGED_MS - DAY_MS, hour=noon - HOUR_MS)
        assert await look(noon + 5 * MINUTE_MS) == [], "the hour's records are waited for"
        write(town.root, sent.slice(0, 0), noon + 10 * MINUTE_MS)
        opened = await look(noon + 10 * MINUTE_MS)
        assert {each[1:] for each in opened} == {("open", 0)}
        assert await look(noon + 30 * MINUTE_MS) == [], "an hour is looked at once"
        write(town.root, sent.filter(pc.greater(sent["time"], noon)), JUDGED_MS + DAY_MS + 3 * HOUR_MS)
        assert {each[1:] for each in await look(JUDGED_MS + DAY_MS + 3 * HOUR_MS)} == {("close", 25)}
        assert await look(JUDGED_MS + DAY_MS + 3 * HOUR_MS + 1) == []
        honest = table(send(MONTH))
        write(town.root, honest.filter(pc.greater_equal(honest["time"], JUDGED_MS)), JUDGED_MS + DAY_MS + 4 * HOUR_MS)
        again = await look(JUDGED_MS + DAY_MS + 4 * HOUR_MS)
        assert {each[1:] for each in again} == {("close", 26)}
        last = [each for each in (await town.told())[before:] if each.seq == 26]
        assert all(each.late and each.facts["stands"] == 0 for each in last)
    finally:
        await watch.stop()


def test_where_city_time_outruns_the_history_the_newest_hour_that_is_kept_is_looked_at(tmp_path: Path) -> None:
    noon = JUDGED_MS + 12 * HOUR_MS
    watch = IntegrityWatch(KafkaConnection("127.0.0.1:1"), tmp_path, tmp_path / "told.json", lambda: 0)
    watch.city_time = noon + 5 * HOUR_MS
    facts, mine = integrity_facts(pack()), Remembered(day=JUDGED_MS - DAY_MS)
    assert facts is not None
    assert watch._hour_due(pack(), mine, facts) is None, "nothing is kept yet"
    write(tmp_path, table(send(MONTH)).slice(0, 1), noon + 20 * MINUTE_MS)
    assert watch._hour_due(pack(), mine, facts) == noon
    mine.hour = noon
    assert watch._hour_due(pack(), mine, facts) is None


def write(root: Path, rows: pa.Table, tick_ms: int) -> None:
    """As the history keeps them: what comes later has later offsets."""
    with HistoryFolder(root / "pollution", "readings.pollution") as folder:
        start = max((place.next for place in folder.manifest.places.values()), default=0)
        offsets = pa.array(range(start, start + rows.num_rows), pa.int64())
        rows = rows.set_column(rows.schema.get_field_index("offset"), SCHEMA.field("offset"), offsets)
        end = start + rows.num_rows
        folder.append(rows, {number: Place(end, end - 1, 1, tick_ms) for number in range(4)})


def keep_on(root: Path) -> None:
    """City time goes on in every partition."""
    with HistoryFolder(root / "pollution", "readings.pollution") as folder:
        end = Place(10**6, 10**6 - 1, 1, JUDGED_MS + DAY_MS + 2 * HOUR_MS)
        folder.append(SCHEMA.empty_table(), dict.fromkeys(range(4), end))
