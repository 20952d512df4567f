"""What the database itself holds, whoever writes: one open alarm per key, no reopening, nothing twice."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from alerts import schema
from alerts.intake import Arrived
from alerts.lifecycle import NotAllowed
from alerts.store import Store
from tests.alerts.city_parts import MINUTE, T0, House, finding
from topics.errors import ConfigurationError, PartMissing

WRITERS = 8


def alarm_row(name: str, **more: Any) -> dict[str, Any]:
    """A row of an open alarm, as no program of ours would insert it."""
    row: dict[str, Any] = {
        "id": name, "key": "k", "domain": "d", "site": "s", "quantity": "q", "family": "f", "state": "unacknowledged",
        "severity": "red", "rank": 4, "latched_severity": "red", "covered_severity": "", "opened": T0, "updated": T0,
        "returned": None, "closed": None, "text_zh": "", "text_en": "", "value": None, "unit": "", "expected": None,
        "acknowledged_by": None, "acknowledged_at": None, "note": "", "follows": None, "revision": 0,
        "open_findings": "{}", "stored": 0,
    }  # fmt: skip
    return row | more


def insert(store: Store, row: dict[str, Any]) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(schema.alarm), row)


def test_the_migrations_make_exactly_the_tables_of_the_program(house: House) -> None:
    with house.store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_an_insert_that_finds_its_row_there_says_that_it_made_none(house: House) -> None:
    place = {"topic": "t", "partition": 0, "next_offset": 7}
    insert = house.store.insert_new(schema.kafka_offset).values(place)
    made = [house.store.write(lambda connection: connection.execute(insert).rowcount) for _ in range(2)]
    assert made == [1, 0]


def test_a_second_open_alarm_of_one_key_is_refused_by_the_database(house: House) -> None:
    insert(house.store, alarm_row("a"))
    with pytest.raises(sa.exc.IntegrityError):
        insert(house.store, alarm_row("b"))
    insert(house.store, alarm_row("c", key="other"))
    insert(house.store, alarm_row("d", state="normal", closed=T0))


@pytest.mark.parametrize("change", [{"closed": None, "state": "unacknowledged"}, {"closed": T0 + 1}])
def test_a_closed_alarm_is_not_reopened_by_anybody(house: House, change: dict[str, Any]) -> None:
    insert(house.store, alarm_row("a", state="normal", closed=T0))
    with pytest.raises(sa.exc.IntegrityError, match="never reopened"), house.store.engine.begin() as connection:
        connection.execute(sa.update(schema.alarm).values(**change))
    with house.store.engine.begin() as connection:
        connection.execute(sa.update(schema.alarm).values(revision=1))


def test_closed_and_normal_are_the_same_thing_to_the_database(house: House) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        insert(house.store, alarm_row("a", state="normal"))
    with pytest.raises(sa.exc.IntegrityError):
        insert(house.store, alarm_row("b", state="acknowledged", closed=T0))


def _at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """``work(number)`` in threads that begin together; what each returned or raised."""
    gate = threading.Barrier(count)

    def run(number: int) -> Any:
        gate.wait()
        try:
            return work(number)
        except (sa.exc.SQLAlchemyError, NotAllowed) as error:  # collected: the test judges it
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def houses(store_url: str) -> Iterator[list[House]]:
    """Several houses on one store, each with its own connections, as processes would have them."""
    made = [House(store_url) for _ in range(WRITERS)]
    yield made
    for each in made:
        each.store.close()


def test_of_many_writers_at_once_one_opens_the_alarm(houses: list[House]) -> None:
    results = _at_once(WRITERS, lambda number: insert(houses[number].store, alarm_row(f"a{number}")))
    assert results.count(None) == 1
    assert all(isinstance(each, sa.exc.IntegrityError) for each in results if each is not None)


def test_many_houses_taking_the_same_findings_store_each_once(houses: list[House]) -> None:
    batch = [Arrived(finding(quantity=f"q{number % 3}", subject=f"s{number}")) for number in range(12)]
    results = _at_once(WRITERS, lambda number: houses[number].intake.take(batch))
    assert sum(taken.stored for taken in results) == 12
    assert sum(taken.repeated for taken in results) == 12 * (WRITERS - 1)
    assert houses[0].rows("SELECT count(*) FROM alarm WHERE closed IS NULL") == [(3,)]
    assert houses[0].rows("SELECT count FROM tally WHERE name = 'repeated'") == [(12 * (WRITERS - 1),)]
    assert houses[0].rows("SELECT count(*), count(DISTINCT identifier) FROM warning") == [(3, 3)]


def test_of_many_acknowledgements_at_once_one_wins(houses: list[House]) -> None:
    (name,) = houses[0].take(finding())
    results = _at_once(WRITERS, lambda number: houses[number].desk.acknowledge(name, f"officer {number}", ""))
    assert [each for each in results if isinstance(each, sa.exc.SQLAlchemyError)] == []
    assert sum(not isinstance(each, Exception) for each in results) == 1
    assert houses[0].rows("SELECT count(*) FROM alarm_log WHERE action = 'acknowledged'") == [(1,)]


def test_a_failed_batch_leaves_neither_findings_nor_offsets(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alerts.intake.Intake._count", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        house.intake.take([Arrived(finding(), "findings", 0, 5)], {("findings", 0): 6})
    assert house.rows("SELECT count(*) FROM finding") == [(0,)]
    assert house.rows("SELECT count(*) FROM alarm") == [(0,)]
    assert house.intake.offsets.all() == {}


def test_records_before_the_stored_offset_are_skipped_without_being_counted(house: House) -> None:
    batch = [Arrived(finding(), "findings", 0, 5), Arrived(finding("close", 1, closed=T0 + MINUTE), "findings", 0, 6)]
    house.intake.take(batch[:1], {("findings", 0): 6})
    again = house.intake.take(batch, {("findings", 0): 7})
    assert (again.stored, again.repeated) == (1, 0)
    house.intake.take([], {("findings", 0): 3})
    assert house.intake.offsets.all() == {("findings", 0): 7}


def test_a_store_keeps_its_id_and_two_stores_differ(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("one", "two")]
    one, again, two = stores = [Store(urls[0]), Store(urls[0]), Store(urls[1])]
    assert one.id == again.id != two.id
    for each in stores:
        each.close()


def test_a_store_that_cannot_be_had_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"expected an SQLAlchemy URL.*got 'nonsense'"):
        Store("nonsense")
    with pytest.raises(PartMissing, match="does not open"):
        Store(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'store.db'}")
