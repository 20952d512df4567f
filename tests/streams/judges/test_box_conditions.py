"""Boxes that warm, leak, tilt, open and fall silent: what is said, when, of which cargo and by which limit."""

import math
import random
from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.box_terms import box_terms
from streams.judges.box_conditions import EVENTS, READINGS, BoxJudge
from streams.judges.box_memory import pack_remembered, read_remembered
from tests.streams.judges.boxes import (
    COTTON,
    MINUTE,
    NITRATE,
    PEROXIDE,
    T0,
    YARD,
    at,
    box,
    day,
    judge,
    pack,
    play,
    reading,
    rows,
)  # fmt: skip
from topics.errors import ConfigurationError
from topics.events import Event, GateOut, Goods, Inspected, OpeningOrdered, SensorFitted, Stacked
from topics.finding import Finding, Text
from topics.goods import GoodsEntry, GoodsTemperatures
from topics.reading import Reading

FAR = at(5000)


def warming(minute: float, start: float = 60.0, per_h: float = 6.0) -> float:
    """-10 °C until the cooling fails, then so many degrees an hour."""
    return round(-10.0 + max(0.0, minute - start) / 60 * per_h, 2)


def warm_day(until: int = 240, device: str = "R1", **more: float) -> list[Reading]:
    return [reading(device, minute, warming(minute, **more)) for minute in range(1, until)]


def of(found: list[tuple[int, Finding]], rule: str) -> list[Finding]:
    return [each for _, each in found if each.detector == rule]


def test_a_reefer_of_peroxide_warms_and_each_limit_is_told_when_it_has_held() -> None:
    found = play(judge(), day(warm_day(), 240), [*box("SIMU0000001", "R1"), FAR])
    said = rows(found)
    assert ("box-rise", "open", "yellow", 85.0) in said or of(found, "box-rise")
    control, emergency = of(found, "box-control")[0], of(found, "box-emergency")[0]
    # -5 °C is passed after 110 min (−4.9 at 111), +5 °C reached at 210; both hold two minutes.
    assert (control.phase, control.severity, (control.time - T0) / MINUTE) == ("open", "orange", 113.0)
    assert (emergency.severity, (emergency.time - T0) / MINUTE) == ("red", 212.0)
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


def test_gas_at_two_levels_and_a_tilt_are_told_of_the_box_that_carries_the_sensor() -> None:
    values = [reading("R1", m, 30.0 if m > 5 else 1.0, "gas_lel") for m in range(1, 20)]
    values += [reading("R1", m, 55.0, "gas_lel") for m in range(20, 25)]
    values += [reading("R1", m, 24.0, "gas_lel") for m in range(25, 28)]
    values += [reading("R1", m, 1.0, "gas_lel") for m in range(28, 30)]
    found = play(judge(), day(values, 40), [*box("SIMU0000001", "R1"), FAR])
    gas = [each for each in rows(found) if each[0] == "box-gas"]
    assert gas == [
        ("box-gas", "open", "orange", 7.0), ("box-gas", "update", "red", 21.0), ("box-gas", "update", "orange", 25.0),
        ("box-gas", "close", "orange", 28.0),
    ]  # fmt: skip
    tilted = [reading("R1", m, 6.0 if m > 3 else 0.5, "tilt") for m in range(1, 10)]
    ((_, tilt),) = play(judge(), day(tilted, 10), [*box("SIMU0000001", "R1"), FAR])
    assert tilt.detector == "box-tilt" and tilt.severity == "yellow" and "first level 5 °" in tilt.text.en


def test_gas_in_ppm_is_judged_by_the_levels_the_pack_gives() -> None:
    toxic = {"smoke": {"first": 25.0, "second": 50.0, "source": "the test's own, ppm", "confirmed": False}}
    values = [reading("R1", m, 30.0, "smoke") for m in range(1, 5)]
    ((_, gas),) = play(judge(gases=toxic), day(values, 5), [*box("SIMU0000001", "R1"), FAR])
    assert gas.detector == "box-gas" and gas.expected == 25.0 and "the test's own, ppm; not confirmed" in gas.text.en


def doors(first: int, last: int, until: int) -> list[Reading]:
    return [reading("R1", m, float(first <= m < last), "door") for m in range(1, until)]


