"""The server's reader of positions: into the store by the second, and on from there after a restart."""

import asyncio
import contextlib
import uuid
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from alerts.carriage.book import CarriageBook
from streams.clients import sure_producer
from streams.positions_reader import GATHER_S, PositionsReader
from tests.alerts.carriage.test_desk import facts
from tests.alerts.city_parts import House, domain
from tests.made_stores import made_store
from tests.patience import eventually
from tests.records.carriage.places import T0, TRUCK, position, waybill
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.reading import Control


def house_of(url: str) -> House:
    made = House(url)
    made.city.put(domain(name="cargo", facts=facts(), events=True))
    return made


def test_the_citys_time_alone_does_not_write_the_store_several_times_a_second(tmp_path: Path) -> None:
    house, now = house_of(made_store(tmp_path)), [0.0]
    reader = PositionsReader(KafkaConnection("nowhere:1"), house.city, CarriageBook(house.store), clock=lambda: now[0])
    reader.take([position(0, 0, 0)], "p", 0, 1)
    assert reader.book.carriers(0) == []
    now[0] = GATHER_S
    reader.take([], "p", 0, 5)
    assert [each.carrier for each in reader.book.carriers(0)] == [TRUCK]
    assert reader.next_offset("p", 0) == 5
    assert reader.read(b"{nonsense") is None and reader.read(encode(Control("~tick", T0))) is None
    house.store.close()


@pytest.mark.kafka
async def test_what_is_told_is_stored_once_over_a_restart(kafka: str, tmp_path: Path) -> None:
    connection, prefix = KafkaConnection(kafka), f"t{uuid.uuid4().hex[:8]}-"
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.create_topics([NewTopic(f"{prefix}positions", 1, 1)])
    admin.close()
    house = house_of(made_store(tmp_path))
    book = CarriageBook(house.store)
    producer = sure_producer(connection)
    await producer.start()
    try:
        await producer.send(f"{prefix}positions", encode(waybill()), partition=0)
        for part in ([position(0, 0, 0)], [position(60, 600, 0), position(120, 1_200, 0)]):
            for told in part:
                await producer.send(f"{prefix}positions", encode(told), partition=0)
            await producer.flush()
            reader = asyncio.create_task(PositionsReader(connection, house.city, book, prefix=prefix).run())
            seconds = count()

            async def kept(last: int = part[-1].time, seconds: Iterator[int] = seconds) -> bool:
                tick = Control("~tick", T0 + next(seconds))
                await producer.send_and_wait(f"{prefix}positions", encode(tick), partition=0)
                found = book.carriers(0)
                return bool(found) and found[0].time == last

            await eventually(kept, "the last position is in the book")
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader
    finally:
        await producer.stop()
    assert [row[0] for row in book.track(TRUCK, T0, T0 + 200_000)] == [T0, T0 + 60_000, T0 + 120_000]
    assert book.trip("YD-1") == waybill()
    assert book.next_offset(f"positions:{prefix}positions", 0) >= 4
    house.store.close()
