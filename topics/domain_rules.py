"""What a pack must hold beyond the types of its keys. Names of detectors and sinks are not known here."""

import itertools
import math
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from topics.channel_group_rules import group_problems
from topics.domain import Domain, Limit, Quantity
from topics.event_sequence_rules import sequence_problems
from topics.finding import Text
from topics.handling_rules import handling_problems
from topics.scheme import FOLDER as SCHEMES
from topics.scheme import Scheme, load_scheme

#: A quantity's code is a part of series ids and alarm keys, so neither / nor | nor blanks may stand in it.
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


def problems(domain: Domain) -> list[str]:
    """Everything that is wrong, each as ``key.path: expected what, got what``; empty for a good pack."""
    schemes = sorted(path.stem for path in SCHEMES.glob("*.toml"))
    if domain.scheme not in schemes:
        return [f"scheme: expected one of {schemes}, got {domain.scheme!r}"]
    scheme = load_scheme(domain.scheme)
    return [
        *_values(msgspec.to_builtins(domain), ""),
        *_texts(domain, ""),
        *(each for code, quantity in domain.quantities.items() for each in _quantity(domain, code, quantity, scheme)),
        *_routes(domain, scheme),
        *_guidance(domain),
        *_wall(domain),
        *handling_problems(domain, scheme),
        *group_problems(domain),
        *sequence_problems(domain, [level.code for level in scheme.levels]),
        *_facts(domain.facts, "facts"),
    ]


