"""Alarms of a unit that is out of service or starting up: suppressed by design, on record, heard when that is over."""

from typing import Any, Literal

import msgspec
import pytest

from alerts.alarm_list import Cut
from alerts.lifecycle import ReturnedToService, fold
from alerts.log import actions_of
from alerts.queries import Queries
from alerts.unit_states import UnitStates
from tests.alerts.city_parts import MINUTE, T0, House, finding
from topics.finding import Finding, Text
from topics.unit_state import UnitState

FARM = "tank-farm-1"
OUT = ("low-limit", "low-trip", "rate-of-rise")


def unit(state: str, minute: int, suppresses: tuple[str, ...] = (), **more: Any) -> UnitState:
    time = T0 + minute * MINUTE
    said = UnitState("safety", FARM, "T1", state, time, time, suppresses, ("LT-1/level", "PT-1/pressure"))
    return msgspec.structs.replace(said, **more)


def level(phase: str = "open", seq: int = 0, *, side: str = "low", device: str = "LT-1", **more: Any) -> Finding:
    fields: dict[str, Any] = {"subject": f"{FARM}/{device}/level/Rtd", "quantity": "level", "severity": "red"}
    fields |= {"facts": {"side": side}, "detector": "limit", "value": 3.0, "expected": 5.0, "unit": "%"}
    return finding(phase, seq, **(fields | more))


def alarms(house: House, state: Literal["open", "closed"] = "open") -> list[dict[str, Any]]:
    return list(reversed(Queries(house.store, house.city).alarms(Cut(state), 50)["items"]))


def told(house: House) -> list[tuple[str, str]]:
    rows = house.rows("SELECT msg_type, authority FROM warning ORDER BY id")
    return [(row[0], row[1]) for row in rows]


def test_a_low_level_of_a_unit_out_of_service_stands_as_suppressed_with_its_reason(house: House) -> None:
    assert house.desk.heed(unit("out-of-service", 0, OUT)) == 0, "nothing is open yet"
    house.take(level(opened=T0 + MINUTE))
    (alarm,) = alarms(house)
    assert (alarm["state"], alarm["annunciating"], alarm["annunciated"]) == ("suppressed", False, None)
    (why,) = alarm["by_design"]
    assert why["title"] == {"zh": "单元 T1：停用", "en": "unit T1: out of service"} and why["severity"] == "red"
    assert told(house) == []
    assert house.rows("SELECT action, rule, note, to_state FROM alarm_log") == [
        ("raised", "unit-state", "T1: out-of-service", "suppressed")
    ]


def test_it_is_heard_and_told_when_the_state_ends_while_the_condition_lasts(house: House) -> None:
    house.desk.heed(unit("out-of-service", 0, OUT))
    house.take(level(opened=T0 + MINUTE))
    assert house.desk.heed(unit("running", 30)) == 1
    (alarm,) = alarms(house)
    assert (alarm["state"], alarm["annunciated"], alarm["by_design"]) == ("unacknowledged", T0 + 30 * MINUTE, [])
    assert told(house) == [("Alert", "emergency-bureau"), ("Alert", "fire-brigade")]
    assert house.desk.heed(unit("running", 31)) == 0, "said again, nothing changes"


def test_what_is_over_before_the_state_is_closes_without_a_word_to_anybody(house: House) -> None:
    house.desk.heed(unit("start-up", 0, OUT))
    house.take(level(opened=T0 + MINUTE))
    house.take(level("close", 1, opened=T0 + MINUTE, closed=T0 + 5 * MINUTE))
    (alarm,) = alarms(house, "closed")
    assert (alarm["state"], alarm["closed"], alarm["annunciated"]) == ("normal", T0 + 5 * MINUTE, None)
    assert house.desk.heed(unit("running", 30)) == 0 and told(house) == []


def test_an_alarm_that_was_heard_falls_silent_with_its_unit_and_comes_back(house: House) -> None:
    (name,) = house.take(level())
    assert house.desk.heed(unit("out-of-service", 10, OUT)) == 1
    assert alarms(house)[0]["state"] == "suppressed"
    assert house.desk.heed(unit("start-up", 20, ())) == 1, "a start-up that suppresses nothing lets it go"
    assert alarms(house)[0]["state"] == "unacknowledged"
    log = house.rows(f"SELECT action, rule FROM alarm_log WHERE alarm_id = '{name}' AND body != '' ORDER BY id")
    assert [tuple(each) for each in log] == [
        ("raised", ""), ("suppressed-by-design", "unit-state"), ("design-over", "unit-state-over"),
    ]  # fmt: skip


