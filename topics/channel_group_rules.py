"""What a pack's groups of channels must hold beyond the types of their keys. Detectors are not known here."""

import re
from collections.abc import Iterator

from topics.channel_group import PER, ChannelGroup
from topics.domain import Domain

#: A group's name is a part of subjects and alarm keys, beside the codes of quantities.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


def group_problems(domain: Domain) -> Iterator[str]:
    """Everything that is wrong, each as ``key.path: expected what, got what``."""
    for name, group in domain.groups.items():
        path = f"groups.{name}"
        if not _NAME.fullmatch(name):
            yield f'{path}: expected a name of letters, digits, "_", "." and "-", got {name!r}'
        if name in {*domain.quantities, *domain.families}:
            yield f"{path}: expected a name that no quantity and no family has, got {name!r}"
        yield from _group(domain, group, path)


def _group(domain: Domain, group: ChannelGroup, path: str) -> Iterator[str]:
    if group.per not in PER:
        yield (
            f"{path}.per: expected one of {list(PER)}, because only what one site measures lies in one partition, "
            f"got {group.per!r}"
        )
    if not group.quantities:
        yield f"{path}.quantities: expected at least one quantity, got none"
    for code in group.quantities:
        if code not in domain.quantities:
            yield f"{path}.quantities: expected some of {sorted(domain.quantities)}, got {code!r}"
        elif domain.quantities[code].interval_s > group.every_s:
            yield (
                f"{path}.every_s: expected at least the {domain.quantities[code].interval_s:g} s of {code}, "
                f"got {group.every_s:g}"
            )
    if len(set(group.quantities)) != len(group.quantities):
        yield f"{path}.quantities: expected each quantity once, got {list(group.quantities)}"
    if group.per == "device" and len(group.quantities) == 1:
        yield f"{path}.quantities: expected at least two quantities of a device, got {list(group.quantities)}"
    if not group.points:
        yield f'{path}.points: expected at least one pattern "site/device", got none'
    for point in group.points:
        if point.count("/") != 1 or not all(point.split("/")):
            yield f'{path}.points: expected patterns "site/device", got {point!r}'