def test_a_door_that_nobody_ordered_open_is_told_and_an_order_that_comes_late_ends_it() -> None:
    order = OpeningOrdered("o1", YARD, at(8), "SIMU0000001", at(40), "customs")
    found = play(judge(), day(doors(5, 20, 30), 30), [*box("SIMU0000001", "R1"), order, FAR])
    assert rows(found) == [("box-door", "open", "orange", 6.0), ("box-door", "close", "orange", 8.0)]
    assert found[1][1].text.en == "It was ordered or inspected: customs"


@pytest.mark.parametrize(
    "allowed",
    [
        OpeningOrdered("o1", YARD, at(1), "SIMU0000001", at(40), "customs"),
        Inspected("i1", YARD, at(4), "SIMU0000001", opened=True, by="inspector"),
    ],
)
def test_a_door_open_by_order_or_inspection_is_not_told(allowed: Event) -> None:
    assert play(judge(), day(doors(5, 20, 30), 30), [*box("SIMU0000001", "R1"), allowed, FAR]) == []


def test_a_door_still_open_when_the_order_has_run_out_is_told_then() -> None:
    order = OpeningOrdered("o1", YARD, at(1), "SIMU0000001", at(12), "customs")
    found = play(judge(), day(doors(5, 20, 30), 30), [*box("SIMU0000001", "R1"), order, FAR])
    assert rows(found)[0] == ("box-door", "open", "orange", 13.0)


def test_an_order_that_ends_before_it_begins_is_refused_by_name() -> None:
    said = judge().event(OpeningOrdered("o9", YARD, at(5), "SIMU0000001", at(5), "customs"))
    assert said.startswith("opening_ordered o9: expected until after")


def yard_of(number: int) -> list[Event]:
    return list(chain(*(box(f"SIMU00000{n:02d}", f"R{n}", bay=n) for n in range(number))))


def test_one_sensor_that_falls_silent_is_told_of_its_box_and_heard_again() -> None:
    values = [reading("R1", m, -10.0) for m in range(1, 60) if not 20 < m < 40]
    found = play(judge(), day(values, 60), [*box("SIMU0000001", "R1"), FAR])
    assert rows(found) == [("box-silence", "open", "orange", 25.0), ("box-silence", "close", "orange", 40.0)]
    assert "last value -10 °C, control temperature -5 °C" in found[0][1].text.en


def test_an_area_that_loses_its_sensors_is_one_red_finding_beside_each_loss_until_most_are_back() -> None:
    values = [
        reading(f"R{n}", m + n / 60, -10.0) for n in range(6) for m in range(1, 71) if n > 3 or not 20 < m < 40 + n
    ]
    found = play(judge(), day(values, 70), [*yard_of(6), FAR])
    (lost, *more) = of(found, "box-mass-loss")
    assert (lost.phase, lost.severity, lost.quantity, lost.family) == ("open", "red", "A", "cargo-lost")
    assert lost.facts["lost"] == 3 and lost.facts["of"] == 6
    assert "3 of 6 sensors in A fell silent within 2 s" in lost.text.en and "UN 3115" in lost.text.en
    assert [(each.phase, each.facts["lost"]) for each in more] == [("update", 4), ("close", 4)]
    singles = [each for each in of(found, "box-silence") if each.phase == "open"]
    assert len(singles) == 4 and lost.time == singles[2].time and {each.severity for each in singles} == {"orange"}


def test_sensors_that_fail_one_by_one_over_hours_are_no_loss_of_an_area() -> None:
    values = [reading(f"R{n}", m, -10.0) for n in range(6) for m in range(1, 400) if m < 30 + 60 * n]
    found = play(judge(), day(values, 400, 5), [*yard_of(6), FAR])
    assert len(of(found, "box-silence")) == 6 and not of(found, "box-mass-loss")


def test_a_box_that_leaves_and_a_sensor_that_moves_on_end_what_was_said() -> None:
    hot = [reading("R1", m, -3.0) for m in range(1, 60)]
    gone = GateOut("out", YARD, at(20), "SIMU0000001")
    found = play(judge(), day(hot, 60), [*box("SIMU0000001", "R1"), gone, FAR])
    assert rows(found) == [("box-control", "open", "orange", 3.0), ("box-control", "close", "orange", 20.0)]
    moved = [*box("SIMU0000001", "R1"), *box("SIMU0000002", "R9", NITRATE, 4)]
    moved.append(SensorFitted("m", YARD, at(20), "SIMU0000002", "R1"))
    found = play(judge(), day(hot, 30), [*sorted(moved, key=lambda each: each.time), FAR])
    assert rows(found) == [("box-control", "open", "orange", 3.0), ("box-control", "close", "orange", 20.0)]


