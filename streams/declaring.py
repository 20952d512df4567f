"""The rules by which a declaration is looked at, put together from a pack's facts for the desk."""

from collections.abc import Mapping
from typing import Any

from detectors.rules.declaration import DeclarationTerms, refusals
from detectors.rules.declared_goods import contradictions, doubts
from detectors.rules.segregation import Hazard, Segregation
from records.declaration_check import Checked, Ground
from records.declaration_form import Form, check_digit
from records.declaration_terms import licence_of, terms_of
from streams.judges.yard_facts import segregation_of
from topics.finding import Text
from topics.goods import GoodsEntry, goods_of, load_overrides, load_segregation


class DeclarationRules:
    """Looks at forms (``records.declaration_check.Check``). A message brings hundreds: the goods of a pack are put
    together once, and again when another pack is in force.
    """

    def __init__(self) -> None:
        self._rule = segregation_of(load_segregation(), load_overrides())
        self._known: tuple[Mapping[str, Any], Mapping[str, GoodsEntry]] | None = None

    def __call__(self, facts: Mapping[str, Any], form: Form, declared_ms: int) -> Checked:
        """All grounds to refuse it and all doubts. Raises ``ConfigurationError`` for facts that cannot be used."""
        known = self._known  # one look: other threads may bring another pack meanwhile
        if known is None or known[0] is not facts:
            known = self._known = (facts, goods_of(facts))
        return _checked(facts, form, declared_ms, known[1], self._rule)


def _checked(
    facts: Mapping[str, Any], form: Form, declared_ms: int, goods: Mapping[str, GoodsEntry], rule: Segregation
) -> Checked:
    terms = terms_of(facts, form.site)
    found = []
    if terms is not None:
        clocks = DeclarationTerms(terms.ahead_s * 1000, terms.answer_s * 1000, terms.source, terms.confirmed)
        licence = licence_of(facts, form.site)
        found += refusals(form.goods, declared_ms, form.operation, licence, clocks)
    found += contradictions(form.goods, form.gross_t, goods)
    weighed = doubts(form.goods, form.container, check_digit(form.container), goods)
    weighed += _together(form, goods, rule)
    return Checked(tuple(Ground(each.rule, each.text) for each in found), tuple(weighed))


def _together(form: Form, goods: Mapping[str, GoodsEntry], rule: Segregation) -> list[Text]:
    """Goods that must be kept apart and are declared in one box (IMDG 7.3.4: never in one container)."""
    hazards = [_hazard(form, place, goods) for place in range(len(form.goods))]
    found = []
    for place, one in enumerate(hazards):
        for other in hazards[place + 1 :]:
            if rule.require(one, other).code > 0:
                found.append(
                    Text(
                        f"UN {one.un} 与 UN {other.un} 须隔离，不得同箱（{rule.require(one, other).rule}）",
                        f"UN {one.un} and UN {other.un} must be segregated, not in one box "
                        f"({rule.require(one, other).rule})",
                    )
                )
    return found


def _hazard(form: Form, place: int, goods: Mapping[str, GoodsEntry]) -> Hazard:
    line = form.goods[place]
    entry = goods.get(line.un)
    return Hazard(line.un, line.hazard_class, line.subsidiary, entry.groups if entry else ())
