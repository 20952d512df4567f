"""A desk for safety work in a city that speaks of it."""

from collections.abc import Iterator

import pytest

from alerts.safety.desk import SafetyDesk
from alerts.tickets.desk import Tickets
from records.history import ListHistory
from records.registry import registry_of
from records.safety.days import HOUR_MS
from tests.alerts.city_parts import House, domain
from tests.alerts.safety.safety_house import FACTS, FLOW, SITES
from tests.records.safety.parts import TEN


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store)
    made.city.put(domain(facts=FACTS, events=True))
    made.city.registry = registry_of([*SITES, FLOW])
    made.city.tick(TEN - HOUR_MS)
    yield made
    made.store.close()


@pytest.fixture
def history() -> ListHistory:
    return ListHistory()


@pytest.fixture
def desk(house: House, history: ListHistory) -> SafetyDesk:
    return SafetyDesk(house.store, house.city, Tickets(house.store, house.city, house.clock), house.clock, history)
