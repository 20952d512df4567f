"""Which wind a card reckons with: direction and speed of one moment, a calm, and what is no direction at all."""

import pytest

from alerts.responder.reference import CardTerms
from alerts.responder.wind import Wind, wind_at
from records.history import ListHistory
from tests.alerts.responder.port import FIRE, MAST, MINUTE, port, winds
from topics.reading import Reading

TERMS = CardTerms("test", wind_direction="a01008", wind_speed="a01007")
POINT = (39.03972, 117.73657)


def said(quantity: str, minute: float, value: float, flag: str = "") -> Reading:
    return Reading(f"air-1/mast/{quantity}/Rtd", round(FIRE + minute * MINUTE), value, flag=flag)


def wind(history: ListHistory) -> Wind:
    found = wind_at(port(MAST), history, TERMS, POINT, FIRE)
    assert isinstance(found, Wind), found
    return found


@pytest.mark.parametrize(
    ("degrees", "named"),
    [(0.0, "North"), (22.0, "North"), (23.0, "North-east"), (90.0, "East"), (225.0, "South-west"), (337.6, "North"),
     (360.0, "North")],
)  # fmt: skip
def test_a_wind_is_named_by_where_it_comes_from(degrees: float, named: str) -> None:
    found = wind(winds((-5, degrees, 3.0)))
    assert (found.from_deg, found.point.en) == (degrees % 360, named)


def test_a_speed_is_that_of_the_direction_and_never_one_of_long_before() -> None:
    """The speed's instrument fell silent at -40 min; then both come again, the speed seconds later."""
    lost = [said("a01007", -40, 9.0), said("a01008", -40, 90.0), said("a01008", -5, 270.0)]
    assert (wind(ListHistory(lost)).from_deg, wind(ListHistory(lost)).speed_ms) == (270.0, None)
    again = ListHistory([*lost, said("a01007", -6, 4.0), said("a01007", -4.9, 3.0)])
    assert wind(again).speed_ms == 3.0
    later = ListHistory([said("a01008", -0.1, 270.0), said("a01007", 0.1, 7.0)])
    assert wind(later).speed_ms is None, "a card of a moment knows nothing of after it"


def test_in_a_calm_the_vane_is_not_believed() -> None:
    assert wind(winds((-1, 270.0, 0.2))).calm
    assert not wind(winds((-1, 270.0, 0.3))).calm
    assert not wind(ListHistory([said("a01008", -1, 270.0)])).calm, "an unknown speed is no calm"


def test_what_is_marked_wrong_or_is_no_direction_is_passed_over() -> None:
    found = wind(
        ListHistory([said("a01008", -9, 200.0, "N"), said("a01008", -3, 700.0), said("a01008", -2, 90.0, "D")])
    )
    assert (found.from_deg, found.time) == (200.0, FIRE - 9 * MINUTE)
