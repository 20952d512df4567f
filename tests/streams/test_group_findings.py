"""Groups of channels on a real broker: the bundle comes by its topic, a break is told, and the next worker goes on."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from alerts.intake import read_finding
from detectors.backtest import Step
from detectors.base import FloatArray
from detectors.kernel import Kernel
from records.registry import Device, SeriesMeta, Site, registry_of
from streams.batch import decode
from streams.clients import complain_seldom, sure_producer
from streams.judging import Judging
from streams.lane import Lane
from streams.log_reading import records_until_now
from streams.model_release import publish, put_in_force
from streams.model_shelf import ModelShelf
from streams.packs import publish_packs
from streams.registry_feed import publish_records
from streams.specs import SpecBook
from tests.detectors.groups.tank_farm import NAMES, Farm, pack
from tests.detectors.small_pack import START
from tests.patience import WITHIN_S, eventually
from topics.catalog import catalog
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.declare import declare
from topics.finding import Finding, Text
from topics.published_pack import from_published, publish_form
from topics.reading import Control, Reading

DOMAIN = from_published(publish_form(msgspec.structs.replace(pack(), name="grouped"), START))
RECORDS: list[Site | Device] = [
    Site("s0", "grouped", Text("厂", "works"), "firm", "120116", 39.0, 117.7),
    *(Device(f"t{tank}", "s0", "tank", {name: SeriesMeta() for name in NAMES}) for tank in range(2)),
]
FIRST, LAST = 40, 80


@pytest.fixture
async def kafka_with_models(kafka: str) -> AsyncIterator[tuple[KafkaConnection, bytes]]:
    complain_seldom()
    connection = KafkaConnection(kafka)
    await asyncio.to_thread(declare, connection, catalog([DOMAIN]))
    await asyncio.to_thread(publish_packs, connection, [DOMAIN], START)
    await publish_records(connection, RECORDS)
    body, shelf = Farm(2, 5, DOMAIN).taught(1_700), ModelShelf(connection)
    await shelf.start()
    ref = await publish(connection, DOMAIN.name, START, body)
    assert await put_in_force(connection, shelf, DOMAIN, Control("~model", START, ref=ref))
    await shelf.stop()
    yield connection, body


async def play(connection: KafkaConnection, farm: Farm, count: int) -> None:
    """So many minutes; between ``FIRST`` and ``LAST`` the pressure of tank 1 goes its own way."""
    strange, begun = Farm(2, 99, DOMAIN), farm.step

    def spoil(step: int, values: FloatArray) -> FloatArray:
        other = strange.values()
        if FIRST <= begun + step < LAST:
            values[1, 1] = other[1, 1]
        return values

    producer = sure_producer(connection)
    await producer.start()
    for each in farm.steps(count, spoil):
        said: list[Control | Reading] = [each.control] if isinstance(each, Step) else []
        if not isinstance(each, Step):
            rows = zip(each.slot.tolist(), each.time_ms.tolist(), each.value.tolist(), strict=True)
            said += [Reading(farm.names[slot], time, value) for slot, time, value in rows]
        for message in said:
            await producer.send(DOMAIN.topic, encode(message), partition=0)
    await producer.flush()
    await producer.stop()


async def judged_by_a_worker(connection: KafkaConnection, minute: int) -> list[Finding]:
    """What stands on the topic of the domain's findings once a new worker has told of this minute."""
    judging = Judging(connection, "grouped", "w", lambda: START, only=("grouped",), snapshot_interval_s=0.2)
    await judging.start()
    running = asyncio.create_task(judging.run())
    await eventually(
        lambda: judging.tallies()["grouped"].city_time >= START + minute * 60_000, "it tells of the minute"
    )
    await judging.stop()
    await asyncio.wait_for(running, WITHIN_S)
    records = await asyncio.to_thread(lambda: list(records_until_now(connection, "findings")))
    found = [read_finding(each.value or b"") for each in records]
    return [each for each in found if each.domain == "grouped"]


@pytest.mark.kafka
async def test_a_break_is_told_with_its_channel_and_the_next_worker_goes_on(
    kafka_with_models: tuple[KafkaConnection, bytes],
) -> None:
    connection, body = kafka_with_models
    farm = Farm(2, 6, DOMAIN)
    await play(connection, farm, 60)
    first = await judged_by_a_worker(connection, 59)
    (opened,) = [each for each in first if each.phase == "open"]
    assert (opened.detector, opened.subject) == ("var_residual", "s0/t1/tank")
    assert opened.channels[0].series == "s0/t1/pressure/Rtd" and "models" in opened.versions
    await play(connection, farm, 45)
    found = await judged_by_a_worker(connection, 104)
    assert [each.phase for each in found if each.id == opened.id][-1] == "close"
    log = await asyncio.to_thread(lambda: list(records_until_now(connection, DOMAIN.topic)))
    book = SpecBook(registry_of(RECORDS), DOMAIN)
    lane = Lane(Kernel(DOMAIN, DOMAIN.topic, 0), book, 0, 1, lambda ref: body)
    assert [encode(each) for each in lane.judge(decode(log)).findings] == [encode(each) for each in found]
