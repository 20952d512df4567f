"""Causes and consequences as time lines: hidden behind their cause, never lost, and shown again when it is over."""

from typing import Any

import pytest

from alerts.alarm_list import Cut
from alerts.lifecycle import Shelved, Unshelved
from alerts.queries import Queries
from tests.alerts.city_parts import MINUTE, T0, House, domain, finding
from topics.finding import Finding, Text
from topics.handling import EscalationStep, Handling, Inhibition, Matcher

SITE_DOWN = Inhibition(
    "site-down",
    cause=Matcher(family=("quality",), quantity=("instruments",)),
    consequence=Matcher(family=("quality",), quantity=("lel", "pressure")),
    window_s=600,
)
GAS_RED = Inhibition(
    "gas-red",
    cause=Matcher(family=("limit",), quantity=("lel",), min_severity="red"),
    consequence=Matcher(family=("anomaly",)),
)


@pytest.fixture
def ruled(house: House) -> House:
    house.city.put(domain(inhibition=(SITE_DOWN, GAS_RED)))
    return house


def missing(quantity: str, phase: str = "open", seq: int = 0, **more: Any) -> Finding:
    """One instrument is silent."""
    return finding(phase, seq, family="quality", detector="missing", quantity=quantity, subject=quantity, **more)


def loss(phase: str = "open", seq: int = 0, **more: Any) -> Finding:
    """The whole site is silent."""
    return missing("instruments", phase, seq, **({"severity": "red"} | more))


def standing(house: House) -> dict[str, tuple[str, bool]]:
    """(state, hidden) of each open alarm by its quantity."""
    items = Queries(house.store, house.city).alarms(Cut(), 500)["items"]
    return {each["quantity"]: (each["state"], each["hidden_by"] is not None) for each in items}


def told(house: House) -> list[str]:
    """The quantities about which warnings were released, in that order."""
    query = "SELECT a.quantity FROM warning w JOIN alarm a ON a.id = w.alarm_id ORDER BY w.id"
    return [row[0] for row in house.rows(query)]


def test_what_follows_from_a_lost_site_is_hidden_and_told_to_nobody(ruled: House) -> None:
    (cause,) = ruled.take(loss())
    said = told(ruled)
    (lel,) = set(ruled.take(missing("lel", opened=T0 + MINUTE))) - {cause}
    assert standing(ruled) == {"instruments": ("unacknowledged", False), "lel": ("unacknowledged", True)}
    assert told(ruled) == said
    story = Queries(ruled.store, ruled.city).story(cause)
    assert story is not None
    assert [(each["id"], each["hidden"]) for each in story["consequences"]] == [(lel, True)]
    hidden = Queries(ruled.store, ruled.city).story(lel)
    assert hidden is not None
    assert (hidden["hidden_by"], hidden["annunciated"], hidden["annunciating"]) == (cause, None, False)
    assert [(line["action"], line["rule"]) for line in hidden["log"]] == [
        ("hidden", "safety.inhibition.site-down"),
        ("raised", ""),
    ]


def test_consequences_that_were_there_first_are_hidden_when_the_cause_comes(ruled: House) -> None:
    ruled.take(missing("lel"), missing("pressure"))
    said = told(ruled)
    ruled.take(loss(opened=T0 + MINUTE))
    assert standing(ruled)["lel"] == standing(ruled)["pressure"] == ("unacknowledged", True)
    ruled.take(missing("lel", "update", 1, severity="red"))
    assert told(ruled) == [*said, "instruments"], "what is hidden is logged, not told"


def test_what_is_still_there_when_the_cause_is_over_appears_again_and_is_told(ruled: House) -> None:
    ruled.take(loss(), missing("lel", opened=T0 + MINUTE), missing("pressure", opened=T0 + MINUTE))
    ruled.take(missing("lel", "close", 1, opened=T0 + MINUTE, closed=T0 + 2 * MINUTE))
    assert "pressure" not in told(ruled)
    ruled.take(loss("close", 2, closed=T0 + 5 * MINUTE))
    assert standing(ruled) == {
        "instruments": ("returned-unacknowledged", False),
        "lel": ("returned-unacknowledged", False),
        "pressure": ("unacknowledged", False),
    }
    assert told(ruled)[-1] == "pressure"
    rules = ruled.rows("SELECT rule FROM alarm_log WHERE action = 'shown' ORDER BY id")
    assert rules == [("cause-over",), ("cause-over",)]


