"""What happens to a recall: the events of which it is the fold. Times are city time, ms UTC. Pure."""

from typing import Annotated, Literal, TypeAlias

import msgspec

from records.trace import Seed
from topics.finding import Text

Level = Literal["1", "2", "3"]
Cause = Literal["sample", "breach", "other"]

Elements: TypeAlias = tuple[str, ...]
Count = Annotated[float, msgspec.Meta(ge=0, le=1e12)]


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is bad: a lot, or what was in ``name`` for ``start <= t < end``."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    start: int | None = None
    end: int | None = None

    def seed(self) -> Seed:
        """Where the trace starts."""
        return Seed(self.name, None if self.start is None or self.end is None else (self.start, self.end))


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """Somebody, or a finding of the laboratory, calls back what came of ``sources``; ``text`` says why."""

    time: int
    who: str
    level: Level
    cause: Cause
    text: Text
    sources: tuple[Source, ...]


class Started(msgspec.Struct, frozen=True, tag="started"):
    """The firm has begun."""

    time: int
    who: str


class Notified(msgspec.Struct, frozen=True, tag="notified"):
    """One notice to one holder, of elements it has not been told of before."""

    time: int
    holder: str
    elements: Elements


class Withdrawn(msgspec.Struct, frozen=True, tag="withdrawn"):
    """A correction freed these: they are no longer part of the recall."""

    time: int
    holder: str
    elements: Elements


class Refuted(msgspec.Struct, frozen=True, tag="refuted"):
    """The custody ``event`` that called for the recall was declared wrong: whether the goods are bad is open again, and
    they stay recalled until somebody closes it.
    """

    time: int
    event: str


class Delivered(msgspec.Struct, frozen=True, tag="delivered"):
    """What the holder was told so far has reached it over a channel; ``notice`` is the number of the event that told.
    Whether anybody read it is another matter: that is ``Signed``.
    """

    time: int
    holder: str
    notice: int
    channel: str


class Signed(msgspec.Struct, frozen=True, tag="signed"):
    """The holder has received what it was told so far."""

    time: int
    holder: str
    who: str


class Reported(msgspec.Struct, frozen=True, tag="reported"):
    """What a holder had, found and destroyed so far, in its own units of sale."""

    time: int
    holder: str
    who: str
    held: Count
    found: Count
    destroyed: Count


class Closed(msgspec.Struct, frozen=True, tag="closed"):
    """Nothing more is to come back; ``text`` says how it ended."""

    time: int
    who: str
    text: str


Event: TypeAlias = Opened | Started | Notified | Withdrawn | Refuted | Delivered | Signed | Reported | Closed
