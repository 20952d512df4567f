"""A store from before it said who is awaited: each authority finds its own, what has left waits for nobody."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from alerts.declarations import tables
from alerts.store import Store
from records.declaration_events import Event, Seen, Signed
from records.declaration_life import fold
from tests.records.test_declaration_life import T, accepted, amended, entered

BEFORE: dict[str, list[Event]] = {
    "both": [entered()],
    "one": [entered(), Signed(T + 1, "Wu", "transport")],
    "anew": [*accepted(), amended(T + 3), Signed(T + 4, "Sun", "emergency")],
    "none": accepted(),
    "left": [entered(), Seen(T + 9, "o", "gate-out")],
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.kafka)])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store of the schema before, with declarations in it, brought up to date."""
    sqlite = f"sqlite:///{tmp_path / 'store.db'}"
    url = sqlite if request.param == "sqlite" else str(request.getfixturevalue("postgresql").fresh())
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "alerts:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0020")
        for name, events in BEFORE.items():
            _keep(connection, name, events)
    engine.dispose()
    store = Store(url)
    yield store
    store.close()


def _keep(connection: sa.Connection, name: str, events: list[Event]) -> None:
    """As the program before did."""
    known = fold(events)
    row = {
        "id": name, "site": "yard", "domain": "cargo", "container": "CSQU3054383", "state": known.state,
        "unlawful": known.unlawful, "entered": T, "operation": known.newest.form.operation,
        "due": known.newest.due if known.newest.open else None, "closed": known.closed, "events": len(events),
    }  # fmt: skip
    connection.execute(sa.insert(tables.declaration).values(row))
    for number, event in enumerate(events, start=1):
        body = msgspec.json.encode(event).decode()
        said = {"number": number, "time": event.time, "wall": 0, "body": body, "entry": 0}
        connection.execute(sa.insert(tables.declaration_event).values(declaration_id=name, **said))


def test_who_is_awaited_is_had_from_the_events(filled: Store) -> None:
    table, awaited = tables.declaration.c, tables.declaration_awaited.c
    with filled.read() as connection:
        asked = sa.select(awaited.declaration_id, awaited.authority).order_by(*awaited)
        found = [tuple(row) for row in connection.execute(asked)]
        due = set(connection.execute(sa.select(table.id).where(table.due.is_not(None))).scalars())
    assert found == [("anew", "transport"), ("both", "emergency"), ("both", "transport"), ("one", "emergency")]
    assert due == {"both", "one", "anew"}
