"""Declarations against their terms: to the second, by the licence, and the authority's own clock."""

from detectors.rules.declaration import HOUR_MS, DeclarationTerms, refusals, unanswered
from topics.events import Goods

TERMS = DeclarationTerms(24 * HOUR_MS, 2 * HOUR_MS, "test", True)
T = 1_438_000_000_000
NITRATE = Goods("1942", "AMMONIUM NITRATE", "5.1", 20.0)
CYANIDE = Goods("1689", "SODIUM CYANIDE", "6.1", 20.0)


def test_a_second_short_of_24_hours_is_refused_and_24_hours_are_accepted() -> None:
    (short,) = refusals([NITRATE], T, T + 24 * HOUR_MS - 1000, None, TERMS)
    assert short.rule == "ahead" and "24 h" in short.text.en and "24 小时" in short.text.zh
    assert refusals([NITRATE], T, T + 24 * HOUR_MS, None, TERMS) == []


def test_goods_outside_the_licence_are_refused_each_by_name() -> None:
    told = refusals([NITRATE, CYANIDE, CYANIDE], T, T + 25 * HOUR_MS, {"1942"}, TERMS)
    assert [(each.rule, each.un) for each in told] == [("licence", "1689")]
    assert len(refusals([NITRATE], T, T, (), TERMS)) == 2


def test_the_answer_is_late_at_two_hours_whether_it_came_or_not() -> None:
    due = T + 2 * HOUR_MS
    assert not unanswered(T, None, due - 1, TERMS) and unanswered(T, None, due, TERMS)
    assert not unanswered(T, due - 1, due + HOUR_MS, TERMS) and unanswered(T, due + 1, due + HOUR_MS, TERMS)
