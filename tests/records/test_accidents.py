"""An accident case in time lines: the hour, the way up, follow-ups, grades that change, the end. Its terms are the
test's own.
"""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.accident_duties import duties, lapses, next_lapse, owed
from records.accident_events import Event, Extended, Linked, Opened, PassedUp, Reported, Withdrawn
from records.accident_terms import Change, Climb, Clock, Figures, Grade, Kind, Terms, Up
from records.accidents import fold, step
from records.refused import Refused
from topics.finding import Text

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
T0 = 1_700_000_000_000


def clock(seconds: int) -> Clock:
    return Clock(seconds, "the test", True)


def grade(code: str, rank: int, deaths: int, serious: int, loss_cny: float) -> Grade:
    return Grade(code, rank, Text(code, code), deaths, serious, loss_cny, "the test", True)


TERMS = Terms(
    grades=(grade("small", 1, 0, 0, 0.0), grade("middle", 2, 3, 10, 1e7), grade("large", 3, 10, 50, 5e7)),
    kinds=(Kind("blast", Text("爆炸", "blast"), "the test", True), Kind("fire", Text("火灾", "fire"), "t", True, 7)),
    change=Change(30, "the test", True),
    initial=clock(3600),
    pass_up=clock(7200),
    final=clock(60 * 86_400),
    follow_up={"small": clock(86_400), "middle": clock(86_400), "large": clock(43_200)},
    up={
        "small": Up(("city",), "t", True),
        "middle": Up(("city",), "t", True),
        "large": Up(("city", "state"), "t", True),
    },
    climb=Climb(("leader", "duty-office"), 1800, "the test", False),
    titles={},
    most_extension_days=60,
    final_again_s=7 * 86_400,
)


def opened(kind: str = "blast", occurred: int = T0) -> Opened:
    return Opened(T0 + 5 * MINUTE, "Wu", T0 + 5 * MINUTE, occurred, "safety", kind, "tank", "Firm", "120116")


def report(
    at: int, stage: str = "follow-up", *, as_of: int | None = None, over: bool = False, **figures: float
) -> Event:
    return Reported(
        at, "Wu", stage, at if as_of is None else as_of, Figures(**figures), "what happened", rescue_over=over  # type: ignore[arg-type]
    )  # fmt: skip


KNOWN = T0 + 5 * MINUTE


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({}, "small"), ({"deaths": 2}, "small"), ({"deaths": 3}, "middle"), ({"deaths": 9}, "middle"),
        ({"deaths": 10}, "large"), ({"serious": 9}, "small"), ({"serious": 10}, "middle"), ({"serious": 50}, "large"),
        ({"loss_cny": 9_999_999.99}, "small"), ({"loss_cny": 1e7}, "middle"), ({"loss_cny": 5e7}, "large"),
        ({"deaths": 1, "serious": 1, "loss_cny": 6e7}, "large"), ({"minor": 900, "missing": 40}, "small"),
    ],
)  # fmt: skip
def test_the_grade_is_that_of_the_gravest_figure(figures: dict[str, float], expected: str) -> None:
    assert TERMS.grade_of(Figures(**figures)).code == expected  # type: ignore[arg-type]


def test_the_hour_runs_from_when_it_became_known_not_from_when_it_happened() -> None:
    case = fold([opened(occurred=T0 - DAY)], TERMS)
    (initial, _) = owed(case, TERMS)
    assert (initial.name, initial.due) == ("initial", KNOWN + HOUR)
    assert lapses(case, TERMS, KNOWN + HOUR) == []
    assert [(each.to, each.time) for each in lapses(case, TERMS, KNOWN + HOUR + 1)] == [("leader", KNOWN + HOUR + 1)]


def test_a_missing_report_climbs_each_step_once_and_stops_with_the_report() -> None:
    events: list[Event] = [opened()]
    told = []
    for now in range(KNOWN, KNOWN + 6 * HOUR, 10 * MINUTE):
        found = lapses(fold(events, TERMS), TERMS, now)
        told += [(each.to, each.time - KNOWN) for each in found]
        events += found
    assert told == [("leader", HOUR + 1), ("duty-office", HOUR + 30 * MINUTE + 1)]
    case = fold([*events, report(KNOWN + 6 * HOUR, "initial")], TERMS)
    first = duties(case, TERMS)[0]
    assert first.done == KNOWN + 6 * HOUR and first.late(0), "late stays on record"
    assert next_lapse(case, TERMS) == KNOWN + 8 * HOUR, "two hours to pass it up"


