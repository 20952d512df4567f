"""An inspector finds every edit, insertion, removal, exchange and cut, and says which entry it is.

The tamperer here may write the database: triggers are dropped first, hashes are made anew where the story says so.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts.accounts.audit import AuditLog, Line
from alerts.ledger.chain import GENESIS, Head, digest, head_of
from alerts.ledger.deliveries import Ledger, Tried
from alerts.ledger.known_heads import KnownHead, from_published, heads_in
from alerts.ledger.opened import opened_for_reading
from alerts.ledger.verify import Verdict, verify
from alerts.sinks import Receipt
from alerts.warnings.cap import to_cap
from tests.alerts.city_parts import MINUTE, T0, House, finding
from tests.alerts.warnings.test_release import said
from tests.made_stores import made_store
from topics.errors import ConfigurationError
from topics.ledger_head import LedgerHead


@pytest.fixture
def lived(house: House) -> House:
    """A house with a day behind it: alarms raised, told, signed for and closed."""
    (name,) = house.take(finding(severity="red"))
    house.desk.acknowledge(name, "王伟", "出动")
    ledger = Ledger(house.store)
    due = ledger.due(house.clock.now_ms, 10)
    ledger.record([Tried(each, 5, Receipt(200, "officer", T0, "ack"), took_ms=3) for each in due])
    house.take(finding("close", 1, severity="red", closed=T0 + MINUTE))
    return house


def tamper(house: House, *statements: str) -> None:
    """Somebody who may write the database does this to it."""
    with house.store.engine.begin() as connection:
        if house.store.sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            for what in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS ledger_fixed_{what}")
        else:
            connection.exec_driver_sql("DROP TRIGGER IF EXISTS ledger_fixed ON ledger")
        for statement in statements:
            connection.exec_driver_sql(statement)


def rehash(house: House, since: int) -> None:
    """Make the chain anew from this entry on, so that it holds in itself, and renumber it without gaps."""
    with house.store.engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT sequence, kind, body FROM ledger ORDER BY sequence").all()
        previous = GENESIS
        for row in rows:
            found = digest(row.sequence, previous, row.kind, row.body)
            if row.sequence >= since:
                connection.exec_driver_sql(
                    f"UPDATE ledger SET previous = '{previous}', hash = '{found}' WHERE sequence = {row.sequence}"
                )
            previous = found


def check(house: House, known: Sequence[KnownHead] = ()) -> Verdict:
    with house.store.read() as connection:
        return verify(connection, known)


def faults(house: House, known: Sequence[KnownHead] = ()) -> list[tuple[int | None, str]]:
    return [(each.entry, each.fault) for each in check(house, known).broken]


def head_now(house: House) -> KnownHead:
    with house.store.read() as connection:
        head = head_of(connection)
    return from_published(LedgerHead(house.store.id, head.sequence, head.hash, T0), "the topic")


def test_an_honest_ledger_is_whole_and_counted(lived: House) -> None:
    verdict = check(lived, [head_now(lived)])
    (count,) = lived.rows("SELECT count(*) FROM ledger")
    assert (verdict.entries, verdict.broken, verdict.heads_checked) == (count[0], [], 1)
    assert verdict.entries == verdict.head.sequence > 8


def test_an_edit_names_the_entry(lived: House) -> None:
    edit = """replace(body, '"who":"王伟"', '"who":"李四"')"""
    tamper(lived, f"UPDATE ledger SET body = {edit} WHERE sequence = 4")
    first, second = check(lived).broken
    assert (first.entry, first.fault) == (4, "changed")
    assert first.what.startswith("entry 4: its content (alarm-log) has the hash ")
    assert (second.entry, second.fault) == (4, "line-changed")
    assert "who: entered as '李四', got '王伟'" in second.what


def test_an_edit_of_the_log_beside_the_chain_names_line_and_column(lived: House) -> None:
    tamper(lived, "UPDATE alarm_log SET who = '李四' WHERE entry = 4")
    (fault,) = check(lived).broken
    assert (fault.entry, fault.fault) == (4, "line-changed")
    assert fault.what.endswith("of alarm_log: who: entered as '王伟', got '李四'")


def test_a_removal_names_the_gap(lived: House) -> None:
    tamper(lived, "DELETE FROM ledger WHERE sequence IN (3, 4)", "DELETE FROM alarm_log WHERE entry IN (3, 4)")
    broken = check(lived).broken
    assert broken[0].what == "entries 3 to 4 are missing before entry 5"


def test_a_line_taken_out_of_the_log_is_missed_by_its_entry(lived: House) -> None:
    tamper(lived, "DELETE FROM alarm_log WHERE entry = 4")
    assert faults(lived) == [(4, "line-removed")]


def test_a_line_slipped_into_the_log_has_no_entry(lived: House) -> None:
    columns = "alarm_id, time, wall, action, who, note, from_state, to_state, severity, body"
    tamper(
        lived,
        f"INSERT INTO alarm_log ({columns}) SELECT {columns} FROM alarm_log WHERE entry = 4",
        f"INSERT INTO alarm_log ({columns}, entry) SELECT {columns}, entry FROM alarm_log WHERE entry = 4",
    )
    broken = check(lived).broken
    assert [(each.entry, each.fault) for each in broken] == [(4, "line-inserted"), (None, "line-inserted")]
    assert broken[0].what.endswith("claims entry 4, which another line has already")
    assert broken[1].what.endswith("of alarm_log was never entered")


def test_an_entry_slipped_in_by_moving_the_others_up_breaks_every_one_after_it(lived: House) -> None:
    before = check(lived).entries
    tamper(
        lived,
        "UPDATE ledger SET sequence = -sequence - 1 WHERE sequence >= 4",
        "UPDATE ledger SET sequence = -sequence WHERE sequence < 0",
        "INSERT INTO ledger SELECT 4, kind, body, previous, hash FROM ledger WHERE sequence = 3",
    )
    found = [entry for entry, fault in faults(lived) if fault == "changed"]
    assert found == list(range(4, before + 2))


def test_two_entries_exchanged_are_both_named(lived: House) -> None:
    tamper(
        lived,
        "UPDATE ledger SET sequence = -1 WHERE sequence = 3",
        "UPDATE ledger SET sequence = 3 WHERE sequence = 4",
        "UPDATE ledger SET sequence = 4 WHERE sequence = -1",
    )
    found = faults(lived)
    assert {(3, "changed"), (4, "changed"), (3, "does-not-follow"), (4, "does-not-follow")} <= set(found)
    assert (5, "does-not-follow") in found and (6, "changed") not in found


def test_a_tail_cut_off_cleanly_shows_only_against_a_published_head(lived: House) -> None:
    known = head_now(lived)
    last = known.head.sequence
    gone = f"(SELECT entry FROM alarm_log WHERE entry > {last - 2})"
    tamper(lived, f"DELETE FROM ledger WHERE sequence > {last - 2}", f"DELETE FROM alarm_log WHERE entry IN {gone}")
    tamper(lived, "DELETE FROM delivery WHERE id > 4", "DELETE FROM warning WHERE id > 4")
    assert faults(lived) == []
    (fault,) = check(lived, [known]).broken
    assert (fault.entry, fault.fault) == (last, "cut-off")
    assert fault.what.startswith(f"the topic says that there were {last} entries; the ledger ends at {last - 2}")


def test_a_tail_made_anew_by_the_databases_owner_shows_only_against_a_published_head(lived: House) -> None:
    early, late = KnownHead(Head(2, _hash(lived, 2)), "10:01"), head_now(lived)
    tamper(
        lived,
        "UPDATE ledger SET body = replace(body, '王伟', '李四') WHERE sequence = 4",
        "UPDATE alarm_log SET who = '李四' WHERE who = '王伟'",
    )
    text = "replace(body, '王伟', '李四')"
    tamper(lived, f"UPDATE alarm_log SET body = {text}", f"UPDATE ledger SET body = {text} WHERE kind = 'alarm-log'")
    rehash(lived, 4)
    assert [fault for fault in faults(lived) if fault[1] in ("changed", "does-not-follow", "line-changed")] == []
    broken = check(lived, [early, late]).broken
    assert [(each.entry, each.fault) for each in broken] == [(late.head.sequence, "made-anew")]
    assert "they agree up to entry 2" in broken[0].what


def _hash(house: House, sequence: int) -> str:
    ((found,),) = house.rows(f"SELECT hash FROM ledger WHERE sequence = {sequence}")
    return str(found)


def test_tries_and_warnings_are_vouched_for_too(lived: House) -> None:
    tamper(lived, "UPDATE delivery_try SET http_status = 500 WHERE number = 1 AND delivery_id = 1")
    tamper(lived, "UPDATE warning SET statement = replace(statement, 'Alert', 'Update') WHERE id = 1")
    broken = check(lived).broken
    assert {each.fault for each in broken} == {"line-changed", "warning-changed"}
    assert any("http_status: entered as 200, got 500" in each.what for each in broken)


def test_acts_at_the_desk_are_vouched_for_too(lived: House) -> None:
    audit = AuditLog(lived.store, lived.clock)
    audit.write(Line("王伟", "session", "acknowledge", "POST /api/alarms/a/acknowledge", "127.0.0.1", "done", 200))
    assert faults(lived) == []
    tamper(lived, "UPDATE audit SET who = '李四'")
    (fault,) = check(lived).broken
    assert fault.what.endswith("of audit: who: entered as '王伟', got '李四'")


def test_a_warning_from_nowhere_is_named(lived: House) -> None:
    columns = "alarm_id, authority, msg_type, severity, rule, released, created, statement"
    tamper(
        lived,
        f"INSERT INTO warning ({columns}, identifier, number) SELECT {columns}, 'forged', 99 FROM warning WHERE id = 1",
    )
    (fault,) = check(lived).broken
    assert fault.what == "warning forged was never entered"


def test_the_heads_that_warnings_bear_are_known_heads(lived: House, tmp_path: Path) -> None:
    statements = said(lived)
    (tmp_path / "bureau").mkdir()
    for number, each in enumerate(statements):
        (tmp_path / "bureau" / f"{number}.cap.xml").write_bytes(to_cap(each))
    held = list(heads_in(tmp_path / "bureau"))
    assert [str(each.head) for each in held] == [each.ledger_head for each in statements]
    assert {each.store for each in held} == {lived.store.id}
    assert check(lived, held).broken == []
    last = max(each.head.sequence for each in held)
    tamper(lived, f"DELETE FROM ledger WHERE sequence >= {last}")
    assert (last, "cut-off") in faults(lived, held)


def test_heads_are_read_line_by_line_and_those_of_another_store_are_left_aside(lived: House, tmp_path: Path) -> None:
    file = tmp_path / "heads.jsonl"
    head = head_now(lived).head
    other = f'{{"store":"other","sequence":9999,"hash":"{"ab" * 32}","published":{T0}}}'
    file.write_text(f"{head}\n\n{other}\n")
    verdict = check(lived, list(heads_in(file)))
    assert (verdict.heads_checked, verdict.heads_of_other_stores, verdict.broken) == (1, 1, [])
    file.write_text(f"{head}\nnonsense\n")
    with pytest.raises(ConfigurationError, match=r"heads\.jsonl:2: expected a ledger head, got: .* got 'nonsense'"):
        list(heads_in(file))
    with pytest.raises(ConfigurationError, match="No such file"):
        list(heads_in(tmp_path / "none"))


def test_a_store_is_opened_for_reading_alone(lived: House, tmp_path: Path) -> None:
    url = lived.store.engine.url.render_as_string(hide_password=False)
    with opened_for_reading(url) as connection:
        assert verify(connection).broken == []
        if lived.store.sqlite:
            with pytest.raises(sa.exc.OperationalError, match="readonly"):
                connection.exec_driver_sql("DELETE FROM alarm_log")
    with (
        pytest.raises(ConfigurationError, match="expected a file"),
        opened_for_reading(f"sqlite:///{tmp_path / 'no.db'}"),
    ):
        pass
    sa.create_engine(f"sqlite:///{tmp_path / 'empty.db'}").connect().exec_driver_sql("CREATE TABLE x (y INTEGER)")
    with (
        pytest.raises(ConfigurationError, match="a table ledger"),
        opened_for_reading(f"sqlite:///{tmp_path / 'empty.db'}"),
    ):
        pass
    with pytest.raises(ConfigurationError, match="SQLAlchemy URL"), opened_for_reading("nonsense"):
        pass


def test_the_page_has_a_check_that_needs_nothing_of_ours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[3] / "docs" / "ledger.md").read_text(encoding="utf-8")
    program = page.split("```python\n")[1].split("```")[0].replace("store.db", str(tmp_path / "store.db"))
    house = House(made_store(tmp_path))
    house.take(finding(severity="red"))
    exec(program, {})
    assert capsys.readouterr().out.startswith("whole: 3 entries, head ")
    tamper(house, "UPDATE ledger SET body = '{}' WHERE sequence = 2")
    with pytest.raises(SystemExit, match="broken at entry 2"):
        exec(program, {})
    house.store.close()
