"""The yards' events and what the judge says to them: grades, over-storage, conflicts, in the order of the story."""

from collections import Counter

import pytest

from records.box_terms import box_terms
from streams.judges.box_conditions import EVENTS, READINGS, BoxJudge
from streams.judges.yard import YardJudge
from streams.sources.simulator.script_lines import Stock
from streams.sources.simulator.yard_story import container, yard_events
from tests.streams.sources.simulator.limits import PACKS
from tests.streams.sources.simulator.plays import END, MIDNIGHT, SCRIPT, clock, whole_day
from topics.events import Declared, GateIn
from topics.finding import Finding
from topics.reading import Reading
from topics.scheme import load_scheme


def judged() -> tuple[YardJudge, list[Finding]]:
    judge, said = YardJudge(PACKS["cargo"], 0), []
    for offset, event in enumerate(whole_day().events):
        if event.time < END:
            outcome = judge.apply(event, offset, 0)
            assert outcome.rejects == []
            said += outcome.findings
    return judge, said


def test_events_are_the_same_each_time_with_ids_of_their_own() -> None:
    events = yard_events(SCRIPT.lines)
    assert events == whole_day().events
    assert len({event.id for event in events}) == len(events)
    assert [event.time for event in events] == sorted(event.time for event in events)
    numbers = [container(line, i) for line in SCRIPT.lines if isinstance(line, Stock) for i in range(line.boxes)]
    assert len(set(numbers)) == len(numbers) and all(number.startswith("SIMU") for number in numbers)


def test_most_happens_in_the_weeks_before_the_night() -> None:
    before = whole_day().events_before(MIDNIGHT)
    kinds = Counter(type(event).__name__ for event in before if event.site == "yard-ruihai")
    assert kinds["GateIn"] == kinds["Declared"] == 238 and kinds["GateOut"] == 11
    assert all(event.consignor and event.emergency_contact for event in before if isinstance(event, Declared))
    night = [event for event in whole_day().events if event.time >= clock("22:00") and event.time < END]
    assert not any(isinstance(event, GateIn) for event in night)


def test_the_masses_are_those_of_the_script() -> None:
    judge, _ = judged()
    masses = judge.yard("yard-ruihai").masses_t()
    assert masses["1942"] == 800.0 and masses["1689"] == 680.5 and masses["1486"] == 1342.8
    assert masses["2556"] == pytest.approx(229.37) and "3480" not in masses


def test_the_grade_climbs_from_four_to_one_before_the_night() -> None:
    _, said = judged()
    grades = [each for each in said if each.family == "hazard-grade" and each.site == "yard-ruihai"]
    changes = [each.facts["grade"] for each in grades]
    assert list(dict.fromkeys(changes)) == [4, 3, 2, 1]
    assert len({each.id for each in grades}) == 1
    assert grades[-1].severity == "red" and grades[-1].time < MIDNIGHT
    assert grades[-1].facts["S"] is not None
    judge, _ = judged()
    facts = PACKS["cargo"].facts["critical_quantities"]
    masses = judge.yard("yard-ruihai").masses_t()
    s = sum(mass / facts[un]["q_t"] for un, mass in masses.items() if un in facts)
    assert s == pytest.approx(53.9, abs=0.15)


def test_each_alarm_the_script_means_is_found_and_no_other() -> None:
    _, said = judged()
    scheme = load_scheme()
    worst: dict[tuple[str, str, str], str] = {}
    for each in said:
        key = (each.site, each.quantity, each.family)
        if key not in worst or scheme.rank(each.severity) > scheme.rank(worst[key]):
            worst[key] = each.severity
    meant = {
        (each.site, each.quantity, each.family): each.severity
        for line in SCRIPT.lines
        for each in line.expect
        if each.family in ("hazard-grade", "over-storage", "segregation", "undeclared", "observed", "dwell")
    }
    assert worst == meant
    assert len(meant) == 12


def test_conflicts_of_the_day_end_when_the_box_is_moved_and_papers_end_the_undeclared() -> None:
    _, said = judged()
    near = [each for each in said if each.site == "yard-02" and each.family == "segregation"]
    assert {each.phase for each in near} == {"open", "close"}
    assert {each.time for each in near if each.phase == "open"} == {clock("14:00")}
    assert {each.time for each in near if each.phase == "close"} == {clock("14:40")}
    bare = [each for each in said if each.family == "undeclared"]
    assert [(each.phase, each.site) for each in bare] == [("open", "yard-03"), ("close", "yard-03")]
    assert bare[1].time == clock("12:00")
    night = [each for each in said if each.site == "yard-ruihai" and each.family == "segregation"]
    assert {each.phase for each in night} == {"open"} and 10 <= len(night) <= 20
    assert {(each.facts["code"], each.facts["rule"]) for each in night} >= {(2, "SG16"), (2, "SG35")}


def test_the_box_whose_cooling_fails_and_the_block_without_power_are_told_by_their_sensors() -> None:
    terms = box_terms(PACKS["cargo"])
    assert terms is not None
    judge, said = BoxJudge(PACKS["cargo"], terms, 0), []
    for event in whole_day().events:
        if event.site == "yard-03":
            judge.event(event)
    judge.tick(EVENTS, END)
    readings = [
        Reading(each.id, message.time, value)
        for message in whole_day().span(clock("07:00"), END).messages
        for each, value in zip(message.series, message.values, strict=True)
        if each.site == "yard-03"
    ]
    for offset, reading in enumerate(readings):
        judge.tick(READINGS, reading.time - 1_000)
        judge.reading(reading, offset, 0)
        said += [finding for _, finding in judge.advance()]
    judge.tick(READINGS, END)
    said += [finding for _, finding in judge.advance()]
    worst = {(each.detector, each.quantity, each.severity) for each in said if each.phase != "close"}
    box = "SIMU0060001"
    heat = {(rule, quantity) for rule, quantity, _ in worst if rule not in ("box-silence", "box-mass-loss")}
    assert heat == {("box-rise", box), ("box-drift", box), ("box-control", box), ("box-emergency", box)}
    assert ("box-emergency", box, "red") in worst and ("box-mass-loss", "P", "red") in worst
    first = {each.detector: each.time for each in reversed(said) if each.phase == "open"}
    assert clock("12:30") < first["box-rise"] < first["box-control"] < first["box-emergency"] < clock("16:30")
    assert clock("20:40") < first["box-mass-loss"] < clock("20:50")
    assert all(each.phase == "close" for each in {finding.id: finding for finding in said}.values())
