"""Which limit holds, and why."""

import datetime as dt

from detectors.rules.judgement.choice import choose
from detectors.rules.judgement.rules import FormalLimit
from tests.detectors.rules.judgement.parts import COLD, DAY, DAY0, WINTER, limit


def chosen(*limits: FormalLimit, at: int = DAY0, water: float | None = None, site: str = "works") -> float | None:
    found = choose(limits, "day", site, "municipal-waste-water", at, water)
    return found[0].value if found else None


def test_a_permit_comes_before_the_local_standard_and_that_before_the_national_one() -> None:
    national, local = limit(50.0), limit(60.0, "local")
    permit = limit(80.0, "permit", sites=("works",))
    assert chosen(national, local, permit) == 80.0
    assert chosen(national, local, permit, site="other") == 60.0
    assert chosen(national) == 50.0
    (used,) = choose((national, local), "day", "works", "x", DAY0)
    assert "before national 50" in used.why.en and "优先于" in used.why.zh


def test_the_edition_is_that_of_the_event_to_the_day() -> None:
    change = dt.date(2026, 5, 1)
    old, new = limit(75.0, valid_to=change), limit(60.0, valid_from=change)
    assert chosen(old, new, at=DAY0 - 1) == 75.0
    assert chosen(old, new, at=DAY0) == 60.0
    assert chosen(new, at=DAY0 - 1) is None


def test_cold_water_has_its_own_limit_up_to_exactly_twelve_degrees_and_only_where_it_was_measured() -> None:
    plain, cold = limit(5.0), limit(8.0, condition=COLD)
    assert [chosen(plain, cold, water=water) for water in (12.0, 12.01, None)] == [8.0, 5.0, 5.0]
    (used,) = choose((plain, cold), "day", "works", "x", DAY0)
    assert "water temperature unknown" in used.why.en


def test_winter_months_are_those_of_the_city() -> None:
    plain, winter = limit(1.5), limit(3.0, condition=WINTER)
    april = DAY0 - 30 * DAY
    assert chosen(plain, winter, at=april) == 1.5
    assert chosen(plain, winter, at=april - 1) == 3.0  # 31 March, 23:59:59 in Tianjin, still 15:59 UTC
    (used,) = choose((plain, winter), "day", "works", "x", april - 1)
    assert "条件成立：11、12、1、2、3 月" in used.why.zh and "its condition holds: months 11,12,1,2,3" in used.why.en


def test_source_type_and_averaging_narrow_it() -> None:
    stack = limit(50.0, source_types=("stack",))
    assert chosen(stack, limit(9.0, averaging="hour")) is None


def test_high_and_low_limits_are_chosen_apart() -> None:
    found = choose((limit(9.0), limit(6.0, side="low")), "day", "works", "x", DAY0)
    assert [(each.side, each.value) for each in found] == [("high", 9.0), ("low", 6.0)]
