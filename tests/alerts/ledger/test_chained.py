"""The contract of every table that says what the chain says: an honest line stands, and a line that was changed, taken
out or slipped in is found.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from alerts.case_events import CaseEvents
from alerts.kitchens.book import Book as KitchenBook
from alerts.ledger.chained import CHAINED, Chained
from alerts.ledger.verify import verify
from alerts.safety.book import Book as SafetyBook
from alerts.schema import metadata
from alerts.stations.log import StationLog
from alerts.store import Store
from records.safety.forms import Exemption
from tests.alerts.city_parts import T0
from topics.station_entry import StationEntry

CASES = [kind for kind, each in CHAINED.items() if each.table.name == f"{kind}_event"]

Write = Callable[[Store], None]


class Done(msgspec.Struct, frozen=True, tag="done"):
    """An event of any case."""

    time: int
    text: str


def _case(kind: str) -> Write:
    """A case of this kind with one event; its own row holds nothing that matters here."""
    table = CHAINED[kind].table
    of = metadata.tables[kind]
    empty: dict[type[Any], Any] = {str: "", int: 0, bool: False}
    row = {column.name: empty[column.type.python_type] for column in of.c if not column.nullable} | {"id": "case-1"}
    events = CaseEvents(table, msgspec.json.Decoder(Done).decode, lambda: T0)

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.insert(of).values(row))
        events.write(connection, "case-1", 1, Done(T0, "泄漏"))
        assert events.read(connection, "case-1") == [Done(T0, "泄漏")]

    return lambda store: store.write(work)


def _record(store: Store) -> None:
    SafetyBook(store, lambda: T0).enter(Exemption("e-1", "plant-1", T0, None, "王伟", "停产", T0))


def _visit(store: Store) -> None:
    KitchenBook(store, lambda: T0).visit("kitchen-1", T0, "王伟", "整洁", 91.5)


def _station(store: Store) -> None:
    StationLog(store).enter(StationEntry("m-1", "plant-1", "maintenance", T0, T0, work="repair"), T0)


#: What writes one line of each table, and a column of it that a forger would like to change. The log, tries and acts
#: have their stories in test_verify.py.
WRITERS: dict[str, tuple[Write, str, Any]] = {
    **{kind: (_case(kind), "body", '{"type":"done","time":1439388000000,"text":"nothing"}') for kind in CASES},
    "safety": (_record, "body", '{"id":"e-1","reason":"none"}'),
    "station": (_station, "body", '{"id":"m-1","work":"calibration"}'),
    "kitchen": (_visit, "score", 99.0),
}


@pytest.fixture
def store(copied_store: str) -> Iterator[Store]:
    made = Store(copied_store)
    yield made
    made.close()


def _faults(store: Store) -> list[str]:
    with store.read() as connection:
        return [each.fault for each in verify(connection).broken]


def _do(store: Store, statement: sa.Executable) -> None:
    store.write(lambda connection: connection.execute(statement))


def test_every_table_whose_lines_name_their_entry_is_held_against_the_chain() -> None:
    with_entry = {table.name for table in metadata.tables.values() if "entry" in table.c}
    assert with_entry == {each.table.name for each in CHAINED.values()}
    assert {"ticket", "accident", "declaration", "recall"} == set(CASES)


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_an_honest_line_stands_and_a_changed_one_is_found(store: Store, kind: str) -> None:
    write, column, forged = WRITERS[kind]
    write(store)
    assert _faults(store) == []
    _do(store, sa.update(CHAINED[kind].table).values({column: forged}))
    assert _faults(store) == ["line-changed"]


@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_a_line_that_was_taken_out_is_missed(store: Store, kind: str) -> None:
    write, *_ = WRITERS[kind]
    write(store)
    _do(store, sa.delete(CHAINED[kind].table))
    assert _faults(store) == ["line-removed"]


@pytest.mark.parametrize("kind", sorted(WRITERS))
@pytest.mark.parametrize("entry", [1, 77])
def test_a_line_that_was_slipped_in_is_found(store: Store, kind: str, entry: int) -> None:
    write, *_ = WRITERS[kind]
    write(store)
    _do(store, _copied(store, CHAINED[kind], entry))
    assert _faults(store) == ["line-inserted"]


def _copied(store: Store, chained: Chained, entry: int) -> sa.Executable:
    """The one line again under another key, which claims this entry."""
    with store.read() as connection:
        row = dict(connection.execute(sa.select(chained.table)).mappings().one())
    key = "number" if "number" in row else "id"
    more = {key: 2 if key == "number" else "z"}
    return sa.insert(chained.table).values(row | more | {"entry": entry})
