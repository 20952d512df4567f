"""Segregation by the day: the table, the goods list and its own rules as they held for the events of each time."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detectors.rules.segregation import ListRule, Meant, Segregation, read_matrix
from topics.city_zone import CITY_ZONE
from topics.goods import GoodsEntry
from topics.pack_goods import goods_days, goods_of
from topics.segregation_rules import GroupRules, Override, Side, load_group_rules
from topics.segregation_table import SegregationTable


@dataclass(frozen=True, slots=True)
class SegregationEdition:
    """The rule, the goods list and its own rules (by code) as they stood until ``until_ms``, the first moment at which
    others hold (``None`` = now). Editions with the same goods share one list.
    """

    rule: Segregation
    goods: Mapping[str, GoodsEntry]
    overrides: Mapping[str, Override]
    until_ms: int | None = None


def segregation_editions(
    table: SegregationTable, facts: Mapping[str, Any], fixed: dt.date | None
) -> Iterator[SegregationEdition]:
    """By the day on which each held, the oldest first; that of the day ``fixed`` alone where there is one."""
    rules, goods = load_group_rules(), goods_of(facts, fixed)
    if fixed is None:
        for day in sorted({each.day for each in table.until} | {each.day for each in rules.until} | goods_days(facts)):
            before = day - dt.timedelta(days=1)
            then = goods_of(facts, before)
            yield _edition(table, rules, before, goods if then == goods else then, midnight_ms(day))
    yield _edition(table, rules, fixed, goods, None)


def _edition(
    table: SegregationTable,
    rules: GroupRules,
    day: dt.date | None,
    goods: Mapping[str, GoodsEntry],
    until_ms: int | None,
) -> SegregationEdition:
    overrides = rules.on(day).overrides
    rule = segregation_of(table if day is None else table.on(day), overrides)
    return SegregationEdition(rule, goods, {each.code: each for each in overrides}, until_ms)


def segregation_of(table: SegregationTable, overrides: tuple[Override, ...]) -> Segregation:
    """The pure rule from its data."""
    return Segregation(
        matrix=read_matrix(table.columns, table.rows),
        same_row=table.same_row,
        together=table.within_class_1.together,
        otherwise=table.within_class_1.otherwise,
        list_rules=tuple(
            ListRule(each.code, _meant(each.first), _meant(each.second), each.require) for each in overrides
        ),
        distances_m={int(code): metres for code, metres in table.yard.distances_m.items()},
        box_length_m=table.yard.box_length_m,
        box_width_m=table.yard.box_width_m,
    )


def _meant(side: Side) -> Meant:
    return Meant(side.uns, side.group, side.classes)


def midnight_ms(day: dt.date) -> int:
    return round(dt.datetime.combine(day, dt.time(), CITY_ZONE).timestamp() * 1000)
