"""What the tests of Alertmanager's API share."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from alerts.alertmanager.parts import Alertmanager
from tests.alerts.alertmanager.parts import alertmanager, client
from tests.alerts.city_parts import House
from tests.made_stores import made_store


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """On SQLite; the silences' own tests and the recorded exchanges go to PostgreSQL too."""
    return made_store(tmp_path)


@pytest.fixture
def parts(house: House) -> Alertmanager:
    return alertmanager(house)


@pytest.fixture
async def am(parts: Alertmanager) -> AsyncIterator[httpx.AsyncClient]:
    async with client(parts) as made:
        yield made
