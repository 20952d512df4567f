"""Sets of parts: complete in any order, and given up with the parts that are missing."""

from streams.sources.hj212.parts import MOST_SETS, Incomplete, PartSets, SetKey

KEY = SetKey("A", "32", "2011", "20160801085857", 3)


def test_a_set_is_complete_in_any_order_and_with_repeats() -> None:
    sets = PartSets()
    assert [sets.saw(KEY, part, 0.0) for part in (3, 1, 3, 2)] == [False, False, False, True]
    assert sets.due(1_000.0) == []


def test_a_set_whose_time_is_over_names_what_is_missing() -> None:
    sets = PartSets(within_s=80)
    sets.saw(KEY, 2, 0.0)
    assert sets.due(79.0) == []
    assert sets.due(80.0) == [Incomplete(KEY, (1, 3))]
    assert sets.due(200.0) == []


def test_parts_of_other_times_and_devices_are_other_sets() -> None:
    sets = PartSets(within_s=80)
    sets.saw(KEY, 1, 0.0)
    sets.saw(SetKey("A", "32", "2011", "20160801085858", 3), 2, 0.0)
    sets.saw(SetKey("B", "32", "2011", "20160801085857", 3), 3, 0.0)
    assert [over.missing for over in sets.due(100.0)] == [(2, 3), (1, 3), (1, 2)]


def test_a_part_beyond_the_set_is_none_of_it() -> None:
    sets = PartSets()
    assert not sets.saw(KEY, 4, 0.0) and not sets.saw(KEY, 0, 0.0)
    assert sets.due(1_000.0) == []


def test_no_sender_can_make_it_grow() -> None:
    sets = PartSets()
    for number in range(MOST_SETS + 5):
        sets.saw(SetKey("A", "32", "2011", str(number), 2), 1, 0.0)
    assert len(sets.due(0.0)) == 5
