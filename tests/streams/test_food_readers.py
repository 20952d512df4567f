"""The server's readers of custody and of kitchens: what is read is judged before reading goes on, and told once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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
from tests.records.kitchens.test_kitchens import FACTS
from topics.connection import KafkaConnection
from topics.events import Custody, Observed

CODING = {"coding": {"source": "test", "confirmed": True}}
NOWHERE = KafkaConnection("127.0.0.1:1")
SOLD = Custody("e1", "shop", T0, {"type": "ObjectEvent", "bizStep": "retail_selling", "epcList": ["item"]})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(f"sqlite:///{tmp_path / 'store.db'}")
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
