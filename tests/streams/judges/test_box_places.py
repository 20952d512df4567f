"""What a sensor watches, and since when: boxes that leave, sensors that move on, tanks, goods that are amended."""

from tests.streams.judges.boxes import FAR, NITRATE, YARD, at, box, day, judge, play, reading, rows
from topics.events import GateOut, Goods, Inspected, SensorFitted


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


def test_amended_goods_are_judged_by_their_own_limits() -> None:
    warmer = Goods("3119", "ORGANIC PEROXIDE TYPE F, LIQUID", "5.2", 12.0, control_c=10.0, emergency_c=15.0)
    seen = Inspected("i", YARD, at(20), "SIMU0000001", opened=True, goods=(warmer,), by="inspector")
    hot = [reading("R1", m, -3.0) for m in range(1, 30)]
    found = play(judge(), day(hot, 30), [*box("SIMU0000001", "R1"), seen, FAR])
    assert rows(found) == [("box-control", "open", "orange", 3.0), ("box-control", "close", "orange", 20.0)]
