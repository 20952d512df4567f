"""Permits at the time of the trip."""

import pytest

from records.carriage.permits import PermitBook, faults
from records.carriage.terms import PermitAsked
from tests.records.carriage.places import MINUTE, T0, waybill
from topics.finding import Text
from topics.positions import Permit

DAY = 86_400_000
ASKED = {"licence": PermitAsked("driver", Text("从业资格证", "licence"), "the test", False)}


def permit(first: int, end: int, **more: object) -> Permit:
    told = {"role": "driver", "holder": "D-1", "kind": "licence", "number": "7"} | more
    return Permit(valid_from=T0 + first, valid_to=T0 + end, **told)  # type: ignore[arg-type]


def found(*permits: Permit, until: int = 60 * MINUTE, **more: object) -> list[tuple[str, int]]:
    wrong = faults(waybill(**more), PermitBook(permits), ASKED, T0 + until)  # type: ignore[arg-type]
    return [(each.state, each.since - T0) for each in wrong]


@pytest.mark.parametrize(
    ("permits", "wrong"),
    [
        ([permit(-DAY, DAY)], []),
        ([], [("missing", 0)]),
        ([permit(-DAY, -1)], [("expired", 0)]),
        ([permit(-DAY, 0)], [("expired", 0)]),
        ([permit(DAY, 2 * DAY)], [("not-yet", 0)]),
        ([permit(-DAY, DAY, suspended=True)], [("suspended", 0)]),
        ([permit(-DAY, DAY, classes=("3",))], [("other-goods", 0)]),
        ([permit(-DAY, DAY, classes=("4",))], []),
        ([permit(-DAY, 20 * MINUTE)], [("expired", 20 * MINUTE)]),
        ([permit(-DAY, 20 * MINUTE), permit(20 * MINUTE, DAY, number="8")], []),
        ([permit(-DAY, 20 * MINUTE), permit(30 * MINUTE, DAY, number="8")], [("expired", 20 * MINUTE)]),
    ],
)
def test_a_permit_is_as_it_must_be_or_is_told(permits: list[Permit], wrong: list[tuple[str, int]]) -> None:
    assert found(*permits) == wrong


def test_it_is_told_when_it_runs_out_and_not_before() -> None:
    assert found(permit(-DAY, 20 * MINUTE), until=20 * MINUTE - 1) == []
    assert found(permit(-DAY, 20 * MINUTE), until=20 * MINUTE) == [("expired", 20 * MINUTE)]


def test_who_must_have_one_is_named_and_goods_decide_whether() -> None:
    assert found(permit(-DAY, DAY), driver="") == [("unnamed", 0)]
    assert found(goods=()) == [], "ordinary goods need none"


def test_the_register_replaces_by_number_and_forgets_by_key() -> None:
    book = PermitBook([permit(-DAY, -1)])
    book.put(permit(-DAY, DAY))
    assert faults(waybill(), book, ASKED, T0) == []
    book.drop(permit(-DAY, DAY).key)
    assert [each.state for each in faults(waybill(), book, ASKED, T0)] == ["missing"]
