"""Sensors that fall silent: one by itself, an area at once, one after the other."""

from tests.streams.judges.boxes import FAR, box, day, judge, of, play, reading, rows, yard_of


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
