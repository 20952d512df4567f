"""What the tests of alerts share: a house with an empty store on SQLite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.city_parts import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Store, intake and desk on an empty SQLite file."""
    made = House(f"sqlite:///{tmp_path / 'store.db'}")
    yield made
    made.store.close()
