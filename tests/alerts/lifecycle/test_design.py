"""Suppression by design: the state of a unit silences its alarms, and what is heard when that state is over."""

from typing import Any

import pytest

from alerts.lifecycle import (
    Acknowledged,
    Alarm,
    Changed,
    Cleared,
    Closed,
    DesignOver,
    OutOfService,
    Raised,
    ReturnedToService,
    SuppressedByDesign,
    rule_of,
    step,
)
from alerts.lifecycle.states import Silent
from tests.alerts.lifecycle.ways import Want, after, played, rank
from topics.handling import Handling

SILENT: dict[str, Any] = {"unit": "tanks", "state": "out-of-service"}


def silenced(time: int, finding: str) -> SuppressedByDesign:
    return SuppressedByDesign(time, "unit-state", finding, **SILENT)


DESIGN_LINES: dict[str, list[Want]] = {
    "suppressed from the start, heard when the unit runs and the level is still low": [
        Want(Raised(0, "low", "orange", **SILENT), "suppressed", "orange", "orange"),
        Want(Changed(1, "low", "yellow"), "suppressed", "yellow", "orange"),
        Want(DesignOver(2, "unit-state-over", "low"), "unacknowledged", "yellow", "orange"),
        Want(Acknowledged(3, "w"), "acknowledged", "yellow", "orange"),
        Want(Cleared(4, "low"), "normal", "yellow", "orange"),
    ],
    "suppressed and over before the state was": [
        Want(Raised(0, "low", "orange", **SILENT), "suppressed", "orange", "orange"),
        Want(Raised(1, "low2", "yellow", **SILENT), "suppressed", "orange", "orange"),
        Want(Cleared(2, "low"), "suppressed", "yellow", "orange"),
        Want(Cleared(3, "low2"), "normal", "yellow", "orange"),
    ],
    "heard, then the unit goes out of service, comes back, and it is heard again": [
        Want(Raised(0, "low", "orange"), "unacknowledged", "orange", "orange"),
        Want(silenced(1, "low"), "suppressed", "orange", "orange"),
        Want(DesignOver(2, "unit-state-over", "low"), "unacknowledged", "orange", "orange"),
    ],
    "a high level of the same alarm is heard beside a low one that is suppressed": [
        Want(Raised(0, "low", "red", **SILENT), "suppressed", "red", "red"),
        Want(Raised(1, "high", "orange"), "unacknowledged", "orange", "red"),
        Want(Acknowledged(2, "w"), "acknowledged", "orange", "red"),
        Want(Cleared(3, "high"), "suppressed", "orange", "red"),
        Want(Cleared(4, "low"), "normal", "orange", "red"),
    ],
    "what is suppressed worsens no alarm, and does not end one that somebody must still answer": [
        Want(Raised(0, "high", "yellow"), "unacknowledged", "yellow", "yellow"),
        Want(Raised(1, "low", "red", **SILENT), "unacknowledged", "yellow", "yellow"),
        Want(Cleared(2, "high"), "returned-unacknowledged", "yellow", "yellow"),
        Want(Acknowledged(3, "w"), "suppressed", "yellow", "yellow"),
        Want(DesignOver(4, "unit-state-over", "low"), "unacknowledged", "red", "red"),
    ],
    "a person brings it back, and no state suppresses it again": [
        Want(Raised(0, "low", "orange", **SILENT), "suppressed", "orange", "orange"),
        Want(ReturnedToService(1, "w"), "unacknowledged", "orange", "orange"),
        Want(Acknowledged(2, "w"), "acknowledged", "orange", "orange"),
    ],
    "shelved or out of service by a person stays so": [
        Want(Raised(0, "low", "orange"), "unacknowledged", "orange", "orange"),
        Want(OutOfService(1, "w", reason="maintenance"), "out-of-service", "orange", "orange"),
        Want(silenced(2, "low"), "out-of-service", "orange", "orange"),
        Want(ReturnedToService(3, "w"), "suppressed", "orange", "orange"),
        Want(DesignOver(4, "unit-state-over", "low"), "unacknowledged", "orange", "orange"),
    ],
}


@pytest.mark.parametrize("title", DESIGN_LINES)
def test_time_line(title: str) -> None:
    for alarm in played(DESIGN_LINES[title]):
        assert alarm.all_by_design == (alarm.state == "suppressed")


def test_what_is_suppressed_by_design_says_why_never_sounded_and_has_no_clock() -> None:
    handling = Handling(acknowledge_within_s={"red": 60}, escalate_to=("leader",), realarm_unacknowledged_s=30)
    raised = Raised(10, "low", "red", handling=handling, **SILENT)
    alarm = after(raised)
    assert alarm.by_design == {"low": Silent("red", "tanks", "out-of-service")} and alarm.findings == {}
    assert (alarm.annunciated, alarm.deadline, alarm.realarm_at, alarm.quiet) == (None, None, None, True)
    assert rule_of(Alarm(), raised, alarm) == "unit-state"
    heard = step(alarm, DesignOver(500, "unit-state-over", "low"), rank)
    assert (heard.annunciated, heard.deadline, heard.opened) == (500, 60_500, 10)


def test_what_the_desk_closed_is_suppressed_no_longer() -> None:
    silent = Raised(10, "low", "red", handling=Handling(latching=True), **SILENT)
    closed = after(silent, Closed(40, "li", verdict="real"))
    assert (closed.by_design, closed.all_by_design, closed.state) == ({}, False, "latched")


def test_an_on_delay_begins_when_the_state_is_over() -> None:
    handling = Handling(on_delay_s=5)
    alarm = after(Raised(10, "low", "red", handling=handling, **SILENT), DesignOver(1_000, "unit-state-over", "low"))
    assert (alarm.state, alarm.delayed_until) == ("delayed", 6_000)


def test_what_was_heard_before_it_was_suppressed_is_latched_at_its_end() -> None:
    latching = Raised(10, "low", "red", handling=Handling(latching=True))
    assert after(latching, silenced(20, "low"), Cleared(30, "low")).state == "latched"
    silent = Raised(10, "low", "red", handling=Handling(latching=True), **SILENT)
    assert after(silent, Cleared(30, "low")).state == "normal", "nobody has anything to reset"


def test_insisting_lasts_as_long_as_the_condition() -> None:
    insisted = after(Raised(0, "low", "orange", **SILENT), ReturnedToService(1, "w"))
    assert insisted.insisted == ("low",)
    assert step(insisted, Cleared(2, "low"), rank).insisted == ()