def test_each_authority_has_its_two_hours_and_a_graver_grade_adds_one() -> None:
    events = [opened(), report(KNOWN + 30 * MINUTE, "initial", deaths=1)]
    case = fold(events, TERMS)
    assert next((each.name, each.due - KNOWN) for each in owed(case, TERMS)) == ("up:city", 30 * MINUTE + 2 * HOUR)
    events += [PassedUp(KNOWN + HOUR, "Wu", "city"), report(KNOWN + 5 * HOUR, deaths=12)]
    up = [each for each in duties(fold(events, TERMS), TERMS) if each.name.startswith("up:")]
    assert [(each.name, each.done is not None) for each in up] == [("up:city", True), ("up:state", False)]
    assert up[1].due == KNOWN + 7 * HOUR, "asked for only since it is large"
    with pytest.raises(Refused, match="gone up"):
        fold([*events, PassedUp(KNOWN + 6 * HOUR, "Wu", "city")], TERMS)
    with pytest.raises(Refused, match="goes up to: city"):
        fold([*events[:2], PassedUp(KNOWN + HOUR, "Wu", "state")], TERMS)


def test_deaths_within_the_days_allowed_grade_anew_and_later_ones_are_kept_but_do_not_count() -> None:
    events = [
        opened("fire"), report(KNOWN + HOUR, "initial", deaths=2, serious=5), report(T0 + 7 * DAY, deaths=3, serious=4),
        report(T0 + 9 * DAY, deaths=10, loss_cny=2e7),
    ]  # fmt: skip
    case = fold(events, TERMS)
    assert [each.grade for each in case.versions] == ["small", "middle", "middle"]
    assert [each.late for each in case.versions] == [False, False, True]
    assert case.versions[-1].figures.deaths == 10, "what was reported is kept"
    assert case.figures == Figures(deaths=3, serious=4, loss_cny=2e7), "the loss counts whenever it is known"
    same = fold([*events[:3], report(T0 + 9 * DAY, as_of=T0 + 6 * DAY, deaths=10)], TERMS)
    assert same.versions[-1].grade == "large", "told late, but he died in time"
    assert fold([opened("blast"), *events[1:]], TERMS).versions[-1].grade == "large", "others have 30 days"


def test_who_is_missing_may_be_dead() -> None:
    case = fold([opened(), report(KNOWN + HOUR, "initial", deaths=2, missing=8)], TERMS)
    assert (case.grade(TERMS).code, case.feared(TERMS).code) == ("small", "large")


def test_follow_ups_are_owed_until_the_rescue_is_over() -> None:
    events = [opened(), report(KNOWN + HOUR, "initial", deaths=10)]
    assert ("follow-up", KNOWN + 13 * HOUR) in [(each.name, each.due) for each in owed(fold(events, TERMS), TERMS)]
    over = fold([*events, report(KNOWN + 9 * HOUR, over=True, deaths=10)], TERMS)
    assert "follow-up" not in [each.name for each in owed(over, TERMS)]


