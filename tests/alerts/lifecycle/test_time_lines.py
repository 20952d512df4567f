"""An alarm from its first finding to its close, as time lines: how it stands after each step."""

import pytest

from alerts.lifecycle import Acknowledged, Changed, Cleared, Raised, Revised, step
from tests.alerts.lifecycle.ways import INTO, RAISE, Want, after, played, rank
from topics.handling import Handling

TIME_LINES: dict[str, list[Want]] = {
    "yellow, ack, red, ack, back to yellow, clear": [
        Want(Raised(0, "a", "yellow"), "unacknowledged", "yellow", "yellow"),
        Want(Acknowledged(1, "w"), "acknowledged", "yellow", "yellow"),
        Want(Changed(2, "a", "red"), "unacknowledged", "red", "red"),
        Want(Acknowledged(3, "w"), "acknowledged", "red", "red"),
        Want(Changed(4, "a", "yellow"), "acknowledged", "yellow", "red"),
        Want(Changed(5, "a", "red"), "acknowledged", "red", "red"),
        Want(Cleared(6, "a"), "normal", "red", "red"),
    ],
    "an acknowledgement covers the severity it was given at, not a worse one before it": [
        Want(Raised(0, "a", "red"), "unacknowledged", "red", "red"),
        Want(Changed(1, "a", "blue"), "unacknowledged", "blue", "red"),
        Want(Acknowledged(2, "w"), "acknowledged", "blue", "red"),
        Want(Changed(3, "a", "orange"), "unacknowledged", "orange", "red"),
    ],
    "three findings on one alarm: it returns when the last one closes": [
        Want(Raised(0, "a", "yellow"), "unacknowledged", "yellow", "yellow"),
        Want(Raised(1, "b", "red"), "unacknowledged", "red", "red"),
        Want(Cleared(2, "b"), "unacknowledged", "yellow", "red"),
        Want(Raised(3, "c", "blue"), "unacknowledged", "yellow", "red"),
        Want(Cleared(4, "a"), "unacknowledged", "blue", "red"),
        Want(Cleared(5, "c"), "returned-unacknowledged", "blue", "red"),
        Want(Acknowledged(6, "w"), "normal", "blue", "red"),
    ],
    "gone before anybody looked, and back again: still the same unanswered alarm": [
        Want(Raised(0, "a", "orange"), "unacknowledged", "orange", "orange"),
        Want(Cleared(1, "a"), "returned-unacknowledged", "orange", "orange"),
        Want(Raised(2, "b", "yellow"), "unacknowledged", "yellow", "orange"),
        Want(Acknowledged(3, "w"), "acknowledged", "yellow", "orange"),
        Want(Cleared(4, "b"), "normal", "yellow", "orange"),
    ],
    "late data revises, whatever the state": [
        Want(Raised(0, "a", "yellow"), "unacknowledged", "yellow", "yellow"),
        Want(Revised(1, "z"), "unacknowledged", "yellow", "yellow"),
        Want(Acknowledged(2, "w"), "acknowledged", "yellow", "yellow"),
        Want(Revised(3, "z"), "acknowledged", "yellow", "yellow"),
        Want(Cleared(4, "a"), "normal", "yellow", "yellow"),
        Want(Revised(5, "z"), "normal", "yellow", "yellow"),
    ],
}


@pytest.mark.parametrize("title", TIME_LINES)
def test_time_line(title: str) -> None:
    list(played(TIME_LINES[title]))


def test_who_when_and_note_are_kept_and_go_when_the_acknowledgement_is_withdrawn() -> None:
    taken = after(RAISE, Acknowledged(20, "wang", "on my way"))
    assert (taken.acknowledged_by, taken.acknowledged_at, taken.note) == ("wang", 20, "on my way")
    worse = step(taken, Changed(30, "f1", "red"), rank)
    assert (worse.acknowledged_by, worse.acknowledged_at, worse.note) == (None, None, "")


def test_opening_is_the_first_row_of_the_first_episode_and_closing_the_moment_it_became_normal() -> None:
    closed = after(*INTO["closed"])
    assert (closed.opened, closed.returned, closed.closed, closed.updated) == (9, 20, 30, 30)
    late = step(closed, Revised(5, "f1"), rank)
    assert (late.opened, late.closed, late.updated, late.revision) == (9, 30, 30, 1)


def test_the_log_of_the_first_schema_folds_to_what_it_was() -> None:
    old = after(Raised(10, "f1", "yellow", 9), Changed(20, "f1", "red"), Acknowledged(30, "wang"), Cleared(40, "f1"))
    assert (old.state, old.severity, old.latched, old.closed) == ("normal", "red", "red", 40)
    assert old.handling == Handling() and old.deadline is None and old.realarm_at is None