def test_a_device_that_bears_the_boxs_number_watches_it_and_one_of_nothing_is_counted() -> None:
    events = [each for each in box("SIMU0000001", "x") if not isinstance(each, SensorFitted)]
    watch = judge()
    values = [reading("SIMU0000001", m, -3.0) for m in range(1, 6)] + [reading("R7", m, 90.0) for m in range(1, 6)]
    found = play(watch, day(values, 6), [*events, FAR])
    assert [each.detector for _, each in found] == ["box-control"]
    assert watch.unassigned == {f"{YARD}/R7"} and watch.watched == 1


def test_a_fixed_tank_is_judged_by_the_goods_the_pack_names() -> None:
    tanks = {"T-01": {"site": YARD, "un": "2556", "title": {"zh": "一号罐", "en": "tank 1"}}}
    values = [reading("T-01", m, 55.0) for m in range(1, 6)]
    ((_, found),) = play(judge(tanks=tanks), day(values, 6), [FAR])
    assert found.detector == "box-ceiling" and found.quantity == "T-01" and found.facts["area"] == "tanks"


def test_readings_marked_by_the_device_are_heard_but_not_judged() -> None:
    values = [reading("R1", m, 20.0, flag="M") for m in range(1, 30)]
    assert play(judge(), day(values, 30), [*box("SIMU0000001", "R1"), FAR]) == []


