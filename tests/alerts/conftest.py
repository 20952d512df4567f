"""What the tests of alerts share: a house with an empty store, on SQLite and on a real PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.store import Store
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


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose schema is made, to copy: making it takes longer than most tests of alerts."""
    path = tmp_path_factory.mktemp("empty") / "store.db"
    store = Store(f"sqlite:///{path}")
    with store.read() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def copied_store(empty_store: Path, tmp_path: Path) -> str:
    """The URL of a copy of the empty store, on SQLite."""
    return f"sqlite:///{shutil.copy(empty_store, tmp_path / 'store.db')}"
