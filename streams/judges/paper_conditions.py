"""What can be wrong with the papers of a box, each with severity, text in both languages and the order proposed."""

from collections.abc import Mapping

from detectors.rules.goods_name import Match
from detectors.rules.reconciliation import Difference
from records.stays import Box
from streams.judges.episodes import Condition
from streams.judges.yard_texts import goods_title
from topics.events import Declared
from topics.finding import Text
from topics.goods import GoodsEntry

MASS, GOODS, NAME, OVERDUE = "cargo-mass", "cargo-goods", "cargo-name", "cargo-overdue"
#: The rules that are about one box in the yard.
OF_BOX = (MASS, GOODS, NAME)
FAMILY = "misdeclared"

PROPOSALS = {
    "weigh": Text("建议重新过磅", "weigh it again"),
    "inspect": Text("建议开箱查验", "open and inspect it"),
}

Goods = Mapping[str, GoodsEntry]


def mass(site: str, box: Box, declaration: str, found: Difference) -> Condition:
    """The scale does not agree with the papers; value and expected are tonnes gross. Worse where there is more of
    dangerous goods than was said."""
    declared, seen = found.declared_t or 0.0, found.seen_t or 0.0
    order = PROPOSALS[found.proposal]
    return Condition(
        MASS,
        FAMILY,
        site,
        f"{site}/{box.container}",
        "mass",
        "orange" if declaration and seen > declared else "yellow",
        Text(
            f"{box.container} 过磅 {seen:g} t，申报 {declared:g} t，相差 {seen - declared:+.2f} t；{order.zh}",
            f"{box.container} weighs {seen:g} t, declared {declared:g} t, {seen - declared:+.2f} t; {order.en}",
        ),
        mark=f"{declaration} {seen:.3f} {declared:.3f} {found.proposal}",
        value=seen,
        expected=declared,
        unit="t",
        facts={"container": box.container, "declaration": declaration, "proposal": found.proposal},
    )


def goods(site: str, box: Box, declaration: str, found: Difference, known: Goods) -> Condition:
    """What was found in the box is not what was declared; value and expected are tonnes net."""
    extra = [goods_title(un, known) for un in found.extra]
    missing = [goods_title(un, known) for un in found.missing]
    zh = [f"查见未申报 {each.zh}" for each in extra] + [f"未见所申报 {each.zh}" for each in missing]
    en = [f"holds undeclared {each.en}" for each in extra] + [f"lacks declared {each.en}" for each in missing]
    if not zh:
        zh = [f"所见 {found.seen_t:g} t，申报 {found.declared_t:g} t"]
        en = [f"holds {found.seen_t:g} t, declared {found.declared_t:g} t"]
    order = PROPOSALS[found.proposal]
    return Condition(
        GOODS,
        FAMILY,
        site,
        f"{site}/{box.container}",
        "goods",
        "red" if extra else "orange",
        Text(f"{box.container} {'，'.join(zh)}；{order.zh}", f"{box.container} {', '.join(en)}; {order.en}"),
        mark=f"{declaration} {found.extra} {found.missing} {found.seen_t}",
        value=found.seen_t,
        expected=found.declared_t,
        unit="t",
        facts={
            "container": box.container,
            "declaration": declaration,
            "undeclared": ", ".join(found.extra),
            "not_found": ", ".join(found.missing),
            "proposal": found.proposal,
        },
    )


def name(site: str, box: Box, words: str, match: Match, known: Goods) -> Condition:
    """An ordinary waybill names what may be dangerous goods."""
    meant, order = goods_title(match.un, known), PROPOSALS["inspect"]
    return Condition(
        NAME,
        FAMILY,
        site,
        f"{site}/{box.container}",
        "name",
        "orange",
        Text(
            f"{box.container} 按普通货物运单报“{words}”，可能是 {meant.zh}；{order.zh}",
            f'{box.container} is waybilled as ordinary "{words}", which may be {meant.en}; {order.en}',
        ),
        mark=f"{words} {match.un}",
        facts={"container": box.container, "words": words, "un": match.un, "name": match.name, "proposal": "inspect"},
    )


def overdue(event: Declared) -> Condition:
    """A declared box has not come."""
    kinds = ", ".join(f"UN {line.un}" for line in event.goods)
    return Condition(
        OVERDUE,
        "declaration",
        event.site,
        f"{event.site}/{event.declaration}",
        "overdue",
        "yellow",
        Text(
            f"申报 {event.declaration} 的箱 {event.container}（{kinds}）逾期未到场，去向不明",
            f"Box {event.container} of declaration {event.declaration} ({kinds}) is overdue: it has not come",
        ),
        mark=str(event.operation),
        facts={"declaration": event.declaration, "container": event.container, "consignor": event.consignor},
    )
