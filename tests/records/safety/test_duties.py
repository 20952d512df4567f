"""G14 static grades, G22 the draw and visits, G23 guarantors, and dangers that are overdue."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.safety.days import DAY_MS, at, day_of
from records.safety.forms import Danger, Guarantor, StaticGrade, Visit
from records.safety.guarantor_missing import GuarantorMissing, holder
from records.safety.overdue import DangerOverdue, VisitOverdue
from records.safety.sampling import draw, still_open
from records.safety.standing import OpenDanger
from records.safety.static_grade import GradeExpiry, expires, static_grade
from records.safety.terms import SafetyTerms, safety_terms
from tests.records.safety.parts import DAY, HOUR, TABLE, TEN, TERMS, picture
from topics.domain_file import load_domains
from topics.errors import ConfigurationError

assert TERMS.grade is not None
GRADES = TERMS.grade


@pytest.mark.parametrize(
    ("points", "colour"),
    [
        (0, "red"), (59.99, "red"), (60, "orange"), (74.99, "orange"), (75, "yellow"), (89.99, "yellow"),
        (90, "blue"), (100, "blue"),
    ],
)  # fmt: skip
def test_g14_the_boundaries_of_the_static_grade(points: float, colour: str) -> None:
    assert static_grade(points, (), GRADES) == colour


def test_g14_a_condition_of_direct_red_beats_100_points() -> None:
    assert static_grade(100, ("never-designed",), GRADES) == "red"
    with pytest.raises(ValueError, match=r"expected some of \['never-designed'\], got 'ugly'"):
        static_grade(100, ("ugly",), GRADES)
    with pytest.raises(ValueError, match="0 to 100"):
        static_grade(100.01, (), GRADES)


def test_g14_the_end_of_three_years_is_warned_of_and_then_told() -> None:
    graded = at("2024-02-29", "09:00")
    end = expires(graded, GRADES)
    assert day_of(end) == "2027-03-01", "a leap day has no third anniversary"
    held = StaticGrade("p1", 80, (), "yellow", graded, end, "处长", graded)
    rule = GradeExpiry()
    assert list(rule.standing(picture(grades=[held]), end - 60 * DAY_MS - 1)) == []
    (soon,) = rule.standing(picture(grades=[held]), end - 60 * DAY_MS)
    (gone,) = rule.standing(picture(grades=[held]), end)
    assert (soon.severity, soon.mark, gone.severity, gone.mark) == ("blue", "soon", "yellow", "expired")
    assert soon.since == gone.since and "2027-03-01" in gone.text.zh
    anew = msgspec.structs.replace(held, graded=end, expires=expires(end, GRADES))
    assert list(rule.standing(picture(grades=[anew]), end + DAY_MS)) == []


MEMBERS = {"red": [f"r{n}" for n in range(7)], "blue": [f"b{n:02d}" for n in range(23)]}


def test_g22_nobody_is_drawn_twice_before_all_of_the_stratum_were() -> None:
    before: dict[str, list[str]] = {"red": [], "blue": []}
    for seed in range(40):
        for each in draw(MEMBERS, {}, {"red": 3, "blue": 2}, before, seed):
            before[each.stratum].append(each.site)
    for stratum, members in MEMBERS.items():
        drawn = before[stratum]
        for turn in range(len(drawn) // len(members)):
            assert set(drawn[turn * len(members) : (turn + 1) * len(members)]) == set(members)


def test_g22_the_same_seed_draws_the_same_and_one_stratum_does_not_touch_another() -> None:
    one = draw(MEMBERS, {}, {"red": 2, "blue": 5}, {}, 42)
    assert draw(MEMBERS, {}, {"red": 2, "blue": 5}, {}, 42) == one
    assert draw(MEMBERS, {}, {"blue": 5}, {}, 42) == [each for each in one if each.stratum == "blue"]
    assert draw(MEMBERS, {}, {"red": 2, "blue": 5}, {}, 43) != one
    assert len(draw(MEMBERS, {}, {"red": 99}, {}, 1)) == 7


def test_g22_the_risky_are_drawn_sooner() -> None:
    weights = {"b05": 10.0}
    drawn = Counter(each.site for seed in range(300) for each in draw(MEMBERS, weights, {"blue": 1}, {}, seed))
    assert 60 < drawn["b05"] < 130, "10 of 32 parts of the weight: about 94 of 300"
    assert max(count for site, count in drawn.items() if site != "b05") < 30


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), st.lists(st.integers(0, 4), min_size=1, max_size=20), st.integers(0, 999))
def test_g22_whatever_the_sizes_a_round_is_finished_before_the_next(count: int, sizes: list[int], seed: int) -> None:
    members, before = [f"m{n}" for n in range(count)], list[str]()
    for number, size in enumerate(sizes):
        drawn = [each.site for each in draw({"s": members}, {}, {"s": size}, {"s": before}, seed + number)]
        assert len(drawn) == len(set(drawn)) == min(size, count)
        left = still_open(members, before)
        assert set(left) <= set(drawn) or set(drawn) <= set(left)
        before += drawn


def test_g22_somebody_who_came_later_is_drawn_before_the_next_round() -> None:
    assert still_open(["a", "b", "c", "new"], ["a", "b", "c", "a", "b", "c"]) == ["new"]
    assert still_open(["a", "b"], ["gone", "a"]) == ["b"]


def test_g22_a_visit_that_is_not_done_by_its_date_climbs_and_is_over_once_done() -> None:
    visit = Visit("v1", "p1", TEN, TEN - 7 * DAY_MS, "处长", TEN - 7 * DAY_MS, "plan", "red")
    rule = VisitOverdue()
    assert list(rule.standing(picture(visits=[visit]), TEN)) == []
    (late,) = rule.standing(picture(visits=[visit]), TEN + 1)
    (later,) = rule.standing(picture(visits=[visit]), TEN + 3 * DAY_MS)
    assert (late.severity, later.severity) == ("yellow", "orange") and late.since == later.since == TEN + 1
    done = msgspec.structs.replace(visit, done=TEN + HOUR, outcome="clean")
    assert list(rule.standing(picture(visits=[done]), TEN + 3 * DAY_MS)) == []


def test_a_major_danger_that_is_overdue_is_worse_and_says_whose_turn_it_is() -> None:
    danger = Danger("d1", "p1", "major", "罐区", "阀门内漏", "张三", TEN - DAY_MS, TEN, "李四", "visit")
    rule = DangerOverdue()
    (firm,) = rule.standing(picture(dangers=[OpenDanger(danger, "firm", TEN)]), TEN + 1)
    (office,) = rule.standing(picture(dangers=[OpenDanger(danger, "office", TEN + HOUR)]), TEN + 4 * DAY_MS)
    assert firm.severity == "orange" and "责任人 张三 逾期未整改" in firm.text.zh
    assert office.severity == "red" and "逾期未复查" in office.text.zh and office.subject != firm.subject
    assert list(rule.standing(picture(dangers=[OpenDanger(danger, "firm", TEN)]), TEN)) == []


def named(role: str, person: str, since: int = 0, until: int | None = None) -> Guarantor:
    return Guarantor("tank-farm", "p1", role, person, since, until, since, "处长")


THREE = [named("principal", "甲"), named("technical", "乙"), named("operation", "丙")]
HAZARDS = {"tank-farm": "p1"}


def test_g23_each_hazard_needs_three_people_with_posts_of_their_own() -> None:
    rule = GuarantorMissing()
    assert list(rule.standing(picture(hazards=HAZARDS, guarantors=THREE), TEN)) == []
    missing = list(rule.standing(picture(hazards=HAZARDS, guarantors=THREE[:2]), TEN))
    assert [(each.subject, each.since) for each in missing] == [("tank-farm/operation", None)]
    twice = [*THREE[:2], named("operation", "甲", TEN)]
    (found,) = rule.standing(picture(hazards=HAZARDS, guarantors=twice), TEN)
    assert (found.rule, found.since) == (
        "guarantor-twice",
        TEN,
    ) and "甲 一人兼任主要负责人、操作负责人" in found.text.zh


def test_g23_whoever_leaves_is_missed_from_that_moment_until_somebody_follows() -> None:
    rule = GuarantorMissing()
    left = [THREE[0], THREE[1], named("operation", "丙", 0, TEN)]
    assert list(rule.standing(picture(hazards=HAZARDS, guarantors=left), TEN - 1)) == []
    (found,) = rule.standing(picture(hazards=HAZARDS, guarantors=left), TEN + HOUR)
    assert found.since == TEN and "丙 已于 2026-11-27 10:00 离任" in found.text.zh
    followed = [*left, named("operation", "丁", TEN + 2 * HOUR)]
    assert list(rule.standing(picture(hazards=HAZARDS, guarantors=followed), TEN + 2 * HOUR)) == []
    held = holder(followed, "operation", TEN + 2 * HOUR)
    assert held is not None and held.person == "丁"


def test_the_pack_s_own_terms_are_read_and_a_wrong_one_is_named() -> None:
    pack = next(each for each in load_domains() if each.name == "safety")
    terms = safety_terms("safety", pack.facts)
    assert isinstance(terms, SafetyTerms) and terms.commitment is not None and not terms.commitment.confirmed
    assert len(terms.guarantor.roles if terms.guarantor else ()) == 3
    spoilt = {"safety_work": TABLE | {"commitment": TABLE["commitment"] | {"due_by": "25:00"}}}
    with pytest.raises(ConfigurationError, match=r"x: facts\.safety_work: .*`\$\.commitment\.due_by`"):
        safety_terms("x", spoilt)
    assert safety_terms("x", {}) is None


def test_a_day_is_a_day_of_the_city() -> None:
    assert day_of(at(DAY, "00:00")) == DAY and day_of(at(DAY, "00:00") - 1) == "2026-11-26"
