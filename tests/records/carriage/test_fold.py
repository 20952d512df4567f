"""A truck's way, place by place: areas, its declared route, stops, jumps. Times are seconds after eight."""

import pytest

from records.carriage.fold import step
from records.carriage.surroundings import Surroundings
from records.carriage.way import Way
from tests.records.carriage.places import TERMS, drive, ground, position, square, waybill
from tests.records.carriage.places import area as road
from topics.positions import Position


def eastward(first: int, last: int, start: float = 0.0) -> list[Position]:
    """Straight east at 10 m/s from second to second: the place in metres is ten times the second."""
    return [position(s, start + (s - first) * 10, 0, 36.0) for s in range(first, last + 1, 10)]


def test_it_enters_and_leaves_an_area_between_two_positions() -> None:
    on = ground(homes=square(1_005, -500, 1_000))
    ((rule, about, opened, ended),) = drive(eastward(0, 300), on, waybill())
    assert (rule, about) == ("forbidden-area", "homes")
    assert (opened, ended) == pytest.approx((100.5, 200.5), abs=0.1)


def test_an_area_is_forbidden_to_its_classes_in_its_hours_only() -> None:
    morning = square(1_000, -500, 1_000, classes=("4",), hours=("08:02-22:00",))
    way = eastward(0, 300)
    assert drive(way, ground(homes=morning), waybill(hazard_class="3")) == []
    # It is inside from second 100 on; the hour begins at second 120.
    assert drive(way, ground(homes=morning), waybill(hazard_class="4.1"))[0][2] == 120.0
    by_night = square(1_000, -500, 1_000, hours=("22:00-06:00",))
    assert drive(way, ground(homes=by_night), waybill()) == []


def test_ordinary_goods_may_go_where_only_dangerous_ones_may_not() -> None:
    way, trip = eastward(0, 300), waybill(goods=())
    assert drive(way, ground(homes=square(1_000, -500, 1_000)), trip) == []
    (found,) = drive(way, ground(closed=square(1_000, -500, 1_000, everyone=True)), trip)
    assert found[:2] == ("forbidden-area", "closed")


def test_a_tunnel_is_gone_through_between_two_positions_and_a_road_crossed_is_none() -> None:
    tunnel = road([(1_010, 0), (1_490, 0)], kind="tunnel", width_m=20)
    way = [position(0, 0, 0), position(100, 1_000, 0), position(150, 1_500, 0), position(160, 1_600, 0)]
    ((rule, about, opened, ended),) = drive(way, ground(tunnel=tunnel), waybill())
    assert (rule, about) == ("forbidden-area", "tunnel")
    assert opened == pytest.approx(100, abs=1.5)
    assert ended == pytest.approx(150, abs=1.5)
    seen_within = [position(99, 990, 0), position(125, 1_250, 0), position(160, 1_600, 0)]
    assert len(drive(seen_within, ground(tunnel=tunnel), waybill())) == 1, "told once, by where it was seen"
    across = road([(1_250, -800), (1_250, 800)], kind="road", width_m=20)
    assert drive(way, ground(road=across), waybill()) == []


def test_a_jitter_at_the_boundary_is_one_stay() -> None:
    on = ground(homes=square(1_000, -500, 1_000))
    way = [position(s, 1_000 + (15 if s % 20 else -15), 0) for s in range(0, 200, 10)]
    assert len(drive(way, on, waybill())) == 1


def test_off_its_route_for_longer_than_allowed_is_a_deviation_that_ends_well_inside_the_corridor() -> None:
    def north(second: int) -> float:
        return 0 if second < 100 else 250 if second < 300 else 180 if second < 340 else 100

    way = [position(s, s * 10, north(s)) for s in range(0, 500, 10)]
    # Off from 100 on; told after a minute; 180 m is still outside 0.8 of the corridor.
    assert drive(way, trip=waybill()) == [("deviation", "", 160.0, 340.0)]
    short = [position(s, s * 10, 250 if 100 <= s < 150 else 0) for s in range(0, 500, 10)]
    assert drive(short, trip=waybill()) == []


def test_standing_is_a_stop_once_it_has_lasted_and_until_it_drives_off() -> None:
    way = eastward(0, 100)
    way += [position(s, 1_000 + s % 3 * 10, 5, s % 4) for s in range(110, 600, 10)]  # the receiver wanders a little
    way += eastward(600, 700, start=1_060)
    assert drive(way, trip=waybill()) == [("stop", "", 410.0, 610.0)]


def test_a_short_halt_and_a_jam_are_no_stop() -> None:
    halt = eastward(0, 100) + [position(s, 1_000, 0, 0) for s in range(110, 390, 10)] + eastward(390, 500, start=1_100)
    assert drive(halt, trip=waybill()) == []
    jam = [position(s, s * 0.6, 0, 2.0) for s in range(0, 1_200, 10)]  # 2 km/h, beyond the radius every 83 s
    assert drive(jam, trip=waybill()) == []


def test_where_a_stop_may_be_and_what_it_is_near() -> None:
    standing = eastward(0, 100) + [position(s, 1_000, 0, 0) for s in range(110, 600, 10)]
    assert drive(standing, ground(park=square(900, -100, 200, rule="parking")), waybill()) == []
    assert drive(standing, trip=waybill([(0, 0), (1_000, 0)])) == [], "at the end of its route it has arrived"
    way, on = Way(), ground(school=square(1_000, 300, 200), far=square(1_000, -900, 200))
    for each in standing:
        step(way, each, Surroundings(TERMS, on, waybill()))
    (stop,) = way.holding.values()
    assert stop.near == "school"
    assert stop.near_m == pytest.approx(300, rel=1e-2)


def test_a_jump_is_not_believed_until_several_positions_agree() -> None:
    on = ground(homes=square(50_000, -500, 1_000))
    wild = [*eastward(0, 100), position(110, 50_500, 0), *eastward(120, 200, start=1_200)]
    assert drive(wild, on, waybill(route=[])) == [("jump", "", 110.0, 120.0)], "and the homes were not entered"
    moved = eastward(0, 100) + [position(s, 50_500 + s, 0) for s in range(110, 200, 10)]
    assert drive(moved, on, waybill(route=[])) == [
        ("jump", "", 110.0, 130.0),
        ("forbidden-area", "homes", 130.0, None),
    ]


def test_goods_without_a_waybill_are_told_and_may_be_anything() -> None:
    on = ground(homes=square(1_000, -500, 1_000, classes=("6",)))
    laden = [position(s, s * 10, 0, containers=("TCNU1234567",)) for s in range(0, 310, 10)]
    assert drive(laden, on) == [
        ("forbidden-area", "homes", pytest.approx(100, abs=0.1), pytest.approx(200, abs=0.1)),
        ("no-waybill", "", 120.0, None),
    ]
    assert drive([position(s, s * 10, 0) for s in range(0, 310, 10)], on) == [], "an empty truck may go anywhere"


def test_nothing_is_said_of_a_way_that_nobody_saw() -> None:
    tunnel = road([(1_000, 0), (9_000, 0)], kind="tunnel", width_m=20)
    assert drive([position(0, 0, 0), position(1_000, 10_000, 0)], ground(tunnel=tunnel), waybill()) == []
