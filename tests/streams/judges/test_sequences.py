"""Stories of event sequences of the product's own packs; and that order of arrival and restarts change nothing."""

import random
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.sequences.happening import Happening
from streams.judges.happenings import of_alarm, of_finding, of_reading
from streams.judges.sequences import SequenceWatch, watches_of
from streams.packs import load_packs
from topics.alarm_event import AlarmEvent
from topics.event_sequence import EventSequence, StepPattern
from topics.finding import Finding, Origin, Phase, Text
from topics.reading import Reading

T0 = 1_767_225_600_000
MINUTE = 60_000
PACKS = {pack.name: pack for pack in load_packs()}


def at(minute: float) -> int:
    return T0 + round(minute * MINUTE)


class Site:
    """Readings, findings and answers of one site, by the minute."""

    def __init__(self, pack: str, sequence: str) -> None:
        self.watch = SequenceWatch(PACKS[pack], sequence, PACKS[pack].sequences[sequence])
        self.offset = 0
        self.said: list[Finding] = []

    def read(self, minute: float, value: float, quantity: str, device: str = "D1", **more: object) -> None:
        reading = Reading(f"plant-1/{device}/{quantity}/Rtd", at(minute), value, **more)  # type: ignore[arg-type]
        self._hear(of_reading(reading, ("readings.x", 0, self._next(), 7)))

    def acknowledge(self, minute: float, family: str = "limit") -> None:
        event = AlarmEvent(
            f"s-{minute}", "a1", "safety", "plant-1", "gas_lel", family, "acknowledged", "orange", at(minute), 1
        )
        self._hear(of_alarm(event, ("alarm-events", 0, self._next(), 7)))

    def found(self, minute: float, detector: str, phase: Phase = "open", **facts: str) -> None:
        finding = Finding(
            f"{detector}-1", phase, 0, "cargo", "port", "津A-1", "津A-1", "route", detector, 1, "orange", at(minute),
            at(minute), Text("", ""), Origin("t", 0, 1, 1), facts=dict(facts),
        )  # fmt: skip
        self._hear(of_finding(finding, ("findings", 0, self._next(), 7)))

    def time(self, minute: float) -> list[tuple[str, float]]:
        """City time, and all that has been said by then: phase and minute."""
        self.said += self.watch.advance(at(minute))
        return [(each.phase, (each.time - T0) / MINUTE) for each in self.said]

    def _hear(self, happening: Happening | None) -> None:
        if happening is not None and self.watch.concerns(happening):
            self.said += self.watch.hear(happening)

    def _next(self) -> int:
        self.offset += 1
        return self.offset


def gas_rises_and_fans_stop() -> Site:
    site = Site("safety", "gas-unanswered")
    site.read(0, 1.0, "ventilation")
    site.read(1, 31.0, "gas_lel", "GT-1")
    site.read(3, 0.0, "ventilation")
    return site


def test_gas_that_nobody_answers_is_said_once_the_time_to_answer_is_over() -> None:
    site = gas_rises_and_fans_stop()
    assert site.time(8.9) == [], "five minutes from the third, and a minute for what is on its way"
    assert site.time(9) == [("open", 8)]
    (finding,) = site.said
    assert (finding.site, finding.quantity, finding.family, finding.opened) == (
        "plant-1",
        "gas-unanswered",
        "sequence",
        at(3),
    )
    assert "gas at level 1 GT-1 31.0 %LEL (2026-01-01 08:01:00); 2. ventilation off" in finding.text.en
    assert "within 5 min, none of: an alarm of its limits acknowledged, ventilation on" in finding.text.en
    assert "此后 5 分钟 内没有：越限报警被确认、通风恢复" in finding.text.zh and "未经核实" in finding.text.zh
    assert finding.facts == {
        "step_1_time": at(1), "step_1_link": "readings.x 0 2", "step_2_time": at(3), "step_2_link": "readings.x 0 3",
    }  # fmt: skip
    site.acknowledge(11)
    assert site.time(20) == [("open", 8), ("close", 11)]
    assert "acknowledged" in site.said[-1].text.en and site.said[-1].facts["ended_link"] == "/alarms/a1"


@pytest.mark.parametrize("minute", [2, 7, 8])
def test_an_answer_in_time_keeps_it_silent(minute: float) -> None:
    site = gas_rises_and_fans_stop()
    site.acknowledge(minute)
    assert site.time(60) == []


def test_only_an_answer_to_an_alarm_of_its_limits_counts_and_only_after_the_gas() -> None:
    site = gas_rises_and_fans_stop()
    site.acknowledge(5, family="quality")
    site.acknowledge(0.5)
    assert site.time(60) == [("open", 8)]


def test_fans_that_stop_before_the_gas_rises_are_another_story() -> None:
    site = Site("safety", "gas-unanswered")
    site.read(0, 1.0, "ventilation")
    site.read(1, 0.0, "ventilation")
    site.read(3, 31.0, "gas_lel", "GT-1")
    site.read(3.5, 31.0, "gas_lel", "GT-1", flag="M")
    assert site.time(60) == []


def test_an_answer_that_was_told_too_late_takes_it_back() -> None:
    site = gas_rises_and_fans_stop()
    site.time(20)
    site.acknowledge(6)
    assert site.time(21) == [("open", 8), ("close", 6)] and site.said[-1].late
    assert "told too late" in site.said[-1].text.en
    site.read(2, 40.0, "gas_lel", "GT-1")
    assert site.watch.late == 1, "a step that comes too late begins nothing"


