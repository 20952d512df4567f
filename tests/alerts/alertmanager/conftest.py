"""What the tests of Alertmanager's API share."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alerts.alertmanager.parts import Alertmanager
from alerts.store import Store
from tests.alerts.alertmanager.parts import alertmanager, client
from tests.alerts.city_parts import House


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose schema is made, to copy: making it takes longer than most tests of this folder."""
    path = tmp_path_factory.mktemp("alertmanager") / "store.db"
    store = Store(f"sqlite:///{path}")
    with store.read() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


@pytest.fixture
def store_url(empty_store: Path, tmp_path: Path) -> str:
    """On SQLite; the silences' own tests and the recorded exchanges go to PostgreSQL too."""
    return f"sqlite:///{shutil.copy(empty_store, tmp_path / 'store.db')}"


@pytest.fixture
def parts(house: House) -> Alertmanager:
    return alertmanager(house)


@pytest.fixture
async def am(parts: Alertmanager) -> AsyncIterator[httpx.AsyncClient]:
    async with client(parts) as made:
        yield made
