"""Findings become alarms: repeats, order, late data, follow-ups, and what is broken."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.alarm_list import Cut
from alerts.alarm_row import from_row
from alerts.city import City
from alerts.desk import MakeAction
from alerts.intake import read_finding
from alerts.lifecycle import Acknowledged, Closed, Shelved, fold
from alerts.log import actions_of
from alerts.queries import Queries
from tests.alerts.city_parts import MINUTE, T0, House, domain, finding
from tests.made_stores import made_store
from topics.codec import encode
from topics.finding import Finding, Text
from topics.handling import EscalationStep, Handling


def alarms(house: House) -> list[dict[str, Any]]:
    """All alarms, oldest first."""
    items = Queries(house.store, house.city).alarms(Cut("all"), 500)["items"]
    return list(reversed(items))


def test_an_episode_is_one_alarm_from_opening_to_close(house: House) -> None:
    (name,) = house.take(finding(severity="yellow"))
    assert house.take(finding("update", 1, severity="red", value=60.0)) == [name]
    house.desk.acknowledge(name, "wang", "")
    house.take(finding("close", 2, severity="red", closed=T0 + 2 * MINUTE))
    (alarm,) = alarms(house)
    assert (alarm["state"], alarm["severity"], alarm["value"]) == ("normal", "red", 60.0)
    assert (alarm["opened"], alarm["closed"]) == (T0, T0 + 2 * MINUTE)


def test_several_detectors_on_one_key_share_the_alarm(house: House) -> None:
    house.take(finding(), finding(detector="ewma", opened=T0 + MINUTE))
    house.take(finding("close", 1, closed=T0 + MINUTE))
    assert [alarm["state"] for alarm in alarms(house)] == ["unacknowledged"]
    house.take(finding("close", 1, detector="ewma", opened=T0 + MINUTE, closed=T0 + 2 * MINUTE))
    assert [alarm["state"] for alarm in alarms(house)] == ["returned-unacknowledged"]


def test_a_new_episode_after_the_close_is_a_new_alarm_that_follows(house: House) -> None:
    (first,) = house.take(finding())
    house.desk.acknowledge(first, "wang", "")
    house.take(finding("close", 1, closed=T0 + MINUTE))
    (second,) = house.take(finding(opened=T0 + 10 * MINUTE))
    assert second != first
    assert [(alarm["id"], alarm["follows"]) for alarm in alarms(house)] == [(first, None), (second, first)]


def test_closing_and_opening_anew_in_one_batch_makes_two_alarms(house: House) -> None:
    (first,) = house.take(finding())
    house.desk.acknowledge(first, "wang", "")
    again = finding(opened=T0 + 10 * MINUTE)
    house.take(finding("close", 1, closed=T0 + MINUTE), again)
    assert [alarm["state"] for alarm in alarms(house)] == ["normal", "unacknowledged"]


def test_repeats_are_counted_and_change_nothing(house: House) -> None:
    house.take(finding(), finding())
    before = alarms(house)
    house.take(finding(), finding("update", 1), finding("update", 1))
    assert house.rows("SELECT count FROM tally WHERE name = 'repeated'") == [(3,)]
    assert house.rows("SELECT count(*) FROM finding") == [(2,)]
    assert len(alarms(house)) == len(before) == 1


def test_a_message_that_comes_after_a_later_one_is_kept_without_effect(house: House) -> None:
    house.take(finding(), finding("close", 2, closed=T0 + 2 * MINUTE))
    house.take(finding("update", 1, severity="red"))
    (alarm,) = alarms(house)
    assert (alarm["state"], alarm["severity"]) == ("returned-unacknowledged", "yellow")
    assert house.rows("SELECT count FROM tally WHERE name = 'out_of_order'") == [(1,)]
    assert house.rows("SELECT count(*) FROM finding") == [(3,)]


def test_a_close_whose_opening_never_came_is_still_told(house: House) -> None:
    house.take(finding("close", 3, closed=T0 + MINUTE))
    (alarm,) = alarms(house)
    assert (alarm["state"], alarm["returned"]) == ("returned-unacknowledged", T0 + MINUTE)
    kinds = house.rows("SELECT msg_type FROM warning ORDER BY number")
    assert kinds == [("Alert",), ("Update",)]


def late(**more: Any) -> Finding:
    return finding(late=True, detector="late", phase="close", closed=more.pop("closed", T0 + MINUTE), **more)


def test_late_data_revises_the_alarm_it_falls_into_and_sounds_nothing(house: House) -> None:
    (name,) = house.take(finding())
    house.desk.acknowledge(name, "wang", "")
    house.take(finding("close", 1, closed=T0 + 5 * MINUTE))
    said = house.rows("SELECT count(*) FROM warning")
    assert house.take(late(opened=T0 + MINUTE, severity="red", closed=T0 + 2 * MINUTE)) == [name]
    (alarm,) = alarms(house)
    assert (alarm["state"], alarm["severity"], alarm["revision"]) == ("normal", "yellow", 1)
    assert house.rows("SELECT count(*) FROM warning") == said


def test_late_data_where_no_alarm_was_is_on_record_and_closed_from_the_start(house: House) -> None:
    house.take(late(severity="red"))
    (alarm,) = alarms(house)
    assert (alarm["state"], alarm["opened"], alarm["closed"], alarm["revision"]) == ("normal", T0, T0 + MINUTE, 1)
    assert house.rows("SELECT count(*) FROM warning") == [(0,)]


def test_late_data_never_makes_an_open_alarm_worse(house: House) -> None:
    (name,) = house.take(finding())
    house.desk.acknowledge(name, "wang", "")
    house.take(finding("update", 1, severity="red", late=True))
    (alarm,) = alarms(house)
    assert (alarm["state"], alarm["severity"], alarm["revision"]) == ("acknowledged", "yellow", 1)


def test_a_message_after_the_close_of_its_episode_is_a_revision(house: House) -> None:
    (name,) = house.take(finding())
    house.desk.acknowledge(name, "wang", "")
    house.take(finding("close", 1, closed=T0 + MINUTE))
    house.take(finding("update", 2, severity="red"))
    (alarm,) = alarms(house)
    assert (alarm["state"], alarm["revision"]) == ("normal", 1)


def test_an_alarm_nobody_can_place_is_stored_and_says_what_is_missing(house: House) -> None:
    (name,) = house.take(finding(domain="unheard-of", site="nowhere", severity="purple", text=finding().text))
    story = Queries(house.store, house.city).story(name)
    assert story is not None
    said = " / ".join(problem["en"] for problem in story["problems"])
    assert 'no pack for domain "unheard-of"' in said
    assert 'site "nowhere" is not in the registry' in said
    assert 'severity "purple" is not in the scheme' in said
    assert house.rows("SELECT rank FROM alarm") == [(4,)], "what is not known counts as the worst"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ({"time": 0}, r"between 2000 and 2100 - at `\$\.time`, got 0"),
        ({"opened": 2**70}, "finding"),
        ({"seq": 2**40}, r"seq <= 2147483647"),
        ({"phase": "half"}, r"\$\.phase"),
        ({"seq": -1}, r"\$\.seq"),
    ],
)
def test_what_is_no_finding_is_refused_with_the_place(spoil: dict[str, Any], said: str) -> None:
    fields = msgspec.to_builtins(finding()) | spoil
    with pytest.raises(ValueError, match=said):
        read_finding(msgspec.json.encode(fields))


@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"[" * 5000, b"null", b'{"id": 3}'])
def test_bytes_that_are_no_finding_are_refused(value: bytes) -> None:
    with pytest.raises(ValueError, match="finding"):
        read_finding(value)


def test_nul_is_replaced_because_postgresql_keeps_it_in_no_text() -> None:
    assert read_finding(encode(finding(unit="a\x00b"))).unit == "a\ufffdb"


MESSAGES = st.lists(
    st.tuples(
        st.sampled_from(["open", "update", "close", "open", "update", "close", "ack", "shelve", "end", "tick"]),
        st.integers(0, 4),
        st.sampled_from(["blue", "yellow", "red"]),
        st.sampled_from(["one", "two"]),
        st.integers(0, 2),
        st.booleans(),
    ),
    max_size=25,
)


STAGED = Handling(
    on_delay_s=60,
    off_delay_s=90,
    realarm_acknowledged_s=300,
    acknowledge_within_s={"red": 120},
    escalate_to=("leader",),
)
BY_HAND: dict[str, MakeAction] = {
    "ack": lambda _, now: Acknowledged(now, "wang"),
    "shelve": lambda _, now: Shelved(now, "wang", "", now + 5 * MINUTE, "known"),
    "end": lambda _, now: Closed(now, "wang", verdict="maintenance"),
}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(MESSAGES)
def test_every_alarm_is_the_fold_of_its_log_whatever_came(
    tmp_path_factory: pytest.TempPathFactory, messages: list[tuple[str, int, str, str, int, bool]]
) -> None:
    house = House(made_store(tmp_path_factory.mktemp("fold")))
    house.city.put(domain(handling={"default": STAGED}, escalation={"leader": EscalationStep(Text("领导", "leader"))}))
    for what, seq, severity, detector, episode, is_late in messages:
        opened = T0 + episode * 10 * MINUTE
        if what in ("open", "update", "close"):
            house.take(finding(what, seq, severity=severity, detector=detector, opened=opened, late=is_late))
        elif what == "tick":
            house.city.tick(opened + seq * MINUTE)
            house.desk.on_time()
        else:
            house.desk.act_on_all([alarm["id"] for alarm in alarms(house)], BY_HAND[what])
    _check_folds(house, house.city)
    house.store.close()


def _check_folds(house: House, city: City) -> None:
    with house.store.read() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM alarm").mappings().all()
        for row in rows:
            log = connection.exec_driver_sql("SELECT body FROM alarm_log WHERE alarm_id = ? ORDER BY id", (row["id"],))
            again = fold(actions_of(log.scalars()), lambda code: city.rank("safety", code))
            assert again == from_row(dict(row)).life
    opened = [row["key"] for row in rows if row["closed"] is None]
    assert len(opened) == len(set(opened))
