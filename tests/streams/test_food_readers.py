"""The server's readers of custody and of kitchens: what is read is judged before reading goes on, and told once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import TopicPartition

from alerts.coding.desk import Coding
from alerts.custody.desk import Recalls
from alerts.kitchens.desk import Kitchens
from alerts.safety.desk import SafetyDesk
from alerts.tickets.desk import Tickets
from streams.custody_reader import CustodyReader
from streams.kitchen_reader import KitchenReader
from streams.safety_reader import SafetyTeller
from tests.alerts.city_parts import House, domain
from tests.alerts.kitchens.test_desk import MINUTE, T0, sight, state
from tests.made_stores import made_store
from tests.records.kitchens.test_kitchens import FACTS
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.events import Custody, Event, Observed
from topics.reading import Control

CODING = {"coding": {"source": "test", "confirmed": True}}
NOWHERE = KafkaConnection("127.0.0.1:1")
SOLD = Custody("e1", "shop", T0, {"type": "ObjectEvent", "bizStep": "retail_selling", "epcList": ["item"]})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(made_store(tmp_path))
    made.city.put(domain(name="food", facts=CODING | {"kitchens": FACTS}, events=True))
    made.city.tick(T0 + 2 * MINUTE)
    yield made
    made.store.close()


async def test_what_two_readers_take_is_told_by_one_teller_and_once(house: House) -> None:
    tickets = Tickets(house.store, house.city, house.clock)
    safety = SafetyDesk(house.store, house.city, tickets, house.clock)
    coding = Coding(house.store, house.city, safety.watch)
    kitchens = Kitchens(house.store, house.city, tickets, safety.watch, house.clock)
    custody = CustodyReader(NOWHERE, house.city, Recalls(house.store, house.city, house.clock), coding)
    cameras = KitchenReader(NOWHERE, house.city, kitchens)
    told: list[tuple[str, bytes]] = []

    async def put(topic: str, key: bytes, value: bytes) -> None:
        told.append((topic, key))

    teller = SafetyTeller(safety, put, topic="findings", others=(coding.on_time, kitchens.on_time))
    custody.take([SOLD, Observed("o", "shop", T0, "smoke")], "custody:events.food", 0, 2)
    cameras.take([sight(1, "rat"), state(1, "ok"), SOLD], "kitchens:events.food", 0, 3)
    assert custody.next_offset("custody:events.food", 0) == 2
    assert cameras.next_offset("kitchens:events.food", 0) == 3
    for on_time in (safety.on_time, *teller.others):
        on_time()
    assert await teller.tell() == 2
    assert sorted(key for _, key in told) == [b"food|k1|kitchen-warning|kitchen", b"food|shop|uncoded-sale|coding"]
    custody.take([SOLD], "custody:events.food", 0, 2)
    cameras.take([sight(1, "rat")], "kitchens:events.food", 0, 3)
    for on_time in teller.others:
        on_time()
    assert await teller.tell() == 0, "read again after a crash, nothing is told again"


class Record:
    """A record as the consumer gives it."""

    def __init__(self, offset: int, message: Event | Control) -> None:
        self.offset = offset
        self.value = encode(message)


async def test_a_camera_is_silent_by_what_has_been_read_and_not_by_how_slowly_it_is_read(house: House) -> None:
    tickets = Tickets(house.store, house.city, house.clock)
    safety = SafetyDesk(house.store, house.city, tickets, house.clock)
    kitchens = Kitchens(house.store, house.city, tickets, safety.watch, house.clock)
    reader = KitchenReader(NOWHERE, house.city, kitchens)
    places = [TopicPartition("events.food", 0), TopicPartition("events.food", 1)]
    kitchens.on_time()  # the server begins

    def silent() -> int:
        house.city.tick(house.city.time + MINUTE)
        kitchens.on_time()
        return len(safety.watch.known("food", house.city.time))

    await reader._take(places[0], [Record(0, state(0, "ok")), Record(1, Control("~tick", T0 + 2 * MINUTE))])
    await reader.heard(None, places, some=True)
    house.city.tick(T0 + 60 * MINUTE)
    assert reader.clock() is None and silent() == 0, "one of two partitions has said nothing yet"
    await reader._take(places[1], [Record(0, Control("~tick", T0 + 60 * MINUTE))])
    assert reader.clock() == T0 + 2 * MINUTE and silent() == 0, "an hour lies on the topic unread"
    await reader._take(places[0], [Record(2, state(55, "ok")), Record(3, Control("~tick", T0 + 60 * MINUTE))])
    assert reader.clock() == T0 + 60 * MINUTE and silent() == 0, "it had spoken all the while"
    for number, place in enumerate(places):
        await reader._take(place, [Record(4 + number, Control("~tick", T0 + 66 * MINUTE))])
    assert silent() == 1, "nothing for eleven minutes, and all of it read"
    reader.begins()
    assert reader.clock() is None
