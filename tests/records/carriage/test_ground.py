"""Geometry against naive oracles: what is inside, how far it is to a route, where a way comes in and goes out."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.carriage.distance import distance_m
from records.carriage.ground import Course
from tests.records.carriage.places import area, at, ground, square

metres = st.integers(-2_000, 2_000).map(float)
place = st.tuples(metres, metres)


def star(radii: list[float]) -> list[tuple[float, float]]:
    """The corners of an outline around the middle that never crosses itself."""
    turn = 2 * math.pi / len(radii)
    return [(round(r * math.cos(i * turn), 3), round(r * math.sin(i * turn), 3)) for i, r in enumerate(radii)]


def is_inside(corners: list[tuple[float, float]], x: float, y: float) -> bool:
    """By the ray to the east: an odd number of sides is crossed."""
    inside = False
    for (ax, ay), (bx, by) in pairwise([*corners, corners[0]]):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def to_side(x: float, y: float, a: tuple[float, float], b: tuple[float, float]) -> float:
    """The distance to a side, by looking at a thousand points of it and between the two nearest again."""
    low, high = 0.0, 1.0
    for _ in range(4):
        shares = [low + (high - low) * k / 100 for k in range(101)]
        near = min(shares, key=lambda s: math.hypot(a[0] + s * (b[0] - a[0]) - x, a[1] + s * (b[1] - a[1]) - y))
        step = (high - low) / 100
        low, high = max(0.0, near - step), min(1.0, near + step)
    return math.hypot(a[0] + near * (b[0] - a[0]) - x, a[1] + near * (b[1] - a[1]) - y)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(100, 1_500).map(float), min_size=3, max_size=9), place)
def test_inside_is_what_counting_sides_says(radii: list[float], point: tuple[float, float]) -> None:
    corners = star(radii)
    edge = min(to_side(*point, a, b) for a, b in pairwise([*corners, corners[0]]))
    if edge < 0.5:
        return  # on the line itself the two need not agree
    found = ground(a=area(corners)).inside(*at(*point))
    assert found == ({"a"} if is_inside(corners, *point) else set())


def test_the_boundary_belongs_to_the_area() -> None:
    on = ground(a=square(0, 0, 1000))
    assert on.inside(*at(500, 0)) == on.inside(*at(0, 0)) == {"a"}
    assert on.inside(*at(500, -0.5)) == set()


@settings(max_examples=40, deadline=None)
@given(st.lists(place, min_size=2, max_size=5, unique=True), place)
def test_the_distance_to_a_route_is_that_to_its_nearest_side(
    corners: list[tuple[float, float]], point: tuple[float, float]
) -> None:
    wanted = min(to_side(*point, a, b) for a, b in pairwise(corners))
    course = Course([at(*each) for each in corners])
    assert course.distance_m(*at(*point)) == pytest.approx(wanted, rel=1e-3, abs=0.1)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 999), st.integers(-2_000, -1), st.integers(1_001, 3_000))
def test_a_way_through_a_square_comes_in_and_goes_out_where_it_must(north: int, first: int, last: int) -> None:
    found = ground(a=square(0, 0, 1000)).through("a", at(first, north), at(last, north))
    assert found is not None
    span = last - first
    assert found == pytest.approx((-first / span, (1000 - first) / span, 1000.0), rel=2e-3)


def test_an_area_is_left_only_by_more_than_the_margin() -> None:
    on = ground(a=square(0, 0, 1000))
    assert on.inside(*at(-20, 500), before={"a"}, margin_m=30) == {"a"}
    assert on.inside(*at(-40, 500), before={"a"}, margin_m=30) == set()
    assert on.inside(*at(-20, 500), before=set(), margin_m=30) == set()


def test_the_nearest_of_those_asked_for_within_reach() -> None:
    on = ground(near=square(0, 0, 100), far=square(600, 0, 100), other=square(200, 0, 100))
    name, away = on.nearest(*at(330, 50), {"near", "far"}, 500) or ("", 0.0)
    assert name == "near"
    assert away == pytest.approx(230, rel=1e-3)
    assert on.nearest(*at(5_000, 50), {"near", "far"}, 500) is None


def test_a_degree_of_longitude_is_shorter_in_the_north() -> None:
    assert distance_m((39.0, 117.0), (39.0, 117.01)) == pytest.approx(864.1, rel=1e-3)
    assert distance_m((0.0, 117.0), (0.0, 117.01)) == pytest.approx(1112.0, rel=1e-3)
    assert distance_m((10.0, 179.999), (10.0, -179.999)) == pytest.approx(219.0, rel=1e-2)
