"""The hash chain: how an entry is made, who may append, and that the way of findings goes through it."""

import hashlib
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.ledger.chain import GENESIS, Head, append, append_all, canonical, digest, head_of, read_head
from alerts.store import Store
from tests.alerts.city_parts import House, finding


def test_an_entry_is_what_the_page_says() -> None:
    text = canonical({"b": 1, "a": "报警", "c": None})
    assert text == '{"a":"报警","b":1,"c":null}'
    by_hand = hashlib.sha256(f"1\n{GENESIS}\naudit\n{text}".encode()).hexdigest()
    assert digest(1, GENESIS, "audit", text) == by_hand


def test_each_line_is_bound_to_the_one_before(house: House) -> None:
    heads = house.store.write(lambda connection: append_all(connection, [("audit", {"n": n}) for n in range(3)]))
    last = house.store.write(lambda connection: append(connection, "audit", {"n": 3}))
    rows = house.rows("SELECT sequence, previous, hash FROM ledger ORDER BY sequence")
    assert [row[0] for row in rows] == [1, 2, 3, 4]
    assert [row[1] for row in rows] == [GENESIS, *(head.hash for head in heads)]
    assert last == Head(4, rows[-1][2])
    with house.store.read() as connection:
        assert head_of(connection) == last


def test_every_line_of_the_log_and_every_release_is_chained(house: House) -> None:
    house.take(finding(severity="red"))
    lines = house.rows("SELECT count(*), count(DISTINCT entry) FROM alarm_log")
    assert lines == [(3, 3)]
    assert house.rows("SELECT count(*) FROM ledger WHERE kind = 'alarm-log'") == [(3,)]
    (head,) = (
        house.rows("SELECT DISTINCT statement ->> '$.ledger_head' FROM warning") if house.store.sqlite else [("0:",)]
    )
    assert head[0].startswith("0:")


def test_what_is_not_committed_is_in_no_chain(house: House) -> None:
    def fail(connection: sa.Connection) -> None:
        append(connection, "audit", {})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        house.store.write(fail)
    assert house.rows("SELECT count(*) FROM ledger") == [(0,)]


def test_many_writers_make_one_chain(house: House) -> None:
    url = house.store.engine.url.render_as_string(hide_password=False)
    stores = [Store(url) for _ in range(4)]
    gate = threading.Barrier(len(stores))

    def work(store: Store, number: int) -> None:
        gate.wait()
        for n in range(10):
            store.write(lambda connection, n=n: append(connection, "audit", {"writer": number, "n": n}))  # type: ignore[misc]

    threads = [threading.Thread(target=work, args=(store, number)) for number, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    rows = house.rows("SELECT sequence, kind, body, previous, hash FROM ledger ORDER BY sequence")
    assert [row[0] for row in rows] == list(range(1, 41))
    previous = GENESIS
    for sequence, kind, body, before, found in rows:
        assert (before, found) == (previous, digest(sequence, previous, kind, body))
        previous = found


@pytest.mark.parametrize("change", ["UPDATE ledger SET body = '{}'", "DELETE FROM ledger"])
def test_the_database_itself_refuses_to_change_an_entry(house: House, change: str) -> None:
    house.take(finding())
    with pytest.raises(sa.exc.IntegrityError, match="never changed or taken out"), house.store.engine.begin() as c:
        c.exec_driver_sql(change)


def test_a_head_is_written_and_read_in_one_way() -> None:
    head = Head(7, "ab" * 32)
    assert read_head(f" {head}\n") == head
    for wrong in ("", "7", "x:" + "ab" * 32, "7:ab", "7:" + "zz" * 32):
        with pytest.raises(ValueError, match="ledger head: expected sequence:hash"):
            read_head(wrong)


def test_lines_from_before_the_chain_are_chained_by_the_migration(tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    from alerts.ledger.verify import verify

    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "alerts:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(alarm)")]
        row = dict.fromkeys(columns, 0) | {"id": "a", "key": "k", "closed": None, "follows": None, "state": "x"}
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        connection.exec_driver_sql(f"INSERT INTO alarm ({names}) VALUES ({marks})", tuple(row.values()))
        for n in range(3):
            connection.exec_driver_sql(
                "INSERT INTO alarm_log (alarm_id, time, wall, action, who, note, from_state, to_state, severity, body)"
                f" VALUES ('a', {n}, {n}, 'raised', NULL, '\"报警\"', 'normal', 'normal', 'red', '')"
            )
    engine.dispose()
    store = Store(url)
    with store.read() as connection:
        found = verify(connection)
    assert (found.entries, found.broken) == (3, [])
    store.close()
