"""A store that was filled before names had numbers traces as before, and what comes later joins on to it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from alerts.custody.query import query
from alerts.custody.record import CustodyRecord
from alerts.custody.stored_links import StoredLinks
from alerts.store import Store
from records.custody import Facts, facts, lot_code
from records.links import Known
from records.trace import Seed, backward, forward
from tests.records.custody_stories import declared_wrong, linked, made
from topics.events import Custody

MILK = made(1, 10, ["milk"], ["yoghurt", "whey"])
BEFORE = [
    MILK,
    linked(2, 20, "case", ["yoghurt"], "ADD"),
    linked(3, 30, "van", ["case", "crate"], "ADD"),
    linked(4, 40, "van", ["crate"], "OBSERVE"),
    linked(5, 50, "van", [], "DELETE"),
    made(6, 60, ["case"], ["cake"], "baking"),
    made(7, 60, ["sand"], ["cake"], "baking"),
    declared_wrong(made(7, 60, ["sand"], ["cake"], "baking")),
]
LATER = [linked(8, 45, "shelf", ["case"], "ADD"), declared_wrong(linked(3, 30, "van", ["case", "crate"], "ADD"))]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.kafka)])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store of the schema before, with custody in it, brought up to date."""
    sqlite = f"sqlite:///{tmp_path / 'store.db'}"
    url = sqlite if request.param == "sqlite" else str(request.getfixturevalue("postgresql").fresh())
    fill_before(url, BEFORE)
    store = Store(url)
    yield store
    store.close()


def fill_before(url: str, events: Sequence[Custody]) -> None:
    """Make the store of the schema before, with these events in it."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "alerts:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0019")
        schema = sa.MetaData()
        schema.reflect(connection)
        wrong = {facts(each).retracts for each in events}
        for event in events:
            _keep(connection, schema, event, facts(event), facts(event).id in wrong)
        coded = {(lot, name) for event in events for name in facts(event).seen if (lot := lot_code(name))}
        for lot, name in coded:
            connection.execute(sa.insert(schema.tables["custody_lot"]), {"lot": lot, "element": name})
    engine.dispose()


def _keep(connection: sa.Connection, schema: sa.MetaData, event: Custody, told: Facts, wrong: bool) -> None:
    """As the program before did."""
    at = {"event": told.id, "time": told.time}
    row = {
        "id": told.id, "time": told.time, "site": event.site, "kind": told.kind, "step": told.step,
        "retracts": told.retracts, "retracted": wrong, "body": msgspec.json.encode(event.epcis).decode(), "content": "",
    }  # fmt: skip
    rows = {"custody_event": [row], "custody_seen": [], "custody_link": [], "custody_use": []}
    if not told.retracts and not wrong:
        rows["custody_seen"] = [at | {"element": name, "place": told.place, "party": ""} for name in told.seen]
        rows["custody_link"] = [
            at | {"parent": parent, "child": child, "action": action} for parent, child, action in told.links
        ]
        rows["custody_use"] = [
            at | {"element": name, "side": side, "process": told.process}
            for side, names in (("in", told.inputs), ("out", told.outputs))
            for name in names
        ]
    for name, some in rows.items():
        if some:
            connection.execute(sa.insert(schema.tables[name]), some)


def test_it_traces_as_before(filled: Store) -> None:
    known = Known(facts(each) for each in BEFORE)
    _same(filled, known)
    assert {"case", "van", "cake"} <= forward(known, [Seed("milk")]).carrying.keys()


def test_what_comes_later_joins_on_and_takes_back_what_was_told_before(filled: Store) -> None:
    assert CustodyRecord(filled).take([*LATER, MILK]) == {"shelf", "case", "van", "crate"}
    known = Known(facts(each) for each in [*BEFORE, *LATER])
    _same(filled, known)
    found = forward(known, [Seed("milk")]).carrying
    assert "shelf" in found and "van" not in found


def test_it_is_queried_as_before(filled: Store) -> None:
    assert [each["eventID"] for each in query(filled, {"MATCH_anyEPC": "yoghurt"}).events] == ["e1", "e2"]
    assert [each["eventID"] for each in query(filled, {"MATCH_inputEPC": "case"}).events] == ["e6"]
    assert [each["eventID"] for each in query(filled, {"EQ_transformationID": "baking"}).events] == ["e6"]
    assert [each["eventID"] for each in query(filled, {"MATCH_parentID": "van"}).events] == ["e3", "e4", "e5"]
    assert len(query(filled, {"EQ_bizLocation": "site"}).events) == 6


def _same(store: Store, known: Known) -> None:
    with store.read() as connection:
        links = StoredLinks(connection)
        for name in ("milk", "crate", "van", "sand", "case"):
            assert forward(links, [Seed(name)]) == forward(known, [Seed(name)])
            assert forward(links, [Seed(name, (25, 45))]) == forward(known, [Seed(name, (25, 45))])
        for name in ("cake", "van", "yoghurt"):
            assert backward(links, name) == backward(known, name)
