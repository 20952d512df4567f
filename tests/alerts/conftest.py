"""What the tests of alerts share: a house with an empty store, on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.city_parts import House
from tests.made_stores import made_store
from tests.postgresql_server import PostgreSQL


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.kafka)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store that holds nothing yet, once of each kind."""
    if request.param == "sqlite":
        yield made_store(tmp_path)
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.made_store()
    yield url
    server.give_back(url)


@pytest.fixture
def house(store_url: str) -> Iterator[House]:
    """Store, intake and desk on an empty store."""
    made = House(store_url)
    yield made
    made.store.close()


@pytest.fixture
def copied_store(tmp_path: Path) -> str:
    """The URL of a store that holds nothing yet, on SQLite."""
    return made_store(tmp_path)
