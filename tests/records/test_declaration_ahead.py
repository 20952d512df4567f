"""Since when something is declared: by what was valid, for each of the goods, their mass and the operation."""

import msgspec

from records.declaration_ahead import declared_ms
from records.declaration_events import Amended, Event, TurnedDown
from records.declaration_form import Form
from records.declaration_life import Version, fold
from tests.records.test_declaration_life import BOTH, HOUR, WHY, T, entered, form
from topics.events import Goods

FIRST = form()
MORE = msgspec.structs.replace(FIRST, goods=(*FIRST.goods, Goods("1486", "X", "5.1", 1.0)))
SHARE = 0.05


def said(at_h: float, what: Form) -> Amended:
    at = T + round(at_h * HOUR)
    return Amended(at, "Li", what, "x", BOTH, at + 2 * HOUR)


def by_rule(at_h: float) -> TurnedDown:
    return TurnedDown(T + round(at_h * HOUR), "citybrain", "", WHY, "ahead")


def versions(*events: Event) -> tuple[Version, ...]:
    return fold([entered(), *events]).versions


def of(mass_t: float) -> Form:
    return msgspec.structs.replace(FIRST, goods=(msgspec.structs.replace(FIRST.goods[0], mass_t=mass_t),))


def test_what_the_rules_refused_is_as_new_when_it_is_asked_again() -> None:
    now = T + 26 * HOUR
    assert declared_ms(versions(), MORE, now, SHARE) == now
    assert declared_ms(versions(said(25, MORE), by_rule(25)), MORE, now, SHARE) == now
    earlier = msgspec.structs.replace(FIRST, operation=FIRST.operation - HOUR)
    assert declared_ms(versions(said(25, earlier), by_rule(25)), earlier, now, SHARE) == now
    refused_first = fold([entered(), by_rule(0)]).versions
    assert declared_ms(refused_first, FIRST, now, SHARE) == now


def test_what_an_authority_refused_was_declared_and_looked_at() -> None:
    turned = versions(said(2, MORE), TurnedDown(T + 3 * HOUR, "Wu", "transport", WHY))
    assert declared_ms(turned, MORE, T + 26 * HOUR, SHARE) == T + 2 * HOUR
    assert declared_ms(turned, FIRST, T + 26 * HOUR, SHARE) == T


def test_the_youngest_part_counts_and_a_later_version_that_held_is_known_since_then() -> None:
    sooner = msgspec.structs.replace(MORE, operation=FIRST.operation - HOUR)
    known = versions(said(2, MORE), said(4, sooner))
    assert declared_ms(known, sooner, T + 26 * HOUR, SHARE) == T + 4 * HOUR
    assert declared_ms(known, MORE, T + 26 * HOUR, SHARE) == T + 2 * HOUR


def test_more_of_the_same_than_the_tolerance_is_new_and_does_not_creep() -> None:
    now = T + 26 * HOUR
    assert declared_ms(versions(), of(21.0), now, SHARE) == T
    assert declared_ms(versions(), of(21.01), now, SHARE) == now
    assert declared_ms(versions(), of(3.0), now, SHARE) == T
    # 21 t were taken, but since the 25th hour: what rests on them is no earlier.
    assert declared_ms(versions(said(25, of(21.0))), of(22.0), now, SHARE) == T + 25 * HOUR
    two_lines = msgspec.structs.replace(FIRST, goods=FIRST.goods * 2)
    assert declared_ms(versions(), two_lines, now, SHARE) == now