def test_high_levels_other_instruments_other_units_and_other_sites_are_heard(house: House) -> None:
    house.desk.heed(unit("out-of-service", 0, OUT))
    heard = {
        "high": level(side="high", quantity="high"),
        "another instrument": level(device="LT-9", quantity="another instrument"),
        "another site": level(site="elsewhere", subject="elsewhere/LT-1/level/Rtd", quantity="another site"),
        "an anomaly": level(family="anomaly", quantity="an anomaly", detector="ewma"),
        "a trip of another unit": level(
            family="hazard", subject="T2/g", quantity="a trip of another unit", facts={"rule": "low-trip", "unit": "T2"}
        ),
        "gas": finding(facts={"side": "high"}),
    }
    house.take(*heard.values(), level(family="hazard", subject="T1/g", facts={"rule": "low-trip", "unit": "T1"}))
    states = {alarm["quantity"]: alarm["state"] for alarm in alarms(house)}
    assert states.pop("level") == "suppressed", "the trip of the unit itself"
    assert set(states.values()) == {"unacknowledged"} and len(states) == len(heard)


def test_a_high_level_is_heard_in_its_own_words_beside_a_low_one_that_is_suppressed(house: House) -> None:
    house.desk.heed(unit("out-of-service", 0, OUT))
    house.take(level())
    high: dict[str, Any] = {
        "side": "high",
        "device": "LT-2",
        "severity": "yellow",
        "text": Text("高液位", "high level"),
    }
    house.take(level(opened=T0 + MINUTE, **high))
    (alarm,) = alarms(house)
    assert (alarm["state"], alarm["severity"], alarm["text"]["en"]) == ("unacknowledged", "yellow", "high level")
    house.take(level("update", 1, severity="red", text=Text("低低", "low low")))
    (alarm,) = alarms(house)
    assert (alarm["severity"], alarm["text"]["en"]) == ("yellow", "high level"), "what is suppressed says nothing"
    assert [each["severity"] for each in alarm["by_design"]] == ["red"]


def test_a_person_brings_it_back_and_no_repeat_of_the_state_suppresses_it_again(house: House) -> None:
    house.desk.heed(unit("out-of-service", 0, OUT))
    (name,) = house.take(level())
    house.desk.act(name, lambda _, now: ReturnedToService(now, "王伟", "现场见漏"))
    house.desk.heed(unit("out-of-service", 5, OUT))
    assert alarms(house)[0]["state"] == "unacknowledged"
    house.take(level("update", 1, severity="red"))
    assert alarms(house)[0]["state"] == "unacknowledged"


def test_the_alarm_is_the_fold_of_its_log_and_the_store_gives_it_back(house: House) -> None:
    house.desk.heed(unit("start-up", 0, OUT))
    (name,) = house.take(level(), level(device="PT-1", subject=f"{FARM}/PT-1/pressure/Rtd", detector="limit2"))
    bodies = [row[0] for row in house.rows(f"SELECT body FROM alarm_log WHERE alarm_id = '{name}' ORDER BY id")]
    life = fold(actions_of(bodies), lambda code: house.city.rank("safety", code))
    assert len(life.by_design) == 2 and life.all_by_design
    done = house.desk.act(name, lambda alarm, now: ReturnedToService(now, "王伟"))
    assert done is not None and done.life.findings.keys() == life.by_design.keys()


LEVELS: dict[str, tuple[Finding, ...]] = {
    "lasts": (level(opened=T0 + MINUTE),),
    "is worse": (level(opened=T0 + MINUTE, severity="yellow"), level("update", 1, opened=T0 + MINUTE)),
    "is over": (level(opened=T0 + MINUTE), level("close", 1, opened=T0 + MINUTE, closed=T0 + 3 * MINUTE)),
}


@pytest.mark.parametrize("story", sorted(LEVELS))
@pytest.mark.parametrize("late_by", [0, 1, 2])
def test_a_state_that_is_heard_after_what_it_makes_meaningless_comes_to_the_same_end(
    house: House, story: str, late_by: int
) -> None:
    """The state began at T0; it comes before the findings, amid them or after them."""
    said, state = LEVELS[story], unit("out-of-service", 0, OUT)
    for message in said[:late_by]:
        house.take(message)
    house.desk.heed(state)
    for message in said[late_by:]:
        house.take(message)
    alarm = alarms(house, "closed" if story == "is over" else "open")[0]
    end = (alarm["state"], alarm["annunciating"], alarm["severity"], [each["unit"] for each in alarm["by_design"]])
    assert end == (("normal", False, "red", []) if story == "is over" else ("suppressed", False, "red", ["T1"]))
    why = house.rows("SELECT rule, note FROM alarm_log WHERE rule = 'unit-state' ORDER BY id LIMIT 1")
    assert [tuple(each) for each in why] == [("unit-state", "T1: out-of-service")]


def test_what_began_before_the_state_and_is_over_still_waits_to_be_acknowledged(house: House) -> None:
    house.take(level(opened=T0 - MINUTE), level("close", 1, opened=T0 - MINUTE, closed=T0 + MINUTE))
    assert house.desk.heed(unit("out-of-service", 0, OUT)) == 0
    assert alarms(house)[0]["state"] == "returned-unacknowledged"


def test_of_two_states_the_newer_one_holds_in_whatever_order_they_come() -> None:
    states = UnitStates()
    assert states.put(unit("running", 10)) and not states.put(unit("out-of-service", 0, OUT))
    assert states.suppressing(level()) is None
    assert states.put(unit("out-of-service", 20, OUT)) and states.suppressing(level()) is not None
