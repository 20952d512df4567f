"""The rules by which a declaration is looked at, put together from a pack for the desk."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alerts.rules_said import day_put_under
from detectors.rules.declaration import DeclarationTerms, refusals
from detectors.rules.declared_goods import contradictions, doubts, overloaded
from detectors.rules.segregation import Hazard, Segregation
from records.declaration_check import PACK, Checked, CheckedBy, Ground
from records.declaration_form import Form, check_digit
from records.declaration_limits import limits_of
from records.declaration_terms import TERMS, licence_of, terms_of
from streams.judges.segregation_editions import segregation_of
from topics.city_zone import CITY_ZONE
from topics.domain import Domain
from topics.editions import Edition
from topics.finding import Text
from topics.goods import GoodsEntry
from topics.pack_goods import goods_editions, goods_of
from topics.published_pack import content_hash
from topics.segregation_rules import load_overrides, rules_edition
from topics.segregation_table import load_segregation, segregation_edition
from topics.sources import source_text

#: What of a declaration's rules the pack itself gives.
PACK_SOURCE = "the pack in force: its clocks, licences and duties"


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds on one day by one pack."""

    domain: Domain
    day: dt.date
    goods: Mapping[str, GoodsEntry]
    rule: Segregation
    said: CheckedBy


class DeclarationRules:
    """Looks at forms (``records.declaration_check.Check``). A message brings hundreds: the rules of a pack and day are
    put together once, and again when another pack is in force or another day has begun.
    """

    def __init__(self) -> None:
        self._known: Rules | None = None

    def __call__(self, domain: Domain, form: Form, declared_ms: int, now_ms: int) -> Checked:
        """All grounds to refuse it and all doubts. Raises ``ConfigurationError`` for facts that cannot be used."""
        day = day_put_under([domain]) or _day(now_ms)
        known = self._known  # one look: other threads may bring another pack meanwhile
        if known is None or known.domain is not domain or known.day != day:
            known = self._known = rules_on(domain, day)
        return _checked(domain.facts, form, declared_ms, known)


def rules_on(domain: Domain, day: dt.date) -> Rules:
    """The rules of a day of the city, with the editions they are of. Raises ``ConfigurationError`` likewise."""
    sure = all(row["confirmed"] for row in domain.facts.get(TERMS, {}).values())
    pack = Edition(PACK, domain.name, PACK_SOURCE, content_hash(domain), sure)
    editions = (*goods_editions(domain.facts, day), rules_edition(day), segregation_edition(day), pack)
    rule = segregation_of(load_segregation().on(day), load_overrides(day=day))
    return Rules(domain, day, goods_of(domain.facts, day), rule, CheckedBy(day, editions))


def _day(time_ms: int) -> dt.date:
    return dt.datetime.fromtimestamp(time_ms / 1000, dt.UTC).astimezone(CITY_ZONE).date()


def _checked(facts: Mapping[str, Any], form: Form, declared_ms: int, rules: Rules) -> Checked:
    terms, goods = terms_of(facts, form.site), rules.goods
    found = []
    if terms is not None:
        clocks = DeclarationTerms(terms.ahead_s * 1000, terms.answer_s * 1000, terms.source, terms.confirmed)
        licence = licence_of(facts, form.site)
        found += refusals(form.goods, declared_ms, form.operation, licence, clocks)
    found += contradictions(form.goods, form.gross_t, goods)
    weighed = doubts(form.goods, form.container, check_digit(form.container), goods)
    most = limits_of(facts).box_gross_t
    weighed += overloaded(form.goods, form.gross_t, most.value, source_text(most.source))
    weighed += _together(form, goods, rules.rule)
    return Checked(rules.said, tuple(Ground(each.rule, each.text) for each in found), tuple(weighed))


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
