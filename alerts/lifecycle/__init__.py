"""The life of an alarm after ISA-18.2 / IEC 62682: pure, with no store, clock or topic in it.

``step`` takes an alarm and what happened and gives the alarm after it; an alarm is the fold of its log. Time is event
time (city time), passed in with each action; what happens by time alone (delays, the end of shelving, re-alarms,
deadlines) is given by ``due(alarm, now)`` as actions like any other. Severities are codes of the domain's scheme;
how bad a code is (higher = worse) comes in as ``rank``.

``states`` has the alarm, ``actions`` what may happen to it, ``allowed`` which state takes what, ``step`` what comes
of it (``condition`` for what the plant does, ``design`` for what a unit's state makes meaningless, ``desk`` for what
people do), ``timers`` what time does, and ``words`` the two languages of it all.
"""

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
from alerts.lifecycle.allowed import ALLOWED, NotAllowed
from alerts.lifecycle.states import STATES, Alarm, Rank, State, phase_of, worst
from alerts.lifecycle.step import fold, rule_of, step
from alerts.lifecycle.timers import due, next_due

__all__ = [
    "ALLOWED",
    "STATES",
    "Acknowledged",
    "Action",
    "Alarm",
    "Annunciated",
    "Changed",
    "Cleared",
    "Closed",
    "Commented",
    "Confirmed",
    "DesignOver",
    "Escalated",
    "HandedOver",
    "Hidden",
    "Judged",
    "NotAllowed",
    "OutOfService",
    "Raised",
    "Rank",
    "ReAlarmed",
    "Recorded",
    "Reset",
    "Returned",
    "ReturnedToService",
    "Revised",
    "Shelved",
    "Shown",
    "State",
    "Suppressed",
    "SuppressedByDesign",
    "Unshelved",
    "due",
    "fold",
    "name_of",
    "next_due",
    "phase_of",
    "rule_of",
    "step",
    "worst",
]
