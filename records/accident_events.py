"""What happens to an accident's case: one struct for each event. Times are city time, ms UTC. Pure."""

from typing import Annotated, Literal, TypeAlias

import msgspec

from records.accident_terms import Figures

Stage = Literal["initial", "follow-up", "final"]


class Opened(msgspec.Struct, frozen=True, tag="opened", omit_defaults=True):
    """The accident is made known here. ``known`` starts the clocks, ``occurred`` is when it happened, as far as known
    (``known`` where nobody can say yet). ``site`` is the registered site, empty where there is none; ``alarms`` are
    the alarms it began with; ``title``, ``place`` and ``text`` are the words of whoever enters it.
    """

    time: int
    who: str
    known: int
    occurred: int
    domain: str
    kind: str
    title: str
    firm: str
    district: str
    place: str = ""
    site: str = ""
    lat: float | None = None
    lon: float | None = None
    text: str = ""
    alarms: tuple[str, ...] = ()


class Reported(msgspec.Struct, frozen=True, tag="reported", omit_defaults=True):
    """A report, signed by ``who``. The figures are whole, not a difference, and stood so at ``as_of``.

    ``text`` tells the course; a final report gives ``cause`` and ``measures`` too. ``rescue_over`` ends the duty to
    follow up.
    """

    time: int
    who: str
    stage: Stage
    as_of: int
    figures: Figures
    text: str
    cause: str = ""
    measures: str = ""
    prepared: str = ""
    rescue_over: bool = False


class PassedUp(msgspec.Struct, frozen=True, tag="passed-up", omit_defaults=True):
    """The newest report went on to the authority ``to``, by telephone, file or system (``text`` says how)."""

    time: int
    who: str
    to: str
    text: str = ""


class Linked(msgspec.Struct, frozen=True, tag="linked"):
    """Alarms turn out to belong to it."""

    time: int
    who: str
    alarms: tuple[str, ...]


class Extended(msgspec.Struct, frozen=True, tag="extended"):
    """More time for the final report was approved; ``days`` more, ``text`` says by whom and why."""

    time: int
    who: str
    days: Annotated[int, msgspec.Meta(ge=1)]
    text: str


class Withdrawn(msgspec.Struct, frozen=True, tag="withdrawn"):
    """It was no accident of production, or is worked in another case; ``text`` says which."""

    time: int
    who: str
    text: str


class Escalated(msgspec.Struct, frozen=True, tag="escalated"):
    """A duty is overdue: ``to`` is told, as step ``step`` (from 1); ``due`` says of which turn of the duty."""

    time: int
    duty: str
    due: int
    to: str
    step: int


Event: TypeAlias = Opened | Reported | PassedUp | Linked | Extended | Withdrawn | Escalated
