"""Boxes that warm: limits that have held, a rise, a slow drift, a day of sun; of which cargo, by which limit."""

import math

import pytest

from tests.streams.judges.boxes import (
    COTTON,
    FAR,
    NITRATE,
    at,
    box,
    day,
    judge,
    of,
    play,
    reading,
    rows,
    yard_of,
)
from topics.events import Goods
from topics.finding import Text
from topics.goods import GoodsEntry, GoodsTemperatures
from topics.reading import Reading


def warming(minute: float, start: float = 60.0, per_h: float = 6.0) -> float:
    """-10 °C until the cooling fails, then so many degrees an hour."""
    return round(-10.0 + max(0.0, minute - start) / 60 * per_h, 2)


def warm_day(until: int = 240, device: str = "R1", **more: float) -> list[Reading]:
    return [reading(device, minute, warming(minute, **more)) for minute in range(1, until)]


def test_a_reefer_of_peroxide_warms_and_each_limit_is_told_when_it_has_held() -> None:
    found = play(judge(), day(warm_day(), 240), [*box("SIMU0000001", "R1"), FAR])
    # The rise is told first, and at once orange: at 6 °C an hour -5 °C is less than two hours away.
    assert [row for row in rows(found) if row[1] == "open"] == [
        ("box-rise", "open", "orange", 95.0), ("box-control", "open", "orange", 113.0),
        ("box-emergency", "open", "red", 212.0),
    ]  # fmt: skip
    control = of(found, "box-control")[0]
    # -5 °C is passed after 110 min (−4.9 at 111), +5 °C reached at 210; both hold two minutes.
    assert control.facts["since"] == at(111) and control.expected == -5.0
    assert control.quantity == "SIMU0000001" and control.family == "cargo-heat"
    assert "UN 3115" in control.text.en and "A 00-00-1" in control.text.en
    assert "control temperature -5 °C (as declared)" in control.text.en and "since 11-27 01:51" in control.text.en
    assert "at this pace emergency temperature 5 °C (as declared) in about 1.6 h" in control.text.en
    assert "控制温度 -5 °C（申报）" in control.text.zh and "1.6 小时" in control.text.zh
    assert {each.quantity for _, each in found} == {"SIMU0000001"}


def test_the_rise_is_told_well_before_any_limit_and_gets_worse_as_the_limit_comes_near() -> None:
    values = [reading("R1", m, round(-30.0 + m / 60 * 4, 2)) for m in range(1, 360)]
    first, second = of(play(judge(), day(values, 360, 5), [*box("SIMU0000001", "R1"), FAR]), "box-rise")
    assert (first.phase, first.severity) == ("open", "yellow") and first.time < at(60)
    assert first.value == pytest.approx(4.0, abs=0.05) and first.unit == "°C/h" and first.expected == 3.0
    # -5 °C is reached after 375 min: it is orange when two hours are left, at 255.
    assert (second.phase, second.severity) == ("update", "orange") and at(250) <= second.time <= at(261)


def test_one_wild_value_neither_opens_a_limit_nor_moves_the_rise() -> None:
    values = [reading("R1", minute, 60.0 if minute == 90 else -10.0) for minute in range(1, 240)]
    assert play(judge(), day(values, 240), [*box("SIMU0000001", "R1"), FAR]) == []


def test_what_dips_within_the_deadband_goes_on_and_what_cools_down_is_over() -> None:
    course = [-10.0] * 10 + [-4.0] * 10 + [-5.5] * 5 + [-4.0] * 5 + [-6.5] * 10
    found = play(
        judge(), day([reading("R1", m + 1, v) for m, v in enumerate(course)], 40), [*box("SIMU0000001", "R1"), FAR]
    )
    assert rows(found) == [("box-control", "open", "orange", 13.0), ("box-control", "close", "orange", 31.0)]