def test_only_equal_labels_within_the_window_count(ruled: House) -> None:
    ruled.take(loss())
    ruled.take(missing("lel", opened=T0 + 11 * MINUTE), missing("pressure", site="elsewhere"))
    ruled.take(missing("temperature", opened=T0 + MINUTE))
    assert not any(hidden for _, hidden in standing(ruled).values())


def test_the_least_severity_of_a_cause_counts_when_it_is_reached_and_left(ruled: House) -> None:
    ruled.take(finding(severity="yellow"), finding(family="anomaly", detector="iforest", quantity="pressure"))
    assert not standing(ruled)["pressure"][1]
    ruled.take(finding("update", 1, severity="red"))
    assert standing(ruled)["pressure"][1]
    ruled.take(finding("update", 2, severity="yellow"))
    assert not standing(ruled)["pressure"][1]


def test_what_hides_must_itself_be_seen(ruled: House) -> None:
    (cause,) = ruled.take(loss())
    ruled.take(missing("lel", opened=T0 + MINUTE))
    ruled.desk.act(cause, lambda _, now: Shelved(now, "wang", "", now + 60_000, "known"))
    assert standing(ruled)["lel"] == ("unacknowledged", False)
    ruled.desk.act(cause, lambda _, now: Unshelved(now, "wang"))
    assert standing(ruled)["lel"] == ("unacknowledged", True)
    ruled.desk.acknowledge(cause, "wang", "")
    assert standing(ruled)["lel"] == ("unacknowledged", True), "somebody works on the cause"


def test_rules_that_go_in_a_circle_leave_something_to_be_seen(house: House) -> None:
    names = ["a", "b", "c"]
    circle = tuple(
        Inhibition(f"circle-{one}", Matcher(quantity=(one,)), Matcher(quantity=(other,)))
        for one, other in zip(names, [*names[1:], names[0]], strict=True)
    )
    house.city.put(domain(inhibition=circle))
    house.take(*(finding(quantity=name, subject=name) for name in names))
    assert len(standing(house)) == 3
    assert not all(hidden for _, hidden in standing(house).values())


def test_the_clock_of_a_hidden_alarm_begins_when_it_is_shown(house: House) -> None:
    handling = Handling(acknowledge_within_s={"yellow": 60, "red": 60}, escalate_to=("leader",))
    steps = {"leader": EscalationStep(Text("带班领导", "duty leader"), channels=("folder",))}
    house.city.put(domain(inhibition=(SITE_DOWN,), handling={"default": handling}, escalation=steps))
    (cause,) = house.take(loss())
    house.take(missing("lel", opened=T0 + 1000))
    house.city.tick(T0 + 10 * MINUTE)
    assert house.desk.on_time() == [cause]
    house.take(loss("close", 1, time=T0 + 10 * MINUTE, closed=T0 + 10 * MINUTE))
    shown = house.rows("SELECT deadline FROM alarm WHERE quantity = 'lel'")
    assert shown == [(T0 + 11 * MINUTE,)]
    house.city.tick(T0 + 12 * MINUTE)
    house.desk.on_time()
    climbed = house.rows("SELECT a.quantity, w.rule FROM warning w JOIN alarm a ON a.id = w.alarm_id "
                         "WHERE w.authority = 'leader' AND w.msg_type = 'Alert' ORDER BY w.id")  # fmt: skip
    assert [quantity for quantity, _ in climbed] == ["instruments", "lel"]
    assert "safety.escalation.leader" in climbed[0][1]
    assert house.rows("SELECT DISTINCT channel FROM delivery WHERE recipient = 'leader'") == [("folder",)]


def test_a_rule_that_comes_or_goes_with_its_pack_is_followed_at_once(ruled: House) -> None:
    ruled.take(loss(), missing("lel", opened=T0 + MINUTE))
    ruled.city.put(domain())
    ruled.desk.review("safety")
    assert standing(ruled)["lel"] == ("unacknowledged", False)
    ruled.city.put(domain(inhibition=(SITE_DOWN,)))
    ruled.desk.review("safety")
    assert standing(ruled)["lel"] == ("unacknowledged", True)
