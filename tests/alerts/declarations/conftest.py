"""A port with its declarations' desk, over both kinds of store."""

from collections.abc import Iterator

import pytest

from alerts.declarations.desk import Declarations
from tests.alerts.city_parts import House
from tests.alerts.declarations.parts import desk_of, port


@pytest.fixture
def house(copied_store: str) -> Iterator[House]:
    made = House(copied_store, port())
    yield made
    made.store.close()


@pytest.fixture
def desk(house: House) -> Declarations:
    return desk_of(house)
