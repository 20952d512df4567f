"""Alerts from outside as time lines: what is said when, and which messages of which findings that makes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alerts.alertmanager.episode import Kept, hear, lapse
from alerts.alertmanager.labels import fingerprint
from alerts.alertmanager.posted import Posted, filled
from topics.finding import finding_id

T = 1_700_000_000_000
MINUTE = 60_000
TIMEOUT = 5 * MINUTE
LABELS = {"alertname": "InstanceDown", "instance": "gw-1", "severity": "critical"}
PRINT = fingerprint(LABELS)


class Line:
    """Says things at moments and keeps the messages as ``(phase, seq, time)`` in minutes after ``T``."""

    def __init__(self) -> None:
        self.kept: Kept | None = None
        self.said: list[tuple[str, int, float]] = []
        self.ids: list[str] = []

    def at(self, minute: float, **what: Any) -> "Line":
        now = T + round(minute * MINUTE)
        times = {name: T + round(what.pop(name) * MINUTE) for name in ("starts_at", "ends_at") if name in what}
        alert, timed_out = filled(Posted(LABELS, **times, **what), now, TIMEOUT)
        self.kept, messages = hear(self.kept, alert, timed_out, PRINT, now)
        self._note(messages)
        return self

    def quiet_until(self, minute: float) -> "Line":
        assert self.kept is not None
        self.kept, messages = lapse(self.kept, T + round(minute * MINUTE))
        self._note(messages)
        return self

    def _note(self, messages: list[Any]) -> None:
        self.said += [(each.phase, each.kept.seq, (each.time - T) / MINUTE) for each in messages]
        self.ids += [each.kept.finding_id for each in messages]


def test_repeats_of_a_firing_alert_are_one_message() -> None:
    line = Line()
    for minute in range(10):
        line.at(minute, starts_at=0, ends_at=minute + 4)
    assert line.said == [("open", 0, 0)]
    assert line.ids == [finding_id("external", 1, PRINT, T)]


def test_an_alert_that_is_over_closes_and_saying_so_again_changes_nothing() -> None:
    line = Line().at(0, starts_at=0, ends_at=4).at(3, starts_at=0, ends_at=2.5)
    for minute in (4, 5, 6):
        line.at(minute, starts_at=0, ends_at=2.5)
    assert line.said == [("open", 0, 0), ("close", 1, 2.5)]
    assert len(set(line.ids)) == 1


def test_an_alert_nobody_repeats_is_over_when_its_time_is_out() -> None:
    assert Line().at(0).quiet_until(4.99).said == [("open", 0, 0)]
    assert Line().at(0).quiet_until(5).quiet_until(6).said == [("open", 0, 0), ("close", 1, 5)]
    assert Line().at(0).at(3).quiet_until(5).quiet_until(8).said == [("open", 0, 0), ("close", 1, 8)]


def test_what_fired_and_was_over_before_anybody_looked_is_told_all_the_same() -> None:
    line = Line().at(10, starts_at=0, ends_at=4).at(11, starts_at=0, ends_at=4)
    assert line.said == [("close", 0, 4)]
    assert line.kept is not None and not line.kept.is_open


def test_firing_again_after_the_end_is_a_new_episode() -> None:
    line = Line().at(0, starts_at=0, ends_at=4).at(3, starts_at=0, ends_at=2).at(10, starts_at=10, ends_at=14)
    assert line.said == [("open", 0, 0), ("close", 1, 2), ("open", 0, 10)]
    assert line.ids[2] == finding_id("external", 1, PRINT, T + 10 * MINUTE)


def test_an_alert_that_was_taken_for_over_and_goes_on_begins_anew_now() -> None:
    """The source could not reach us for twenty minutes; its start says nothing about when it came back."""
    line = Line().at(0, starts_at=0, ends_at=4).at(20, starts_at=0, ends_at=24)
    assert line.said == [("open", 0, 0), ("close", 1, 4), ("open", 0, 20)]
    assert len(set(line.ids)) == 2
    assert line.kept is not None and line.kept.starts_at == T, "what is shown is what the source says"


def test_other_words_are_an_update() -> None:
    line = Line().at(0, starts_at=0, ends_at=4, annotations={"summary": "one"})
    line.at(1, starts_at=0, ends_at=5, annotations={"summary": "two"})
    line.at(2, starts_at=0, ends_at=6, annotations={"summary": "two"})
    assert line.said == [("open", 0, 0), ("update", 1, 1)]


def test_the_earliest_start_and_an_end_somebody_gave_hold() -> None:
    """Two senders: one gives an end, the other knows none; the later end that was given is not cut short."""
    line = Line().at(0, starts_at=0, ends_at=60).at(1)
    assert line.kept is not None
    assert (line.kept.starts_at, line.kept.ends_at) == (T, T + 60 * MINUTE)
    line = Line().at(0).at(1, starts_at=0.5, ends_at=3)
    assert line.kept is not None
    assert (line.kept.starts_at, line.kept.ends_at) == (T, T + 3 * MINUTE), "a time-out gives way"


@given(
    st.lists(
        st.tuples(st.floats(0, 5), st.one_of(st.none(), st.floats(0, 60)), st.one_of(st.none(), st.floats(-5, 5))),
        max_size=20,
    )
)
def test_whatever_is_said_each_finding_opens_once_closes_once_and_counts_up(
    said: list[tuple[float, float | None, float | None]],
) -> None:
    line, minute = Line(), 0.0
    for wait, starts, ends in said:
        minute += wait
        times = {} if starts is None else {"starts_at": min(starts, minute)}
        if ends is not None:
            times["ends_at"] = max(minute + ends, times.get("starts_at", 0))
        line.at(minute, **times)
    by_finding: dict[str, list[tuple[str, int]]] = {}
    for name, (phase, seq, _) in zip(line.ids, line.said, strict=True):
        by_finding.setdefault(name, []).append((phase, seq))
    for messages in by_finding.values():
        assert [seq for _, seq in messages] == list(range(len(messages)))
        assert [phase for phase, _ in messages[:-1]].count("close") == 0, "nothing follows a close"
        assert messages[0][0] in ("open", "close")
