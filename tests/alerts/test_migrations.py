"""A store of the first schema, with data in it, brought up to date: nothing is lost and every log still folds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from alerts.alarm_row import from_row
from alerts.lifecycle import fold
from alerts.log import actions_of
from tests.alerts.city_parts import MINUTE, T0, House, finding

FIRST_ALARM = {
    "key": "safety|tank-farm-1|lel|limit", "domain": "safety", "site": "tank-farm-1", "quantity": "lel",
    "family": "limit", "text_zh": "超限", "text_en": "above its limit", "value": 30.0, "unit": "%LEL",
    "expected": 25.0, "follows": None, "stored": 1,
}  # fmt: skip
#: Alarms as the first program left them: columns of their own, and their log.
FIRST: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "closed": (
        {
            "state": "normal", "severity": "red", "rank": 4, "latched_severity": "red", "covered_severity": "red",
            "opened": T0 - MINUTE, "updated": T0 + 3 * MINUTE, "returned": T0 + 3 * MINUTE, "closed": T0 + 3 * MINUTE,
            "acknowledged_by": "wang", "acknowledged_at": T0 + 2 * MINUTE, "note": "seen", "revision": 1,
            "open_findings": "{}",
        },
        [
            {"action": "raised", "time": T0, "finding": "a", "severity": "yellow", "opened": T0 - MINUTE},
            {"action": "changed", "time": T0 + MINUTE, "finding": "a", "severity": "red"},
            {"action": "acknowledged", "time": T0 + 2 * MINUTE, "who": "wang", "note": "seen"},
            {"action": "cleared", "time": T0 + 3 * MINUTE, "finding": "a"},
            {"action": "revised", "time": T0 + MINUTE, "finding": "b"},
        ],
    ),
    "recorded": (
        {
            "state": "normal", "severity": "yellow", "rank": 2, "latched_severity": "yellow", "covered_severity": "",
            "opened": T0 - 9 * MINUTE, "updated": T0, "returned": T0, "closed": T0, "acknowledged_by": None,
            "acknowledged_at": None, "note": "", "revision": 1, "open_findings": "{}",
        },
        [{"action": "recorded", "time": T0, "finding": "c", "severity": "yellow", "opened": T0 - 9 * MINUTE}],
    ),
    "open": (
        {
            "state": "unacknowledged", "severity": "yellow", "rank": 2, "latched_severity": "yellow",
            "covered_severity": "", "opened": T0 + 5 * MINUTE, "updated": T0 + 5 * MINUTE, "returned": None,
            "closed": None, "acknowledged_by": None, "acknowledged_at": None, "note": "", "revision": 0,
            "open_findings": '{"d":"yellow"}', "follows": "closed",
        },
        [{"action": "raised", "time": T0 + 5 * MINUTE, "finding": "d", "severity": "yellow", "opened": 0}],
    ),
}  # fmt: skip


def _first_schema(url: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "alerts:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables = sa.MetaData()
        tables.reflect(connection)
        for name, (columns, log) in FIRST.items():
            connection.execute(sa.insert(tables.tables["alarm"]), FIRST_ALARM | columns | {"id": name})
            lines = [_line(name, action) for action in log]
            connection.execute(sa.insert(tables.tables["alarm_log"]), lines)
    engine.dispose()


def _line(alarm: str, action: dict[str, Any]) -> dict[str, Any]:
    return {
        "alarm_id": alarm, "time": action["time"], "wall": 1, "action": action["action"], "who": action.get("who"),
        "note": action.get("note", ""), "from_state": "", "to_state": "", "severity": "", "body": json.dumps(action),
    }  # fmt: skip


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.kafka)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    return str(request.getfixturevalue("postgresql").fresh())


@pytest.fixture
def upgraded(store_url: str) -> Iterator[House]:
    """A house on a store that the first program began."""
    _first_schema(store_url)
    house = House(store_url)
    yield house
    house.store.close()


def test_every_alarm_of_the_first_schema_is_the_fold_of_its_log(upgraded: House) -> None:
    with upgraded.store.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM alarm").mappings().all()
        assert {row["id"] for row in rows} == FIRST.keys()
        for row in rows:
            bodies = connection.exec_driver_sql(
                f"SELECT body FROM alarm_log WHERE alarm_id = '{row['id']}' ORDER BY id"
            )
            again = fold(actions_of(bodies.scalars()), lambda code: upgraded.city.rank("safety", code))
            assert again == from_row(dict(row)).life


def test_an_open_alarm_of_the_first_schema_lives_on(upgraded: House) -> None:
    assert upgraded.desk.on_time() == []
    done = upgraded.desk.acknowledge("open", "li", "")
    assert done is not None and done.life.state == "acknowledged" and done.life.annunciated == T0 + 5 * MINUTE
    assert upgraded.take(finding(opened=T0 + 6 * MINUTE)) == ["open"]


def test_the_database_s_own_rules_outlive_the_upgrade(upgraded: House) -> None:
    for change in ("closed = NULL, state = 'unacknowledged' WHERE id = 'closed'", "closed = 7 WHERE id = 'recorded'"):
        with pytest.raises(sa.exc.IntegrityError, match="never reopened"), upgraded.store.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alarm SET {change}")
    with pytest.raises(sa.exc.IntegrityError), upgraded.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alarm SET state = 'normal' WHERE id = 'open'")


def test_entries_of_a_stations_log_from_before_keep_when_they_were_made_and_by_whom(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    body = json.dumps({"id": "m1", "site": "s", "kind": "maintenance", "start": T0, "made": T0 + MINUTE, "who": "Wang"})
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "alerts:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0018")
        connection.exec_driver_sql(
            "INSERT INTO station_entry VALUES ('m1', 1, 1, 's', '', 'maintenance', ?, NULL, 7, ?, 1)", (T0, body)
        )
        command.upgrade(config, "0019")
        assert connection.exec_driver_sql("SELECT made, who, wall FROM station_entry").one() == (T0 + MINUTE, "Wang", 7)
    engine.dispose()
