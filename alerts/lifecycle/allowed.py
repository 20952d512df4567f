"""Which state takes which action; everything else is refused in one sentence of each language."""

from alerts.lifecycle.actions import (
    Acknowledged,
    Action,
    Annunciated,
    Changed,
    Cleared,
    Closed,
    Commented,
    Confirmed,
    DesignOver,
    Escalated,
    HandedOver,
    Hidden,
    Judged,
    OutOfService,
    Raised,
    ReAlarmed,
    Recorded,
    Reset,
    Returned,
    ReturnedToService,
    Revised,
    Shelved,
    Shown,
    Suppressed,
    SuppressedByDesign,
    Unshelved,
    name_of,
)
from alerts.lifecycle.words import ACTION_TITLES, PHASE_TITLES
from records.refused import Refused
from topics.finding import Text

_ALWAYS = (Revised, Commented, Judged)
#: A unit's state may hold back a finding whatever the alarm's own state; what was over goes on if it ends.
_DESIGN = (SuppressedByDesign, DesignOver)
_OPEN = (Raised, Changed, Cleared, Returned, Hidden, Shown, *_DESIGN, *_ALWAYS)
#: What was heard is over; what a unit's state holds back may still come and go.
_OVER = (Raised, Changed, Cleared, Hidden, Shown, *_DESIGN, *_ALWAYS)
_TO_QUIET = (Shelved, Suppressed, OutOfService)
_BY_DESK = (Escalated, HandedOver)

#: A blank alarm and a closed one are both ``normal``; they differ in what they take.
ALLOWED: dict[str, tuple[type[Action], ...]] = {
    "blank": (Raised, Recorded, Hidden),
    "delayed": (*_OPEN, Annunciated, *_TO_QUIET),
    "unacknowledged": (*_OPEN, Acknowledged, ReAlarmed, *_TO_QUIET, *_BY_DESK),
    "acknowledged": (*_OPEN, ReAlarmed, *_TO_QUIET, *_BY_DESK, Closed),
    "returned-unacknowledged": (*_OVER, Acknowledged, *_TO_QUIET, *_BY_DESK, Closed),
    "latched": (*_OVER, Reset, *_BY_DESK),
    "returned-unconfirmed": (*_OVER, Confirmed, *_BY_DESK),
    "shelved": (*_OPEN, Unshelved, Suppressed, OutOfService, *_BY_DESK, Closed),
    "suppressed": (*_OPEN, OutOfService, ReturnedToService, *_BY_DESK, Closed),
    "out-of-service": (*_OPEN, ReturnedToService, *_BY_DESK, Closed),
    "closed": _ALWAYS,
}


class NotAllowed(Refused):
    """This state does not take this action."""


def refusal(phase: str, action: Action) -> NotAllowed:
    """The refusal of an action that the phase does not take."""
    taken = ", ".join(name_of(each) for each in ALLOWED[phase])
    name = name_of(action)
    en = f"an alarm that is {phase} takes {taken}; got {name}"
    return NotAllowed(Text(f"{PHASE_TITLES[phase].zh}的报警不能再{ACTION_TITLES[name].zh}", en))
