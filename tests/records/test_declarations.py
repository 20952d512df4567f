"""Declarations by number, by container and as of a past minute."""

import itertools

from records.declarations import Declarations
from topics.events import Declared, Goods

T = 1_438_000_000_000
LINE = Goods("1942", "AMMONIUM NITRATE", "5.1", 20.0)


def declared(id: str, minute: int, number: str = "D1", container: str = "C1", consignor: str = "A") -> Declared:
    return Declared(id, "yard", T + 60_000 * minute, number, container, (LINE,), consignor)


def test_an_amendment_counts_from_its_time_in_any_order_of_arrival() -> None:
    events = [declared("e1", 0), declared("e2", 5, consignor="B"), declared("e3", 9, "D2", consignor="C")]
    for order in itertools.permutations(events):
        known = Declarations()
        assert [known.apply(event) for event in order] == [True] * 3
        now, then = known.get("D1"), known.get("D1", T + 60_000 * 4)
        assert now is not None and now.consignor == "B"
        assert then is not None and then.consignor == "A"
        newest = known.of_container("C1")
        assert newest is not None and newest.declaration == "D2"
        assert len(known) == 2


def test_a_repeat_changes_nothing_and_the_unknown_is_none() -> None:
    known = Declarations()
    assert known.apply(declared("e1", 0))
    assert not known.apply(declared("e1", 3, consignor="B"))
    assert known.get("D1", T - 1) is None
    assert known.get("D9") is None and known.of_container("C9") is None
