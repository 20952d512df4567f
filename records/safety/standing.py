"""What follows from records at a moment: conditions that stand, each a finding until it is over. Pure.

``Picture`` is what a rule looks at, ``Rule`` the seam: one file a rule, listed in ``records/safety/rules.py``.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from records.registry import Site
from records.safety.forms import Danger, Exemption, Guarantor, StaticGrade, Visit
from records.safety.terms import SafetyTerms
from topics.finding import Text
from topics.safety_events import Commitment, WorkPermit


@dataclass(frozen=True, slots=True)
class Given:
    """A day's commitment: when it was first given, and what it says now."""

    first: Commitment
    last: Commitment


@dataclass(frozen=True, slots=True)
class Run:
    """A plant was seen at work: a series stayed above its sign's bound from ``since`` to ``until``; ``value`` is the
    last reading's, in ``unit``.
    """

    series: str
    since: int
    until: int
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class OpenDanger:
    """A danger that is not closed, and where its ticket stands; ``due`` is when the side that is waited for is late.

    ``climbed`` are the moments (ms UTC) at which it took each of its ``steps`` in this turn, told over ``channels``.
    """

    danger: Danger
    waiting: str
    due: int
    climbed: tuple[int, ...] = ()
    steps: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


#: When a site was seen at work in ``[start, end)``, in the order of time.
Runs = Callable[[str, int, int], Sequence[Run]]


def nothing_seen(site: str, start: int, end: int) -> Sequence[Run]:
    """Where there are no readings to look at."""
    return ()


@dataclass(frozen=True, slots=True)
class Picture:
    """The records of one domain, in their newest form. ``commitments`` are by site and day, ``hazards`` the major
    hazards with the site of each. ``looked`` is when the rules were asked last, ``None`` where they never were: what
    should have been said between then and now is still to be said.
    """

    terms: SafetyTerms
    sites: Mapping[str, Site] = field(default_factory=dict)
    commitments: Mapping[tuple[str, str], Given] = field(default_factory=dict)
    exemptions: Sequence[Exemption] = ()
    permits: Sequence[WorkPermit] = ()
    guarantors: Sequence[Guarantor] = ()
    grades: Sequence[StaticGrade] = ()
    visits: Sequence[Visit] = ()
    dangers: Sequence[OpenDanger] = ()
    hazards: Mapping[str, str] = field(default_factory=dict)
    runs: Runs = nothing_seen
    looked: int | None = None

    def exempt(self, site: str, time: int) -> Exemption | None:
        """The exemption that holds for a site at this moment."""
        held = (each for each in self.exemptions if each.site == site and each.start <= time)
        return next((each for each in held if each.end is None or time < each.end), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that is wrong since ``since`` (``None`` = since it is seen). ``subject`` names it within its rule.

    Once ``ended`` is given it is over, for the reason in ``ended_text``. Another ``mark`` or ``severity`` is worth an
    update. Without ``opens`` it only ends or goes on with what was told before.

    What climbs came to be as it is ``at`` a moment (``None`` = when asked), after the stages ``before``, in their
    order: whoever was not told of them is told of each.
    """

    rule: str
    family: str
    quantity: str
    site: str
    subject: str
    severity: str
    text: Text
    since: int | None
    ended: int | None = None
    ended_text: Text | None = None
    opens: bool = True
    mark: str = ""
    facts: Mapping[str, str | float | int | None] = field(default_factory=dict)
    at: int | None = None
    before: tuple["Standing", ...] = ()


def climbed(stages: Sequence[Standing]) -> Standing:
    """What stands, from its stages in the order of time (at least one)."""
    return replace(stages[-1], before=tuple(stages[:-1]))


class Rule(ABC):
    """Says what stands. It is asked again and again; what it no longer says is over at that moment.

    ``names`` are the rules under which it speaks, ``over`` is what is said of one that stands no longer; a domain
    whose terms lack its ``part`` is not asked.
    """

    names: ClassVar[tuple[str, ...]]
    part: ClassVar[str]
    over: ClassVar[Text]

    @abstractmethod
    def standing(self, picture: Picture, now: int) -> Iterator[Standing]:
        """All that stands at city time ``now`` (ms UTC), and what was over within the time that it looks back."""
