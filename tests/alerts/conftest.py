"""What the tests of alerts share: a house with an empty store, on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.city_parts import House
from tests.postgresql_server import PostgreSQL


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.kafka)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.fresh()


@pytest.fixture
def house(store_url: str) -> Iterator[House]:
    """Store, intake and desk on an empty store."""
    made = House(store_url)
    yield made
    made.store.close()