def test_production_without_treatment_for_half_an_hour() -> None:
    site = Site("pollution", "treatment-off")
    for minute in range(0, 50):
        site.read(minute, 80.0, "d20001")
        site.read(minute, 12.0 if minute < 5 or minute >= 42 else 0.0, "d30001")
        site.read(minute, 0.0, "d30001", "D2")  # where nothing is produced
    assert site.time(60) == [("open", 35), ("close", 42)]
    assert site.said[0].subject == "plant-1/D1"
    short = Site("pollution", "treatment-off")
    for minute in range(0, 50):
        short.read(minute, 80.0 if minute < 30 else 0.0, "d20001")
        short.read(minute, 0.0, "d30001")
    assert short.time(100) == [], "production stopped in time"


def test_a_truck_that_leaves_its_route_and_stops_near_a_forbidden_area() -> None:
    road = Site("cargo", "off-route-stop")
    road.found(0, "carriage-deviation")
    road.found(9, "carriage-stop", near_area="")
    road.found(11, "carriage-stop", "close", near_area="")
    road.found(20, "carriage-stop", near_area="school-3")
    assert road.time(22) == [("open", 20)], "said with the stop: there is nothing to wait for"
    assert (road.said[0].subject, road.said[0].site, road.said[0].severity) == ("津A-1", "port", "red")
    assert road.said[0].facts["step_2_link"] == "/api/findings/carriage-stop-1/evidence"
    road.found(25, "carriage-deviation", "close")
    assert road.time(200) == [("open", 20), ("close", 25)]


def test_a_truck_that_came_back_on_its_route_may_stop() -> None:
    road = Site("cargo", "off-route-stop")
    road.found(0, "carriage-deviation")
    road.found(10, "carriage-deviation", "close")
    road.found(20, "carriage-stop", near_area="school-3")
    assert road.time(500) == []


def test_off_its_route_it_is_told_no_longer_than_an_hour() -> None:
    road = Site("cargo", "off-route-stop")
    road.found(0, "carriage-deviation")
    road.found(20, "carriage-stop", near_area="school-3")
    assert road.time(500) == [("open", 20), ("close", 80)] and "after 60 min" in road.said[-1].text.en


SMALL = EventSequence(
    Text("s", "s"), "red", tuple(StepPattern(Text(w, w), finding=w) for w in "AB"), within_s=20.0, absent_s=8.0,
    absent=(StepPattern(Text("X", "X"), finding="X"),), lasts_s=60.0, late_s=10.0,
)  # fmt: skip
CITY = msgspec.structs.replace(PACKS["safety"], sequences={"small": SMALL})

#: Second it happens, what, at which of two sites, and how many seconds later it is told.
TOLD = st.lists(
    st.tuples(st.integers(20, 90), st.sampled_from("AAABBBX"), st.sampled_from("ab"), st.floats(0, 9)), max_size=16
)


def arriving(rows: list[tuple[int, str, str, float]]) -> list[tuple[float, Happening]]:
    """By the second they are told in; what has a name of its own is told twice."""
    told = []
    for number, (second, what, site, delay) in enumerate(rows):
        one = Happening(T0 + second * 1000, f"{what}{number}", "finding", what, site, "q", phase="open", offset=number)
        told += [(second + delay, one), (second + delay / 2, one)]
    return sorted(told, key=lambda each: each[0])


def play(watch: SequenceWatch, told: Iterable[tuple[float, Happening]], until: float = 200) -> list[Finding]:
    said = []
    for second, happening in told:
        said += watch.advance(T0 + int(second * 1000))
        said += watch.hear(happening)
    return said + watch.advance(T0 + int(until * 1000))


def small() -> SequenceWatch:
    (watch,) = watches_of(CITY)
    return watch


def by_key(findings: Iterable[Finding]) -> dict[tuple[str, int], Finding]:
    return {(each.id, each.seq): each for each in findings}


@settings(max_examples=50)
@given(TOLD, st.integers(0, 100))
def test_the_order_in_which_they_come_changes_nothing(rows: list[tuple[int, str, str, float]], seed: int) -> None:
    """In order, delayed and doubled, and in any order where city time waits: as over a backlog."""
    in_order = play(small(), sorted(arriving([(s, w, p, 0.0) for s, w, p, _ in rows]), key=lambda e: e[1].time))
    shuffled = [(0.0, each) for _, each in arriving(rows)]
    random.Random(seed).shuffle(shuffled)
    assert by_key(play(small(), arriving(rows))) == by_key(in_order)
    assert by_key(play(small(), shuffled)) == by_key(in_order)


@settings(max_examples=50)
@given(TOLD, st.floats(20, 110))
def test_a_restart_says_the_rest_and_nothing_else(rows: list[tuple[int, str, str, float]], cut: float) -> None:
    """After a restart only what happened within the horizon is heard again, and what was said is known."""
    told, whole = arriving(rows), play(small(), arriving(rows))
    first = small()
    said = play(first, [each for each in told if each[0] <= cut], until=cut)
    second = small()
    assert second.recall(said) == []
    since = first.reorder.reached - SMALL.horizon_ms
    again = play(second, [each for each in told if each[1].time >= since])
    assert by_key(again) | by_key(said) == by_key(whole)


def test_what_was_said_by_a_rule_that_was_changed_is_taken_back() -> None:
    said = play(small(), arriving([(20, "A", "a", 0), (25, "B", "a", 0)]), until=45)
    assert [each.phase for each in said] == ["open"]
    changed = msgspec.structs.replace(SMALL, version=2)
    (watch,) = watches_of(msgspec.structs.replace(CITY, sequences={"small": changed}))
    (close,) = watch.recall(said)
    assert (close.id, close.phase, close.seq) == (said[0].id, "close", 1) and "withdrawn" in close.text.en
