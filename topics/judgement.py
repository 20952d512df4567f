"""A judgement: the legal result of one hour or day of one outlet and factor, in its newest version."""

from typing import Annotated, Literal

import msgspec

from topics.finding import Text
from topics.reading import SCHEMA_VERSION

#: The compacted topic of judgements.
TOPIC = "judgements"

Period = Literal["hour", "day"]

#: ``anomaly`` is an hour beyond the limit of the day: a word to the plant, no violation. ``no-limit``: a value, but
#: no limit of this averaging holds for this source then.
Verdict = Literal["within", "exceeds", "anomaly", "invalid", "exempt", "missing", "no-limit"]

#: How the value came to be: mean of valid minutes, the device's own hour value, flow-weighted or plain mean of
#: hours, number of furnace means below the limit.
Method = Literal["minutes", "device", "flow-weighted", "arithmetic", "count", "none"]

#: Why there is a new version.
Cause = Literal["first", "data", "mark", "rules", "history"]

#: So many earlier versions travel with a judgement; the store keeps all.
MOST_EARLIER = 50


class LimitUsed(msgspec.Struct, frozen=True, omit_defaults=True):
    """The limit that was chosen, where it stands, how sure we are of it, and why it and no other."""

    value: float
    side: Literal["high", "low"]
    level: Literal["permit", "local", "national"]
    standard: str
    edition: str
    clause: str
    source: str
    confirmed: bool
    why: Text
    condition: str = ""
    times: int = 0


class Earlier(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an earlier version said."""

    version: int
    verdict: Verdict
    made: int
    cause: Cause
    value: float | None = None
    limit: float | None = None


class Judgement(msgspec.Struct, frozen=True, omit_defaults=True):
    """``subject`` is ``site/device/quantity``; the period is ``[start, end)``, ms UTC, of the city's hours and days.

    ``valid``, ``exempt`` and ``of`` count minutes of an hour and hours of a day (of a furnace: 5-minute means).
    ``multiple`` is by how much the limit was passed (0.63 = 1.63 times the limit), ``days_over`` how many of the 30
    days up to this one exceeded. ``made`` is the city time of this version. ``helpers`` holds what the day needs of
    its hours: flow, water temperature, furnace counts.
    """

    subject: str
    period: Period
    start: int
    end: int
    version: Annotated[int, msgspec.Meta(ge=1)]
    verdict: Verdict
    made: int
    cause: Cause
    reason: Text
    value: float | None = None
    unit: str = ""
    method: Method = "none"
    converted: Annotated[bool, msgspec.Meta(description="to the reference oxygen")] = False
    valid: int = 0
    exempt: int = 0
    of: int = 0
    limit: LimitUsed | None = None
    multiple: float | None = None
    days_over: int = 0
    severity: str = ""
    marks: tuple[str, ...] = ()
    helpers: dict[str, float] = msgspec.field(default_factory=dict)
    earlier: tuple[Earlier, ...] = ()
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION

    @property
    def key(self) -> str:
        """Its key on the topic."""
        return judgement_key(self.subject, self.period, self.start)

    @property
    def site(self) -> str:
        """The first part of ``subject``."""
        return self.subject.partition("/")[0]

    @property
    def quantity(self) -> str:
        """The last part of ``subject``."""
        return self.subject.rpartition("/")[2]

    def same_as(self, other: "Judgement") -> bool:
        """Whether both say the same, whichever version and time."""
        return self._said() == other._said()

    def _said(self) -> "Judgement":
        return msgspec.structs.replace(self, version=1, made=0, cause="first", earlier=())


def judgement_key(subject: str, period: Period, start: int) -> str:
    """The key of one judgement in all its versions."""
    return f"{subject}|{period}|{start}"


def revised(old: Judgement | None, new: Judgement, cause: Cause) -> Judgement | None:
    """``new`` as the next version of ``old``, ``None`` where it says nothing new."""
    if old is None:
        return msgspec.structs.replace(new, version=1, cause="first")
    if old.same_as(new):
        return None
    limit = None if old.limit is None else old.limit.value
    before = Earlier(old.version, old.verdict, old.made, old.cause, old.value, limit)
    earlier = (*old.earlier, before)[-MOST_EARLIER:]
    return msgspec.structs.replace(new, version=old.version + 1, cause=cause, earlier=earlier)
