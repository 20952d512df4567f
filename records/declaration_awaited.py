"""Whose answer a declaration waits for, and what happens where none comes in time. Pure. Times: city time, ms UTC."""

from collections.abc import Sequence

from records.climbing import steps_due
from records.declaration_events import Climbed, Event, Signed, TurnedDown
from records.declaration_life import Declaration
from records.refused import Refused
from topics.finding import Text


def awaited(declaration: Declaration) -> tuple[str, ...]:
    """The authorities that are still to answer the newest version, in the pack's order. None is once the box has left:
    an answer can no longer change what happens to it.
    """
    return declaration.newest.open if declaration.cancelled is None and not declaration.gone else ()


def lapsed(declaration: Declaration) -> bool:
    """Whether the box has left before its newest version was answered."""
    return declaration.gone and declaration.newest.answer == "declared"


def refuse_late_answer(declaration: Declaration, event: Event) -> None:
    """Raises ``Refused`` for an answer, or a step of the climb, that comes after the box has left. Only what is new is
    held against this: histories from before hold such answers, and are folded as they were.
    """
    if declaration.gone and isinstance(event, Signed | TurnedDown | Climbed):
        raise Refused(Text("箱已离场，申报已终结，不再答复", "the box has left: its declaration is no longer answered"))


def lapses(declaration: Declaration, steps: Sequence[str], every_ms: int, now: int) -> list[Climbed]:
    """The steps that are due by ``now`` and not taken yet, each at the moment it fell due: once each, however late and
    however often this is asked."""
    version = declaration.newest
    if not awaited(declaration):
        return []
    return [Climbed(*each) for each in steps_due(version.due, every_ms, steps, version.climbed, now)]
