"""Columns put together by equal numbers say what a loop over all their rows says."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from records.joins import Windows, foremost, joined, overlap, united
from records.links import Stays, columns

number = st.integers(0, 2)
window = st.tuples(number, st.integers(0, 20), st.integers(1, 6)).map(
    lambda each: (each[0], each[1], each[1] + each[2])
)
windows = st.lists(window, max_size=12)


def moments(found: Windows) -> set[tuple[int, int]]:
    rows = zip(*(column.tolist() for column in found), strict=True)
    return {(of, moment) for of, start, end in rows for moment in range(start, end)}


@given(st.lists(number, max_size=8), st.lists(number, max_size=8))
def test_all_equal_numbers_are_joined(left: list[int], right: list[int]) -> None:
    here, there = joined(np.array(left, np.int64), np.array(right, np.int64))
    wanted = [(i, j) for i, a in enumerate(left) for j, b in enumerate(right) if a == b]
    assert sorted(zip(here.tolist(), there.tolist(), strict=True)) == wanted


@settings(max_examples=300)
@given(windows)
def test_windows_are_united_without_a_moment_more_or_less_and_no_two_touch(some: list[tuple[int, int, int]]) -> None:
    told = Windows(*columns(some, 3))
    found = united(told)
    assert moments(found) == moments(told)
    rows = list(zip(*(column.tolist() for column in found), strict=True))
    assert all(a[0] < b[0] or (a[0] == b[0] and a[2] < b[1]) for a, b in itertools.pairwise(rows))


@given(windows, windows)
def test_an_overlap_is_what_lies_in_both(some: list[tuple[int, int, int]], others: list[tuple[int, int, int]]) -> None:
    stays = Stays(*columns(((of, 100 + end, start, end) for of, start, end in others), 4))
    found = overlap(Windows(*columns(some, 3)), stays)
    inside = moments(Windows(*columns(some, 3)))
    assert moments(Windows(found.of, found.start, found.end)) == inside & moments(Windows(*columns(others, 3)))
    assert set(found.other.tolist()) == {
        100 + end for of, start, end in others if any((of, moment) in inside for moment in range(start, end))
    }


@given(st.lists(st.tuples(number, st.integers(-9, 9)), max_size=10))
def test_the_foremost_of_each_number_has_the_least_value(rows: list[tuple[int, int]]) -> None:
    of, by = columns(rows, 2)
    first = foremost(of, by)
    assert of[first].tolist() == sorted(set(of.tolist()))
    assert by[first].tolist() == [min(value for each, value in rows if each == one) for one in sorted(set(of.tolist()))]
