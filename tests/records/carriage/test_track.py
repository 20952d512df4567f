"""A track as it is kept: complete where it moves, thin where it stands, the same whatever came first."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from records.carriage.distance import distance_m
from records.carriage.track import LONGEST_MS, believed, hours, merged, point_of
from tests.records.carriage.places import T0, position

MOVING = [position(s, s * 10, 0) for s in range(0, 600, 10)]
STANDING = [position(s, 6_000, 0, 0) for s in range(600, 2_000, 10)]


def test_standing_still_is_said_once_in_five_minutes() -> None:
    kept = merged((), [point_of(each) for each in MOVING + STANDING])
    assert len(kept) < 40
    assert (kept[0][0], kept[-1][0]) == (T0, STANDING[-1].time)
    assert all(second[0] - first[0] <= LONGEST_MS for first, second in pairwise(kept))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 199), unique=True, min_size=5))
def test_no_place_that_was_told_is_far_from_what_is_kept(places: list[int]) -> None:
    told = [(MOVING + STANDING)[place] for place in places]
    kept = merged(merged((), [point_of(each) for each in told[::2]]), [point_of(each) for each in told[1::2]])
    assert [row[0] for row in kept] == sorted({row[0] for row in kept})
    for each in told:
        assert min(distance_m((each.lat, each.lon), (row[1], row[2])) for row in kept) <= 200


def test_points_lie_in_their_hour_and_without_a_fix_nowhere() -> None:
    found = hours([*MOVING, position(700, 0, 0, located=False)])
    assert sum(map(len, found.values())) == len(MOVING)
    assert all(hour <= row[0] < hour + 3_600_000 for hour, rows in found.items() for row in rows)


def test_a_wild_point_is_not_drawn_and_a_new_place_is_once_several_agree() -> None:
    rows = [point_of(each) for each in MOVING[:20]]
    wild = point_of(position(95, 50_000, 0))
    assert believed(sorted([*rows, wild]), 160, 300, 3) == rows
    elsewhere = [point_of(position(200 + s, 90_000 + s, 0)) for s in range(0, 50, 10)]
    assert believed([*rows, *elsewhere], 160, 300, 3) == [*rows, *elsewhere]
    assert believed([*rows, *elsewhere[:2]], 160, 300, 3) == rows
