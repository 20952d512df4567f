"""An alarm as it stands: its state under the name ISA-18.2 gives it, and all that the log has made of it."""

from collections.abc import Callable, Iterable
from typing import Literal, get_args

import msgspec

from topics.handling import Handling

#: ``delayed`` is an alarm whose on-delay still runs (normal to the standard, and nobody is told of it);
#: ``returned-unconfirmed`` one whose second stage (OPC UA Part 9) is still to be given.
State = Literal[
    "normal",
    "delayed",
    "unacknowledged",
    "acknowledged",
    "returned-unacknowledged",
    "latched",
    "returned-unconfirmed",
    "shelved",
    "suppressed",
    "out-of-service",
]
STATES: tuple[State, ...] = get_args(State)

#: Evaluated and logged, but neither sounded nor told to anybody.
QUIET: tuple[State, ...] = ("delayed", "shelved", "suppressed", "out-of-service")

Rank = Callable[[str], int]


class Limit(msgspec.Struct, frozen=True):
    """The limit that gave a finding its severity: beyond is above where ``high``, else below."""

    value: float
    high: bool


class Silent(msgspec.Struct, frozen=True):
    """A finding that is suppressed by design: its severity, and the ``state`` of the ``unit`` that makes it so."""

    severity: str
    unit: str
    state: str


class Alarm(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an alarm stands; all times are ms UTC of event time.

    ``severity`` is the worst of its open findings (after the last one closed: what it was), ``latched`` the worst
    since it opened, ``covered`` what the acknowledgement or the shelving was given at. ``findings`` maps each open
    finding to its severity; one in ``leaving`` has closed, and goes at the moment given unless something keeps it.
    ``annunciated`` is when it first sounded. ``delayed_until``, ``shelved_until``, ``realarm_at`` and ``deadline``
    (acknowledge by then) are when time itself acts. ``hidden_by`` is the alarm that causes this one.
    ``by_design`` are findings that last and are suppressed by design, none of which is among ``findings``; the alarm
    is ``all_by_design`` while it is suppressed because there are no others. ``insisted`` are those that a person
    returned to service: no unit's state suppresses them again.
    """

    state: State = "normal"
    opened: int | None = None
    updated: int = 0
    returned: int | None = None
    closed: int | None = None
    severity: str = ""
    latched: str = ""
    covered: str = ""
    findings: dict[str, str] = msgspec.field(default_factory=dict)
    acknowledged_by: str | None = None
    acknowledged_at: int | None = None
    note: str = ""
    revision: int = 0
    handling: Handling = Handling()
    limits: dict[str, Limit] = msgspec.field(default_factory=dict)
    leaving: dict[str, int] = msgspec.field(default_factory=dict)
    annunciated: int | None = None
    delayed_until: int | None = None
    realarm_at: int | None = None
    realarms: int = 0
    shelved_by: str | None = None
    shelved_until: int | None = None
    one_shot: bool = False
    reset_by: str | None = None
    confirmed_by: str | None = None
    confirmed_at: int | None = None
    deadline: int | None = None
    escalation: int = 0
    handed_to: str | None = None
    hidden_by: str | None = None
    verdict: str | None = None
    verdict_by: str | None = None
    verdict_at: int | None = None
    by_design: dict[str, Silent] = msgspec.field(default_factory=dict)
    all_by_design: bool = False
    insisted: tuple[str, ...] = ()

    @property
    def annunciating(self) -> bool:
        """Whether it calls for somebody now."""
        return self.state in ("unacknowledged", "returned-unacknowledged") and self.hidden_by is None

    @property
    def next_step(self) -> str | None:
        """To whom it would climb next, ``None`` where no step is left."""
        steps = self.handling.escalate_to
        return steps[self.escalation] if self.escalation < len(steps) else None

    @property
    def quiet(self) -> bool:
        """Whether nobody is told of what becomes of it for now; what is closed is told."""
        return self.closed is None and (self.state in QUIET or self.hidden_by is not None)


def phase_of(alarm: Alarm) -> str:
    """The row of ``ALLOWED`` an alarm stands in: its state, where ``normal`` is ``blank`` or ``closed``."""
    if alarm.state != "normal":
        return alarm.state
    return "blank" if alarm.opened is None else "closed"


def worst(severities: Iterable[str], rank: Rank) -> str:
    """The worst code; of equals the first in the order of codes, so that the answer never wavers."""
    return max(sorted(severities), key=rank)


def milliseconds(seconds: float) -> int:
    """Settings are in seconds, event time in milliseconds."""
    return round(seconds * 1000)
