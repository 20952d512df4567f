"""Whose answer a declaration waits for, and what happens where none comes in time. Pure. Times: city time, ms UTC."""

from collections.abc import Sequence

from records.climbing import steps_due
from records.declaration_events import Climbed
from records.declaration_life import Declaration


def awaited(declaration: Declaration) -> tuple[str, ...]:
    """The authorities that are still to answer the newest version, in the pack's order."""
    return declaration.newest.open if declaration.cancelled is None else ()


def lapses(declaration: Declaration, steps: Sequence[str], every_ms: int, now: int) -> list[Climbed]:
    """The steps that are due by ``now`` and not taken yet, each at the moment it fell due: once each, however late and
    however often this is asked."""
    version = declaration.newest
    if not awaited(declaration):
        return []
    return [Climbed(*each) for each in steps_due(version.due, every_ms, steps, version.climbed, now)]