def _values(value: Any, path: str) -> Iterator[str]:
    """TOML knows nan and inf; no key of a pack may be either."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _values(each, f"{path}.{key}".lstrip("."))
    elif isinstance(value, (list, tuple)):
        for place, each in enumerate(value):
            yield from _values(each, f"{path}[{place}]")
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path}: expected a finite number, got {value}"


def _texts(value: Any, path: str) -> Iterator[str]:
    """Every text a duty officer reads must be there in both languages."""
    if isinstance(value, Text):
        for language in ("zh", "en"):
            if not getattr(value, language).strip():
                yield f"{path}.{language}: expected a text, got an empty one"
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name), f"{path}.{name}".lstrip("."))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, f"{path}.{key}")
    elif isinstance(value, tuple):
        for place, each in enumerate(value):
            yield from _texts(each, f"{path}[{place}]")


def _quantity(domain: Domain, code: str, quantity: Quantity, scheme: Scheme) -> Iterator[str]:
    path = f"quantities.{code}"
    if not _CODE.fullmatch(code):
        yield f'{path}: expected a code of letters, digits, "_", "." and "-", got {code!r}'
    low, high = quantity.span
    if not low < high:
        yield f"{path}.span: expected [low, high] with low < high, got [{low}, {high}]"
    elif quantity.resolution > high - low:
        yield f"{path}.resolution: expected a step within the span {low} to {high}, got {quantity.resolution}"
    for name in quantity.detectors:
        if name not in domain.detectors:
            yield f"{path}.detectors: expected names from [detectors] {sorted(domain.detectors)}, got {name!r}"
    for sensor_class, unit in quantity.class_units.items():
        if not any(limit.sensor_class == sensor_class for limit in quantity.limits):
            yield (
                f"{path}.class_units.{sensor_class}: expected a class that has limits of its own (others are in "
                f"{quantity.unit}), got {unit!r} for one that has none"
            )
    for place, limit in enumerate(quantity.limits):
        yield from _limit(limit, f"{path}.limits[{place}]", quantity, scheme)
    for (first, one), (second, other) in itertools.combinations(enumerate(quantity.limits), 2):
        if _same_question(one, other) and one.level == other.level and _overlap(one, other):
            yield (
                f"{path}.limits[{second}].valid_from: expected editions that do not overlap, got {other.valid_from} "
                f"while limits[{first}] ({one.standard} {one.edition}) holds "
                f"{one.valid_from} to {one.valid_to or 'for ever'}"
            )
        elif _same_question(one, other) and one.standard == other.standard and _reversed(one, other, scheme):
            yield (
                f"{path}.limits[{second}].severity: expected the further limit to be the more severe, got "
                f"{other.level} {other.value} {other.severity} beside {one.level} {one.value} {one.severity}"
            )


def _limit(limit: Limit, path: str, quantity: Quantity, scheme: Scheme) -> Iterator[str]:
    codes = [level.code for level in scheme.levels]
    if limit.severity not in codes:
        yield f"{path}.severity: expected one of {codes}, got {limit.severity!r}"
    if limit.valid_to is not None and limit.valid_to <= limit.valid_from:
        yield f"{path}.valid_to: expected a day after valid_from {limit.valid_from}, got {limit.valid_to}"
    low, high = quantity.span
    if not low <= limit.value <= high:
        yield f"{path}.value: expected a value within the span {low} to {high}, got {limit.value}"
    for key in ("level", "standard", "source"):
        if not getattr(limit, key).strip():
            yield f"{path}.{key}: expected a text, got an empty one"


def _same_question(one: Limit, other: Limit) -> bool:
    keys = ("side", "statistic", "sensor_class", "condition")
    return all(getattr(one, key) == getattr(other, key) for key in keys)


def _overlap(one: Limit, other: Limit) -> bool:
    return (other.valid_to is None or one.valid_from < other.valid_to) and (
        one.valid_to is None or other.valid_from < one.valid_to
    )


def _reversed(one: Limit, other: Limit, scheme: Scheme) -> bool:
    """Whether of two limits in force together the nearer is the more severe."""
    ranks = {level.code: level.rank for level in scheme.levels}
    if not _overlap(one, other) or not {one.severity, other.severity} <= ranks.keys():
        return False
    further = (other.value - one.value) * (1 if one.side == "high" else -1)
    return further * (ranks[other.severity] - ranks[one.severity]) < 0


def _routes(domain: Domain, scheme: Scheme) -> Iterator[str]:
    codes = [level.code for level in scheme.levels]
    if not domain.routes:
        yield "routes: expected at least one authority to be told, got none"
    for place, route in enumerate(domain.routes):
        if route.min_severity not in codes:
            yield f"routes[{place}].min_severity: expected one of {codes}, got {route.min_severity!r}"
        for family in route.families:
            if family not in domain.families:
                yield f"routes[{place}].families: expected some of {list(domain.families)}, got {family!r}"
        if not route.channels:
            yield f"routes[{place}].channels: expected at least one channel, got none"


def _guidance(domain: Domain) -> Iterator[str]:
    if "default" not in domain.guidance:
        for family in domain.families:
            if family not in domain.guidance:
                yield f'guidance.{family}: expected guidance for every family (or "default"), got nothing'
    known = {*domain.quantities, *domain.groups, *domain.sequences, *domain.families, "default"}
    for key in domain.guidance:
        if key not in known:
            yield f'guidance.{key}: expected a quantity, group, sequence, family or "default", got {key!r}'


def _wall(domain: Domain) -> Iterator[str]:
    for place, tile in enumerate(domain.wall):
        for code in tile.quantities:
            if code not in domain.quantities:
                yield f"wall[{place}].quantities: expected some of {sorted(domain.quantities)}, got {code!r}"


def _facts(value: Any, path: str) -> Iterator[str]:
    """A row of facts (a table that holds more than tables) says where it comes from and whether it was checked."""
    if isinstance(value, list):
        for place, each in enumerate(value):
            yield from _facts(each, f"{path}[{place}]")
        return
    if not isinstance(value, dict):
        yield f"{path}: expected a table or a list of tables, got {value!r}"
        return
    # A table of nothing but tables or lists of tables is a level above its rows.
    if all(isinstance(each, dict) or _is_rows(each) for each in value.values()):
        for key, each in value.items():
            yield from _facts(each, f"{path}.{key}")
        return
    if not isinstance(value.get("source"), str) or not value["source"].strip():
        yield f"{path}.source: expected where the fact comes from, got {value.get('source')!r}"
    if not isinstance(value.get("confirmed"), bool):
        yield f"{path}.confirmed: expected true or false, got {value.get('confirmed')!r}"


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)
