"""A Cancel is released when a named person judges an alarm to be untrue before it returned, and by no other way."""

import msgspec
import pytest

from alerts.lifecycle import Closed, Judged
from alerts.warnings.cap import to_cap
from alerts.warnings.statement import Statement
from tests.alerts.city_parts import MINUTE, T0, House, finding
from tests.alerts.warnings.test_cap import parse, words
from tests.alerts.warnings.test_release import said


def judge(house: House, name: str, verdict: str, minutes: int = 2) -> None:
    house.desk.act(name, lambda *_: Judged(T0 + minutes * MINUTE, "王伟", "", verdict))


def chain_of(house: House) -> list[Statement]:
    return said(house, "emergency-bureau")


def test_an_alarm_judged_untrue_while_it_lasts_is_cancelled_with_rule_and_references(house: House) -> None:
    (name,) = house.take(finding(severity="yellow"))
    judge(house, name, "instrument-fault")
    first, cancel = chain_of(house)
    assert (cancel.msg_type, cancel.over, cancel.response_type) == ("Cancel", True, "None")
    assert [each.identifier for each in cancel.references] == [first.identifier]
    assert cancel.rule.en == "cancel-on-verdict: judged instrument fault by 王伟 before it returned"
    assert "仪表故障" in cancel.description.zh and cancel.headline.en.startswith("Cancelled: ")
    assert house.rows("SELECT note FROM alarm_log WHERE action = 'warning-released'") == [("Alert",), ("Cancel",)]
    assert words(parse(cancel), "c:msgType") == ["Cancel"]
    assert to_cap(cancel) == to_cap(msgspec.json.decode(msgspec.json.encode(cancel), type=Statement))


@pytest.mark.parametrize(("verdict", "kinds"), [("real", ["Alert"]), ("drill", ["Alert", "Cancel"])])
def test_only_another_verdict_than_real_cancels(house: House, verdict: str, kinds: list[str]) -> None:
    (name,) = house.take(finding())
    judge(house, name, verdict)
    assert [each.msg_type for each in chain_of(house)] == kinds


def test_closing_by_such_a_verdict_cancels_and_is_no_all_clear(house: House) -> None:
    (name,) = house.take(finding())
    house.desk.acknowledge(name, "王伟", "")
    house.desk.act(name, lambda *_: Closed(T0 + MINUTE, "王伟", "", "threshold-wrong"))
    assert [each.msg_type for each in chain_of(house)] == ["Alert", "Update", "Cancel"]


def test_what_had_returned_was_over_and_is_not_cancelled(house: House) -> None:
    (name,) = house.take(finding())
    house.take(finding("close", 1, closed=T0 + MINUTE))
    judge(house, name, "instrument-fault")
    assert [(each.msg_type, each.over) for each in chain_of(house)] == [("Alert", False), ("Update", True)]


def test_after_a_cancel_nothing_follows_unless_it_was_real_after_all(house: House) -> None:
    (name,) = house.take(finding())
    judge(house, name, "drill")
    house.take(finding("update", 1, severity="red"))
    assert [each.msg_type for each in chain_of(house)] == ["Alert", "Cancel"]
    judge(house, name, "real", 3)
    anew = chain_of(house)[-1]
    assert (anew.msg_type, anew.references, anew.level) == ("Alert", (), "red")
    house.take(finding("close", 2, severity="red", closed=T0 + 4 * MINUTE))
    assert [each.identifier for each in chain_of(house)[-1].references] == [anew.identifier]


def test_what_began_and_ended_before_anybody_heard_of_it_is_told_as_such(house: House) -> None:
    house.take(finding())
    house.take(finding("close", 1, closed=T0 + 4 * MINUTE))
    alert, over = chain_of(house)
    assert alert.msg_type == "Alert" and not alert.over
    assert over.description.en.endswith(
        "(began 2015-08-12T22:00:00+08:00, ended 2015-08-12T22:04:00+08:00: "
        "it began and ended before any message of it was delivered)"
    )
    assert "在此期间未能送达任何通报" in over.description.zh


def test_what_had_been_heard_of_is_told_with_its_times_only(house: House) -> None:
    house.take(finding())
    with house.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE delivery SET delivered_at = 1")
    house.take(finding("close", 1, closed=T0 + 4 * MINUTE))
    assert chain_of(house)[-1].description.en.endswith("ended 2015-08-12T22:04:00+08:00)")
