"""A case is the fold of its events: one way for tickets, accidents, recalls and declarations. Pure."""

from collections.abc import Callable, Iterable
from typing import TypeVar

CaseT = TypeVar("CaseT")
EventT = TypeVar("EventT")
BeginT = TypeVar("BeginT")


def fold_case(events: Iterable[EventT], step: Callable[[CaseT | None, EventT], CaseT], case: str, begins: str) -> CaseT:
    """What these events make, in their order; ``step`` gets ``None`` before the first. ``case`` is the kind and
    ``begins`` what its first event does (``opens``), for the error.

    Raises ``ValueError`` where there are none, and what ``step`` raises.
    """
    made: CaseT | None = None
    for event in events:
        made = step(made, event)
    if made is None:
        raise ValueError(f"{case}: expected at least the event that {begins} it, got none")
    return made


def first_event(event: object, kind: type[BeginT], case: str, begins: str) -> BeginT:
    """The event a case begins with. Raises ``ValueError`` for one of another kind."""
    if not isinstance(event, kind):
        raise ValueError(f"{case}: expected the event that {begins} it first, got {type(event).__name__}")
    return event