def test_a_change_after_the_final_report_asks_for_another_and_a_late_change_does_not() -> None:
    events = [opened(), report(KNOWN + HOUR, "initial", serious=9), report(T0 + 10 * DAY, "final", serious=9)]
    case = fold(events, TERMS)
    assert (case.state, case.closed) == ("concluded", T0 + 10 * DAY)
    assert fold([*events, report(T0 + 40 * DAY, deaths=1)], TERMS).state == "concluded"
    anew = fold([*events, report(T0 + 20 * DAY, deaths=3)], TERMS)
    assert (anew.state, anew.closed, anew.grade(TERMS).code) == ("reported", None, "middle")
    with pytest.raises(Refused, match="follow up first"):
        fold([*events, report(T0 + 11 * DAY, "final", serious=9)], TERMS)
    late = fold([*events, report(T0 + 29 * DAY, deaths=3), Extended(T0 + 29 * DAY, "head", 20, "court")], TERMS)
    assert owed(late, TERMS)[-1].due == T0 + 80 * DAY


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([report(KNOWN)], "initial"), ([report(KNOWN, "final")], "initial"), ([opened()], "open already"),
        ([report(KNOWN, "initial"), report(KNOWN, "initial")], "follow up"),
        ([report(KNOWN, "initial", as_of=T0 - 1)], "between"), ([report(KNOWN, "initial", as_of=KNOWN + 1)], "between"),
        ([PassedUp(KNOWN, "Wu", "city")], "initial"), ([Extended(KNOWN, "Wu", 61, "x")], "60 days"),
        ([Withdrawn(KNOWN, "Wu", "no accident"), Linked(KNOWN, "Wu", ("a",))], "withdrawn"),
    ],
)  # fmt: skip
def test_what_the_state_does_not_allow_is_refused(events: Sequence[Event], why: str) -> None:
    with pytest.raises(Refused) as refused:
        fold([opened(), *events], TERMS)
    assert why in refused.value.text.en and refused.value.text.zh


def test_alarms_are_linked_once_each_and_days_are_added_up_to_the_most() -> None:
    case = fold([opened(), Linked(KNOWN, "Wu", ("a", "b")), Linked(KNOWN, "Wu", ("b", "c"))], TERMS)
    assert case.alarms == ("a", "b", "c")
    longer: list[Event] = [opened(), Extended(KNOWN, "head", 20, "court"), Extended(KNOWN, "head", 40, "court")]
    assert fold(longer, TERMS).extension_days == 60
    with pytest.raises(Refused, match="60 days more at most"):
        fold([*longer, Extended(KNOWN, "head", 1, "court")], TERMS)


def test_an_accident_cannot_have_become_known_before_it_happened() -> None:
    with pytest.raises(Refused):
        fold([opened(occurred=KNOWN + 1)], TERMS)
    with pytest.raises(LookupError, match="expected one of blast, fire"):
        fold([opened("flood")], TERMS)


def test_grades_out_of_order_are_no_terms() -> None:
    with pytest.raises(ValueError, match="begin above"):
        msgspec.structs.replace(TERMS, grades=(TERMS.grades[0], grade("middle", 2, 3, 10, 0.0)))
    with pytest.raises(ValueError, match="follow_up"):
        msgspec.structs.replace(TERMS, follow_up={})


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 3 * 86_400),
            st.sampled_from(["follow-up", "final", "up:city", "up:state", "look"]),
            st.integers(0, 12), st.integers(0, 60), st.booleans(),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_any_course_keeps_every_version_and_climbs_no_step_twice(course: list[tuple[int, str, int, int, bool]]) -> None:
    """However the story goes: nothing is lost, the counted figures are those an oracle reckons, steps are told once."""
    case, now = fold([opened()], TERMS), KNOWN
    reports: list[tuple[int, int, int]] = []
    told: list[tuple[str, int, int]] = []
    for seconds, what, deaths, serious, over in course:
        now += seconds * 1000
        for lapse in lapses(case, TERMS, now):
            told.append((lapse.duty, lapse.due, lapse.step))
            case = step(case, lapse, TERMS)
        assert next_lapse(case, TERMS) is None or next_lapse(case, TERMS) >= now  # type: ignore[operator]
        if what == "look":
            continue
        event: Event = report(now, what if reports else "initial", over=over, deaths=deaths, serious=serious)
        if what.startswith("up:"):
            event = PassedUp(now, "Wu", what[3:])
        try:
            case = step(case, event, TERMS)
        except Refused:
            continue
        if isinstance(event, Reported):
            reports.append((now, deaths, serious))
    assert len(told) == len(set(told))
    assert [(each.figures.deaths, each.figures.serious) for each in case.versions] == [each[1:] for each in reports]
    if reports:
        timely = [each for place, each in enumerate(reports) if place == 0 or each[0] <= T0 + 30 * DAY]
        assert (case.figures.deaths, case.figures.serious) == timely[-1][1:]
