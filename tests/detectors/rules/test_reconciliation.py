"""Papers against scales and looks: both bounds, which order follows, and what nobody looked for."""

import pytest

from detectors.rules.reconciliation import Difference, Tolerance, goods_difference, mass_difference, wrong_mass
from topics.events import Goods

TERMS = Tolerance(0.05, 0.5)


def line(un: str, mass_t: float) -> Goods:
    return Goods(un, "X", "5.1", mass_t)


@pytest.mark.parametrize(
    ("declared", "seen", "wrong"),
    [
        (20.0, 21.0, False), (20.0, 21.01, True), (20.0, 18.99, True), (20.0, 19.0, False),  # 5 % of 20 t is 1 t
        (4.0, 4.5, False), (4.0, 4.51, True), (4.0, 4.3, False),  # 7.5 %, yet 300 kg alone is no wrong mass
    ],
)  # fmt: skip
def test_a_mass_is_wrong_beyond_five_percent_and_half_a_tonne(declared: float, seen: float, wrong: bool) -> None:
    assert wrong_mass(declared, seen, TERMS) is wrong


def test_one_scale_asks_for_another_and_two_that_agree_for_a_look_inside() -> None:
    assert mass_difference(24.0, 20.0, [], TERMS) is None
    assert mass_difference(24.0, 20.0, [27.0], TERMS) == Difference("mass", "weigh", 24.0, 27.0)
    assert mass_difference(24.0, 20.0, [27.0, 27.2], TERMS) == Difference("mass", "inspect", 24.0, 27.2)
    assert mass_difference(24.0, 20.0, [27.0, 24.1], TERMS) is None


def test_without_a_declared_gross_mass_a_box_is_only_too_light() -> None:
    assert mass_difference(None, 20.0, [24.0], TERMS) is None
    assert mass_difference(None, 20.0, [18.0], TERMS) == Difference("mass", "weigh", 20.0, 18.0)


def test_goods_found_and_not_declared_and_the_other_way_round() -> None:
    assert goods_difference([line("1942", 20)], [], TERMS) is None
    assert goods_difference([line("1942", 20)], [line("1942", 12), line("1942", 8)], TERMS) is None
    found = goods_difference([line("1942", 20)], [line("1689", 20)], TERMS)
    assert found == Difference("goods", "inspect", 20.0, 20.0, ("1689",), ("1942",))
    assert goods_difference([line("1942", 20)], [line("1942", 26)], TERMS) == Difference("goods", "weigh", 20.0, 26.0)
