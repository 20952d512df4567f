"""What a pack's sequences of events must hold beyond the types of their keys. Detectors are not known here."""

import re
from collections.abc import Iterator, Sequence

from topics.domain import Domain
from topics.event_sequence import EventSequence, StepPattern

#: A sequence's name stands where a quantity's code does in subjects and alarm keys.
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")

KINDS = ("reading", "finding", "alarm")


def sequence_problems(domain: Domain, severities: Sequence[str]) -> Iterator[str]:
    """Everything that is wrong, each as ``key.path: expected what, got what``."""
    for name, sequence in domain.sequences.items():
        path = f"sequences.{name}"
        if not _NAME.fullmatch(name):
            yield f'{path}: expected a name of small letters, digits, "_", "." and "-", got {name!r}'
        if name in {*domain.quantities, *domain.groups, *domain.families}:
            yield f"{path}: expected a name that no quantity, group or family has, got {name!r}"
        if sequence.severity not in severities:
            yield f"{path}.severity: expected one of {list(severities)}, got {sequence.severity!r}"
        yield from _times(sequence, path)
        for key, patterns in (("steps", sequence.steps), ("absent", sequence.absent)):
            for place, pattern in enumerate(patterns):
                yield from _pattern(domain, sequence, pattern, f"{path}.{key}[{place}]")


def _times(sequence: EventSequence, path: str) -> Iterator[str]:
    if len(sequence.steps) > 1 and not sequence.within_s:
        yield f"{path}.within_s: expected more than 0 for several steps, got 0"
    if sequence.absent_s and not sequence.absent:
        yield f"{path}.absent: expected what must stay away for {sequence.absent_s:g} s, got nothing"
    if not sequence.absent and not sequence.lasts_s:
        yield f"{path}.lasts_s: expected more than 0 where nothing in absent can end it, got 0"


def _pattern(domain: Domain, sequence: EventSequence, pattern: StepPattern, path: str) -> Iterator[str]:
    given = [kind for kind in KINDS if getattr(pattern, kind)]
    if len(given) != 1:
        yield f"{path}: expected exactly one of {list(KINDS)}, got {given}"
        return
    kind = given[0]
    if kind == "reading":
        if pattern.reading not in domain.quantities:
            yield f"{path}.reading: expected some of {sorted(domain.quantities)}, got {pattern.reading!r}"
        if pattern.above is None and pattern.below is None:
            yield f"{path}: expected above or below for a reading, got neither"
        if sequence.by == "quantity":
            yield f'{path}.reading: expected findings alone where by = "quantity", got {pattern.reading!r}'
    elif pattern.turns or pattern.above is not None or pattern.below is not None:
        yield f"{path}: expected above, below and turns for readings alone, got them for {kind} {_of(pattern)!r}"
    if kind == "alarm" and sequence.by == "device":
        yield f'{path}.alarm: expected by = "site" or "quantity", because an alarm names no device, got by = "device"'
    if kind == "reading" and (pattern.family or pattern.quantity):
        yield f"{path}: expected family and quantity for findings and alarms alone, got them for {pattern.reading!r}"
    if pattern.facts and kind != "finding":
        yield f"{path}.facts: expected none but for a finding, got {list(pattern.facts)}"


def _of(pattern: StepPattern) -> str:
    return pattern.finding or pattern.alarm