@pytest.mark.parametrize(
    ("stays", "told"), [(9.9, []), (10.0, [("box-sadt", "open", "red", 5.0)])], ids=["below the margin", "at it"]
)
def test_within_the_margin_of_the_decomposition_temperature_it_is_told_and_says_how_far(
    stays: float, told: list[tuple[str, str, str, float]]
) -> None:
    """SADT 15 °C by the goods list, margin 5 °C: at 10.0 °C for two minutes it is red, at 9.9 °C nothing."""
    known = GoodsTemperatures("list of the test", confirmed=True, sadt_c=15.0)
    listed = {"3231": GoodsEntry("3231", Text("自反应", "self-reactive"), "4.1", "test", True, temperatures=known)}
    goods = Goods("3231", "SELF-REACTIVE LIQUID TYPE B", "4.1", 12.0)
    said = judge()
    said.goods = listed
    course = [-20.0, -20.0, stays, stays, stays, -20.0]
    values = [reading("R1", minute + 1, value) for minute, value in enumerate(course)]
    found = play(said, day(values, 20), [*box("SIMU0000001", "R1", goods), FAR])
    assert [row for row in rows(found) if row[0] == "box-sadt" and row[1] == "open"] == told
    of_sadt = [each for _, each in found if each.detector == "box-sadt"]
    if told:
        assert of_sadt[0].expected == 10.0 and of_sadt[0].facts["limit_c"] == 15.0
        assert "self-accelerating decomposition temperature 15 °C (goods list)" in of_sadt[0].text.en
        assert of_sadt[-1].phase == "close"


def test_a_slow_steady_drift_is_told_with_the_time_that_is_left() -> None:
    values = [reading("R1", m, round(-10.0 + m / 60 * 0.5, 3)) for m in range(1, 420)]
    found = play(judge(), day(values, 420), [*box("SIMU0000001", "R1"), FAR])
    (drift,) = found
    assert drift[1].detector == "box-drift" and drift[1].severity == "yellow"
    assert drift[1].value == pytest.approx(0.5, abs=0.01)
    hours = drift[1].facts["hours_to_limit"]
    # from the middle of the last half hour's median the limit is (−5 − value) / 0.5 away
    assert isinstance(hours, float) and 4.0 < hours < 9.0
    assert "creeping up 0.50 °C/h" in drift[1].text.en and "control temperature -5 °C (as declared)" in drift[1].text.en


def test_a_day_of_sun_on_an_uncooled_box_is_no_finding_and_its_unknown_limit_is_said_when_it_heats() -> None:
    sun = [reading("R1", m, round(30.5 + 4.5 * math.sin(m / 1440 * 2 * math.pi), 2)) for m in range(1, 1400)]
    assert play(judge(), day(sun, 1400, 5), [*box("SIMU0000001", "R1", NITRATE), FAR]) == []
    hot = [reading("R1", m, round(30.0 + m / 60 * 9, 2)) for m in range(1, 120)]
    found = play(judge(), day(hot, 120), [*box("SIMU0000001", "R1", NITRATE), FAR])
    assert {each.detector for _, each in found} == {"box-rise"}
    assert "no temperature limit of this cargo is known" in found[0][1].text.en
    assert "限值不明" in found[0][1].text.zh and found[0][1].facts["limits_unknown"] == "1942"


def test_boxes_that_all_warm_in_the_sun_do_not_drift_and_the_one_that_warms_more_does() -> None:
    steep = {"R0": 0.5, "R1": 0.5, "R2": 0.5, "R3": 1.5}
    values = [reading(name, m, round(-25 + m / 60 * pace, 3)) for name, pace in steep.items() for m in range(1, 700, 2)]
    found = of(play(judge(), day(values, 700, 5), [*yard_of(4), FAR]), "box-drift")
    assert [(each.phase, each.quantity) for each in found] == [("open", "SIMU0000003"), ("update", "SIMU0000003")]
    assert "creeping up 1.50 °C/h (boxes around it 0.50)" in found[0].text.en


def test_a_listed_ceiling_says_that_nobody_confirmed_it() -> None:
    hot = [reading("R1", m, 52.0) for m in range(1, 10)]
    ((_, found),) = play(judge(), day(hot, 10), [*box("SIMU0000001", "R1", COTTON), FAR])
    assert found.detector == "box-ceiling" and "(goods list, not confirmed)" in found.text.en
    assert found.facts["limit_confirmed"] == "no"
