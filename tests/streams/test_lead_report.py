"""Minutes from the first warning to the event, as the report of a played day gives and prints them."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

from alerts import schema
from alerts.store import Store
from streams.lead_report import ToldWhen, lead_report, lead_text, told_when
from streams.sources.simulator.script import load_script
from streams.sources.simulator.script_lines import Seen, ms
from tests.made_stores import made_store
from topics.finding import Text

MINUTE = 60_000
FIRE = dt.datetime(2015, 8, 12, 22, 51, 46)


def seen(at: dt.datetime = FIRE, site: str = "yard", name: str = "first-fire") -> Seen:
    return Seen(
        id=name,
        title=Text("起火", "The fire"),
        source="test",
        basis="assumed",
        site=site,
        at=at,
        what="fire",
        by="camera",
    )


def before(minutes: float) -> int:
    return ms(FIRE) - round(minutes * MINUTE)


def test_the_night_is_held_against_its_first_fire_and_its_first_blast() -> None:
    events = [line for line in load_script("port-2015").lines if isinstance(line, Seen) and line.event]
    assert {line.id for line in events} == {"first-fire", "first-blast"}
    assert {line.site for line in events} == {"yard-ruihai"}
    fire, blast = lead_report(events, ToldWhen((), (("yard-ruihai", before(51)), ("air-06", before(500)))))
    assert (fire["event"], fire["minutes"], fire["missed"]) == ("first-fire", 51.0, False)
    assert blast["minutes"] == 51 + 42.3  # 22:51:46 to 23:34:06


def test_a_slope_that_slips_is_warned_of_by_what_opened_before_it_went() -> None:
    """The slope at the quarry creeps; its rate is odd 95 minutes before it goes, its limit 20 before, and the
    gauges fall silent with it, which warned of nothing."""
    slip = seen(site="quarry", name="slope-slips")
    alarms = (
        ("quarry", "displacement", "anomaly", before(95)),
        ("quarry", "displacement", "limit", before(20)),
        ("quarry", "displacement", "limit", before(-8)),
        ("quarry", "slip", "observed", before(0)),
        ("quarry", "gauges", "quality", before(-1)),
        ("yard", "gas", "limit", before(300)),
    )
    (told,) = lead_report([slip], ToldWhen(alarms, (("quarry", before(19.5)), ("quarry", before(-2)))))
    assert told["minutes"] == 19.5
    assert told["alarms"] == {
        "displacement anomaly": 95.0,
        "displacement limit": 20.0,
        "gauges quality": None,
        "slip observed": 0.0,
    }
    assert lead_text(told) == "19.5 min; 2 alarms of the site before it, the last 20.0 min"


def test_a_warning_after_the_event_is_a_miss_and_says_how_late() -> None:
    (told,) = lead_report([seen()], ToldWhen((("yard", "fire", "observed", before(0)),), (("yard", before(-0.5)),)))
    assert told["missed"] is True
    assert told["minutes"] is None
    assert lead_text(told) == "MISSED: the first came 0.5 min after it"


@pytest.mark.parametrize(("minutes", "said"), [(119.9, "119.9 min"), (150, "2.5 h"), (47_727.2, "33.1 days")])
def test_long_leads_are_said_in_hours_and_days(minutes: float, said: str) -> None:
    (told,) = lead_report([seen()], ToldWhen((), (("yard", before(minutes)),)))
    assert lead_text(told) == said


def test_no_warning_at_all_is_a_miss() -> None:
    (told,) = lead_report([seen()], ToldWhen((), (("elsewhere", before(10)),)))
    assert told["missed"] is True
    assert lead_text(told) == "MISSED: no warning came"


def test_the_store_says_when_what_was_told_and_a_cancellation_is_no_warning(tmp_path: Path) -> None:
    def fill(connection: sa.Connection) -> None:
        _insert(connection, schema.alarm, id="a", site="yard", quantity="gas", family="limit", opened=before(30))
        for number, (kind, released) in enumerate([("Cancel", before(40)), ("Alert", before(29))]):
            said = {"identifier": kind, "msg_type": kind, "number": number, "released": released}
            _insert(connection, schema.warning, alarm_id="a", **said)

    store = Store(made_store(tmp_path))
    try:
        store.write(fill)
        told = told_when(store)
    finally:
        store.close()
    assert told == ToldWhen((("yard", "gas", "limit", before(30)),), (("yard", before(29)),))


def _insert(connection: sa.Connection, table: sa.Table, **values: object) -> None:
    """A row with something in each column that must have it."""
    filled = {
        column.name: (0 if isinstance(column.type, sa.Integer | sa.BigInteger) else "x")
        for column in table.columns
        if not column.nullable and not column.primary_key
    }
    connection.execute(table.insert().values(**(filled | values)))
