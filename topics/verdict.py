"""What a named person said an alarm was, on its way back to whoever makes and tunes detectors."""

from typing import Annotated

import msgspec

from topics.reading import SCHEMA_VERSION

TOPIC = "verdicts"


class JudgedFinding(msgspec.Struct, frozen=True):
    """A finding that had a part in the alarm; ``opened`` is event time, ms UTC."""

    id: str
    detector: str
    detector_version: int
    subject: str
    opened: int


class VerdictSaid(msgspec.Struct, frozen=True, omit_defaults=True):
    """The verdict that an alarm has now; the last message of an alarm holds.

    ``id`` is the line of the alarm's log that it stands in, so what comes again is known. ``verdict`` is the reason
    given; ``counts_as`` is true, false, drill, maintenance, sensor-fault or unjudged: only true and false make a
    detector's precision. ``opened``, ``closed`` and ``time`` (of the verdict) are city time, ``wall`` is wall time.
    """

    id: Annotated[str, msgspec.Meta(description="<store id>-<line of the log>")]
    alarm: str
    domain: str
    site: str
    quantity: str
    family: str
    severity: Annotated[str, msgspec.Meta(description="the worst the alarm had")]
    verdict: str
    counts_as: str
    by: str
    note: str
    opened: int
    time: int
    wall: int
    closed: int | None = None
    findings: tuple[JudgedFinding, ...] = ()
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION
