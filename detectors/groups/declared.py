"""The groups of a pack, compiled: which series belong to which place, what judges it, and how often."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import msgspec

from detectors.base import SeriesSpec
from detectors.groups.base import GroupDetector
from detectors.groups.members import MEMBERS
from topics.channel_group import ChannelGroup
from topics.domain import Domain
from topics.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class DeclaredGroup:
    """One group of the pack. ``signature``: equal ones judge alike, so a model fitted under one serves the other."""

    name: str
    group: ChannelGroup
    detector: GroupDetector
    period_ms: int
    signature: str

    def subject(self, spec: SeriesSpec) -> str | None:
        """The place whose group this series is in, ``site/group`` or ``site/device/group``; ``None`` if in none."""
        group = self.group
        if spec.quantity not in group.quantities or spec.statistic != group.statistic:
            return None
        if not any(fnmatchcase(f"{spec.site}/{spec.device}", point) for point in group.points):
            return None
        place = spec.site if group.per == "site" else f"{spec.site}/{spec.device}"
        return f"{place}/{self.name}"


class DeclaredGroups:
    """The groups of a pack by name, those left out that nobody here can judge (the pack is newer than we are)."""

    def __init__(self, domain: Domain) -> None:
        self.by_name: dict[str, DeclaredGroup] = {}
        for name, group in domain.groups.items():
            try:
                self.by_name[name] = _compiled(name, group)
            except ConfigurationError:
                continue

    def of(self, spec: SeriesSpec) -> Iterator[tuple[DeclaredGroup, str]]:
        """The groups a series is in, each with its place."""
        for declared in self.by_name.values():
            subject = declared.subject(spec)
            if subject is not None:
                yield declared, subject

    def watching(self, quantity: str, statistic: str) -> int:
        """How many groups may have a series of this quantity and statistic among their channels."""
        return sum(
            quantity in each.group.quantities and statistic == each.group.statistic for each in self.by_name.values()
        )


def group_settings_problems(domain: Domain) -> list[str]:
    """What is wrong with the detectors of a pack's groups: names nobody answers to, settings they do not bear."""
    problems = []
    for name, group in domain.groups.items():
        try:
            _compiled(name, group)
        except ConfigurationError as error:
            problems.append(str(error))
    return problems


def _compiled(name: str, group: ChannelGroup) -> DeclaredGroup:
    detector = _detector(name, group)
    # What is as by default is left out by its value: msgspec leaves out the default objects alone, so that a pack that
    # another process was handed, or one that writes a default out, would seem to be another.
    fields = msgspec.structs.fields(group)
    usual = {each.name: msgspec.to_builtins(each.default) for each in fields if each.default is not msgspec.NODEFAULT}
    usual |= {"settings": {}}
    judged = {key: value for key, value in msgspec.to_builtins(group).items() if key != "title"}
    judged = {key: value for key, value in judged.items() if key not in usual or value != usual[key]}
    signature = msgspec.json.encode({"version": detector.version, **judged}, order="sorted").decode()
    return DeclaredGroup(name, group, detector, int(group.every_s * 1000), signature)


def _detector(name: str, group: ChannelGroup) -> GroupDetector:
    if group.detector not in MEMBERS:
        raise ConfigurationError(f"groups.{name}.detector: expected one of {sorted(MEMBERS)}, got {group.detector!r}")
    kind = MEMBERS[group.detector]
    known = {each.name for each in dataclasses.fields(kind)}  # type: ignore[arg-type]  # every member is a dataclass
    for key, value in group.settings.items():
        path = f"groups.{name}.settings.{key}"
        if key not in known:
            raise ConfigurationError(f"{path}: expected settings among {sorted(known)}, got {key!r}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigurationError(f"{path}: expected a number, got {value!r}")
        least, most = kind.BOUNDS[key]
        if not least <= value <= most:
            raise ConfigurationError(f"{path}: expected a number from {least:g} to {most:g}, got {value}")
    return kind(**group.settings)