def test_amended_goods_are_judged_by_their_own_limits() -> None:
    warmer = Goods("3119", "ORGANIC PEROXIDE TYPE F, LIQUID", "5.2", 12.0, control_c=10.0, emergency_c=15.0)
    seen = Inspected("i", YARD, at(20), "SIMU0000001", opened=True, goods=(warmer,), by="inspector")
    hot = [reading("R1", m, -3.0) for m in range(1, 30)]
    found = play(judge(), day(hot, 30), [*box("SIMU0000001", "R1"), seen, FAR])
    assert rows(found) == [("box-control", "open", "orange", 3.0), ("box-control", "close", "orange", 20.0)]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"temperatures": ["warmth"]}, "expected quantities of the pack"),
        ({"rise": {"window_s": 600.0, "bucket_s": 300.0}}, r"rise.window_s: expected at least four"),
        ({"tilts": {"tilt": {"first": 9.0, "second": 5.0, "source": "s", "confirmed": False}}}, "tilt.first"),
        ({"silent_s": 0.0}, "silent_s"),
    ],
)
def test_broken_terms_are_refused_by_key(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        box_terms(pack(**changes))


# --- whatever the order of arrival, whenever it is stopped and taken up again ------------------------------------


def story(seed: int) -> tuple[list[Reading], list[Event]]:
    """Four boxes over three hours: warming, gas, doors, silences and moves at random."""
    dice = random.Random(seed)
    events: list[Event] = []
    values: list[Reading] = []
    for n in range(4):
        name, device = f"SIMU000000{n}", f"R{n}"
        events += box(name, device, dice.choice([PEROXIDE, NITRATE, COTTON]), n, minute=dice.randrange(3))
        if dice.random() < 0.5:
            events.append(Stacked(f"{name}-m", YARD, at(dice.randrange(40, 120)), name, "B", n, 0, 1))
        if dice.random() < 0.3:
            events.append(GateOut(f"{name}-o", YARD, at(dice.randrange(100, 170)), name))
        if dice.random() < 0.5:
            start = dice.randrange(10, 60)
            events.append(
                OpeningOrdered(f"{name}-a", YARD, at(start), name, at(start + dice.randrange(5, 60)), "customs")
            )
        quiet, per_h = dice.randrange(60, 150), dice.choice([0.0, 3.0, 9.0, 30.0])
        for minute in range(1, 180, 2):
            if quiet <= minute < quiet + 20:
                continue
            values.append(reading(device, minute, round(-8 + minute / 60 * per_h + dice.gauss(0, 0.2), 2)))
            values.append(reading(device, minute, dice.choice([0.0, 1.0]) if 20 < minute < 60 else 0.0, "door"))
            values.append(reading(device, minute, 20.0 + 10 * (minute % 30 > 25), "gas_lel"))
    return sorted(values, key=lambda row: row.time), sorted(events, key=lambda event: event.time)


def ticked(items: list[Any], until: float = 190.0) -> list[Any]:
    """City time each minute, as the clock writes it: a second after what came in that minute."""
    log: list[Any] = []
    place = 0
    for minute in range(int(until)):
        while place < len(items) and items[place].time <= at(minute):
            log.append(items[place])
            place += 1
        log.append(at(minute) + 1000)
    return log


def disorder(items: list[Any], dice: random.Random) -> list[Any]:
    """Messages change places by up to the settling time: each arrives before city time is so much beyond it."""
    late = sorted(((each.time + dice.uniform(0, 27_000), number, each) for number, each in enumerate(items)))
    log: list[Any] = []
    minute = 0
    for arrival, _, each in late:
        while at(minute) + 1000 <= arrival:
            log.append(at(minute) + 1000)
            minute += 1
        log.append(each)
    return log + [at(m) + 1000 for m in range(minute, 190)]


def interleaved(watch: BoxJudge, logs: dict[str, list[Any]], dice: random.Random, begin: int = 0) -> list[Finding]:
    """Read both logs a few messages at a time, whichever comes first."""
    found: list[Finding] = []
    places = {EVENTS: 0, READINGS: begin}
    while any(places[name] < len(log) for name, log in logs.items()):
        name = dice.choice([each for each, log in logs.items() if places[each] < len(log)])
        for _ in range(dice.randrange(1, 40)):
            if places[name] < len(logs[name]):
                hear(watch, name, logs[name][places[name]], places[name])
                places[name] += 1
        found += [each for _, each in watch.advance()]
    return found


def hear(watch: BoxJudge, name: str, each: Any, offset: int) -> None:
    if isinstance(each, int):
        watch.tick(name, each)
    elif name == EVENTS:
        watch.event(each)
    else:
        watch.reading(each, 0, 0)  # where it lies in the log is the log's, and the only thing that may differ


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_neither_the_order_of_arrival_nor_how_the_logs_are_read_changes_what_is_said(seed: int, other: int) -> None:
    values, events = story(seed)
    dice = random.Random(other)
    plain = interleaved(judge(), {EVENTS: ticked(events), READINGS: ticked(values)}, random.Random(1))
    mixed = interleaved(judge(), {EVENTS: disorder(events, dice), READINGS: disorder(values, dice)}, dice)
    assert plain and mixed == plain


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 2_000), min_size=1, max_size=4))
def test_a_restart_at_any_point_equals_no_restart(seed: int, stops: list[int]) -> None:
    values, events = story(seed)
    logs = {EVENTS: ticked(events), READINGS: ticked(values)}
    whole = interleaved(judge(), logs, random.Random(1))
    dice, watch, found, told = random.Random(seed), judge(), [], 0
    places = {EVENTS: 0, READINGS: 0}
    for stop in [*sorted(stops), 10_000_000]:
        while any(places[name] < len(log) for name, log in logs.items()) and sum(places.values()) < stop:
            name = dice.choice([each for each, log in logs.items() if places[each] < len(log)])
            for _ in range(dice.randrange(1, 40)):
                if places[name] < len(logs[name]):
                    hear(watch, name, logs[name][places[name]], places[name])
                    places[name] += 1
            found += [each for when, each in watch.advance() if when > told]
        told = max(told, watch.released)
        kept = read_remembered(pack_remembered(watch.memory(places[READINGS])))
        assert kept is not None
        watch = judge()
        watch.recall(kept)
        places = {EVENTS: 0, READINGS: kept.next_offset}
    assert found == whole


def test_what_comes_later_than_it_may_is_counted_and_changes_nothing() -> None:
    watch = judge()
    log = day([reading("R1", m, -10.0) for m in range(1, 60)], 60)
    log.insert(100, reading("R1", 2, 80.0))
    assert play(watch, log, [*box("SIMU0000001", "R1"), FAR]) == [] and watch.inbox.late == 1
