"""Boxes that leak, tilt or stand open: at which level, and by whose order."""

import pytest

from tests.streams.judges.boxes import FAR, YARD, at, box, day, judge, play, reading, rows
from topics.events import Event, Inspected, OpeningOrdered
from topics.reading import Reading


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
    assert "the test's own, ppm；未经核实" in gas.text.zh, "a source of a user's pack is told as it stands"


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
