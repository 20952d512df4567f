"""The numbers of a firm's risk: colours, what each term takes, what is direct red. All are data with a source. Pure."""

from typing import Annotated

import msgspec

from topics.finding import Text

Points = Annotated[float, msgspec.Meta(ge=0, le=100)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3660)]

BEST = 100.0

#: The conditions that can make a firm of the worst colour at once (records/firm_risk.py judges them).
CONDITIONS = ("static-direct-red", "major-danger-overdue", "grave-accident")


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A colour for points below a bound."""

    colour: str
    below: Points


class Bands(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From the worst up; ``best`` is the colour of all that is left.

    Raises ``ValueError`` where a bound is not above the one before.
    """

    bands: tuple[Band, ...]
    best: str
    source: str
    confirmed: bool

    def __post_init__(self) -> None:
        bounds = [each.below for each in self.bands]
        if not bounds or bounds != sorted(set(bounds)):
            raise ValueError(f"firm_risk.colours: expected bounds that rise, got {bounds}")

    def colour(self, points: float) -> str:
        """The colour of so many points, 0 to 100."""
        return next((each.colour for each in self.bands if points < each.below), self.best)


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a term takes: so much for each of a kind, ``most`` in all; ``titles`` says what a kind is called."""

    each: dict[str, Annotated[float, msgspec.Meta(ge=0)]]
    most: Points
    source: str
    confirmed: bool
    titles: dict[str, Text] = {}


class Online(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many points for each percentage point that the online rate lies below ``target``."""

    target: Annotated[float, msgspec.Meta(ge=0, le=100)]
    per_point: Annotated[float, msgspec.Meta(ge=0)]
    most: Points
    source: str
    confirmed: bool


class Ungraded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The points that a firm begins with whose static grade is missing; at most these where it has run out."""

    points: Points
    source: str
    confirmed: bool


class Direct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that makes a firm of the worst colour at once."""

    title: Text
    source: str
    confirmed: bool


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All numbers. ``hazard`` is by grade of a major hazard ("1" the gravest; only the gravest unit counts), ``alarms``
    by level of an open alarm, ``dangers`` by "general" and "major" overdue, ``commitments`` by "missing" in
    ``commitment_days``, ``accidents`` by grade in ``accident_days``, ``online`` over ``online_days``.

    Raises ``ValueError`` for a graver hazard that takes less than a milder one, or a direct condition nobody judges.
    """

    colours: Bands
    ungraded: Ungraded
    hazard: Term
    alarms: Term
    dangers: Term
    commitments: Term
    accidents: Term
    online: Online
    direct: dict[str, Direct]
    commitment_days: Days
    accident_days: Days
    online_days: Days
    direct_accidents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        taken = [self.hazard.each[grade] for grade in sorted(self.hazard.each)]
        if taken != sorted(taken, reverse=True):
            raise ValueError(f"firm_risk.hazard: expected a graver grade to take no less than a milder, got {taken}")
        if unknown := sorted(set(self.direct) - set(CONDITIONS)):
            raise ValueError(f"firm_risk.direct: expected some of {', '.join(CONDITIONS)}, got {unknown[0]!r}")
