"""Statistics of safety production against an oracle: plain Python that counts row by row and minute by minute."""

import statistics
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.accident_terms import Figures
from records.safety_figures import (
    Accident,
    Alarm,
    Danger,
    Facts,
    Missed,
    Place,
    Point,
    Visit,
    change,
    figures,
    percentile,
    series,
    silent_ms,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
HERE, THERE = Place("a", "Firm A", "120116"), Place("b", "Firm B", "120101")

MINUTES = st.integers(0, 40)
PLACES = st.sampled_from([HERE, THERE])
LATER = st.none() | MINUTES


def spans() -> st.SearchStrategy[tuple[tuple[int, int | None], ...]]:
    one = st.tuples(MINUTES, st.none() | st.integers(0, 15)).map(
        lambda each: (each[0] * MINUTE, None if each[1] is None else (each[0] + each[1]) * MINUTE)
    )
    return st.lists(one, max_size=3).map(tuple)


def at(minutes: int | None) -> int | None:
    return None if minutes is None else minutes * MINUTE


FACTS = st.builds(
    Facts,
    st.lists(
        st.builds(
            lambda place, t, kind, grade, deaths, late: Accident(place, t * MINUTE, kind, grade, Figures(deaths), late),
            PLACES, MINUTES, st.sampled_from(["fire", "fall"]), st.sampled_from(["", "general", "major"]),
            st.integers(0, 9), st.booleans(),
        ),
        max_size=4,
    ),
    st.lists(
        st.builds(
            lambda place, t, took, level, measured: Alarm(
                place, t * MINUTE, None if took is None else (t + took) * MINUTE, level, measured
            ),
            PLACES, MINUTES, LATER, st.sampled_from(["red", "blue"]), st.booleans(),
        ),
        max_size=8,
    ),
    st.lists(
        st.builds(
            lambda place, t, n, out: Point(place, t * MINUTE, (t + n) * MINUTE, out), PLACES, MINUTES, MINUTES, spans()
        ),
        max_size=3,
    ),
    st.lists(
        st.builds(lambda place, t, done, major, late: Danger(place, t * MINUTE, at(done), major, late),
                  PLACES, MINUTES, LATER, st.booleans(), spans()),
        max_size=4,
    ),
    st.lists(st.builds(lambda place, t, done: Visit(place, t * MINUTE, at(done)), PLACES, MINUTES, LATER), max_size=4),
    st.lists(st.builds(lambda place, t, done: Missed(place, t * MINUTE, at(done)), PLACES, MINUTES, LATER), max_size=4),
)  # fmt: skip


def oracle(facts: Facts, start: int, end: int) -> dict[str, Any]:
    """Everything counted one by one, the online rate by looking at every point in every minute."""
    owed = silent = 0
    for minute in range(start, end, MINUTE):
        for point in facts.points:
            if point.start <= minute < point.end:
                owed += 1
                silent += any(since <= minute and (until is None or minute < until) for since, until in point.silent)
    mine = [each for each in facts.alarms if start <= each.time < end]
    took = sorted((each.closed - each.time) / 1000 for each in mine if each.closed is not None and each.closed < end)
    accidents = [each for each in facts.accidents if start <= each.time < end]
    visits = [each for each in facts.visits if start <= each.due < end]
    just_before = end - MINUTE  # all moments of these tests are whole minutes
    return {
        "accidents": len(accidents),
        "major": sum(each.grade == "major" for each in accidents),
        "deaths": sum(each.figures.deaths for each in accidents),
        "accidents_reported_late": sum(each.late for each in accidents),
        "alarms": len(mine),
        "red": sum(each.severity == "red" for each in mine),
        "alarms_per_point_day": round(sum(each.measured for each in mine) / (owed / 1440), 6) if owed else None,
        "handled": len(took),
        "handling_median_s": statistics.median_low(took) if took else None,
        "online_percent": round(100 * (owed - silent) / owed, 4) if owed else None,
        "offline_hours": round(silent / 60, 3),
        "dangers_found": sum(start <= each.found < end for each in facts.dangers),
        "dangers_rectified": sum(
            each.rectified is not None and start <= each.rectified < end for each in facts.dangers
        ),
        "dangers_overdue": sum(
            any(since <= just_before and (until is None or just_before < until) for since, until in each.overdue)
            for each in facts.dangers
        ),
        "visits_planned": len(visits),
        "visits_done": len([each for each in visits if each.done is not None and each.done < end]),
        "commitments_missing": len([each for each in facts.missed if start <= each.time < end]),
    }


@settings(max_examples=60, deadline=None)
@given(FACTS, st.integers(0, 30), st.integers(1, 20))
def test_every_figure_is_what_counting_by_hand_gives(facts: Facts, first: int, minutes: int) -> None:
    start, end = first * MINUTE, (first + minutes) * MINUTE
    found = figures(facts, start, end)
    found |= {"major": found["accidents_by_grade"].get("major", 0), "red": found["alarms_by_severity"].get("red", 0)}
    expected = oracle(facts, start, end)
    assert {name: found[name] for name in expected} == expected
    split = facts.by(lambda place: place.district)
    for name in ("accidents", "deaths", "alarms", "visits_done", "dangers_found", "drop_outs", "commitments_missing"):
        assert sum(figures(each, start, end)[name] for each in split.values()) == found[name], name
    middle = start + minutes // 2 * MINUTE
    parts = series(facts, [start, middle, end] if middle > start else [start, end])
    for name in ("alarms", "deaths", "dangers_found", "visits_planned", "drop_outs"):
        assert sum(each[name] for each in parts) == found[name], name


def test_the_published_figure_of_an_hour_off_reads_the_same_here() -> None:
    """4.31 h off in 744 h is 99.42 % (guides, acceptance row G19)."""
    off = round(4.31 * HOUR)
    points = [Point(HERE, 0, 10**13, ((10 * DAY, 10 * DAY + off),))]
    found = figures(Facts(points=points), 0, 31 * DAY)
    assert round(found["online_percent"], 2) == 99.42 and found["offline_hours"] == 4.31 and found["drop_outs"] == 1


def test_the_budget_of_alarms_is_per_point_and_day() -> None:
    """83 alarms a day of 8,266 points are 0.010 (acceptance row G20)."""
    points = [Point(HERE, 0, 10**13)] * 8266
    alarms = [Alarm(HERE, number, None, "blue") for number in range(83)] + [Alarm(HERE, 5, None, "red", measured=False)]
    found = figures(Facts(alarms=alarms, points=points), 0, DAY)
    assert (found["alarms"], round(found["alarms_per_point_day"], 3)) == (84, 0.010)


def test_percentiles_are_values_that_occurred() -> None:
    assert [percentile(list(range(1, 11)), share) for share in (50, 90, 100)] == [5, 9, 10]
    assert percentile([7], 90) == 7 and percentile([], 50) is None


def test_how_long_handling_took_is_of_what_was_closed_before_the_end() -> None:
    closed = [Alarm(HERE, 0, seconds * 1000, "blue") for seconds in range(1, 101)]
    found = figures(Facts(alarms=closed), 0, 100_001)
    assert (found["handled"], found["handling_median_s"], found["handling_p90_s"]) == (100, 50, 90)
    found = figures(Facts(alarms=closed), 0, 100_000)
    assert (found["handled"], found["not_handled"]) == (99, 1), "what is closed at the end was open then"


def test_a_danger_is_overdue_at_the_end_if_its_time_had_run_out_before_and_it_was_not_yet_mended() -> None:
    spans = [((0, 10),), ((0, 9),), ((10, None),), ((9, None),)]
    dangers = [Danger(HERE, 0, None, False, each) for each in spans]
    assert [figures(Facts(dangers=[each]), 0, 10)["dangers_overdue"] for each in dangers] == [1, 0, 0, 1]


def test_an_empty_stretch_has_no_figures() -> None:
    with pytest.raises(ValueError, match="expected start < end, got 5 and 5"):
        figures(Facts(), 5, 5)


def test_outages_that_overlap_count_once_and_may_still_last() -> None:
    assert silent_ms([(0, 20), (10, 30), (50, None)], 5, 60) == 35
    assert silent_ms([(70, 80)], 0, 60) == 0 and silent_ms([(0, 100)], 40, 60) == 20


def test_a_change_is_against_figures_that_are_there() -> None:
    assert change({"a": 3, "b": None, "c": 1.5, "d": {}}, {"a": 5, "b": 1, "c": 1.0, "d": {}}) == {
        "a": -2, "b": None, "c": 0.5,
    }  # fmt: skip
