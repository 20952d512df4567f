"""Stays paired as columns are those that the rules make of each pair of its own."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from records.custody import ORDER, Change, pair_stays
from records.links import columns
from records.pairing import Emptied, Words, paired

words = st.lists(
    st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(1, 6), st.sampled_from(sorted(ORDER))), max_size=10
)
emptyings = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 6)), max_size=6)


@settings(max_examples=400)
@given(words, emptyings)
def test_each_pair_stays_as_the_rules_of_one_pair_say(
    said: list[tuple[int, int, int, str]], whole: list[tuple[int, int]]
) -> None:
    rows = ((parent, child, time, ORDER[action]) for parent, child, time, action in said)
    found = paired(Words(*columns(rows, 4)), Emptied(*columns(whole, 2)))
    wanted = [
        (parent, child, *stay)
        for parent, child in {each[:2] for each in said}
        for stay in pair_stays(
            [Change(time, action) for a, b, time, action in said if (a, b) == (parent, child)],
            sorted(time for each, time in whole if each == parent),
        )
    ]
    assert sorted(zip(*(column.tolist() for column in found), strict=True)) == sorted(wanted)
    assert all(column.dtype == np.int64 for column in found)
