"""What happened to an alarm, from its opening to its close: for programs that must know what the desk has done."""

from typing import Annotated

import msgspec

from topics.reading import SCHEMA_VERSION

TOPIC = "alarm-events"


class AlarmEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of an alarm's log that belongs to its life (docs/life-cycle.md). ``action`` is what people, the plant
    or time did (``raised``, ``acknowledged``, ``cleared``, …); ``time`` is city time, ``wall`` wall time (ms UTC).

    ``id`` is the line it stands in, so what comes again is known. ``who`` is empty where nobody did it.
    """

    id: Annotated[str, msgspec.Meta(min_length=1, description="<store id>-<line of the log>")]
    alarm: Annotated[str, msgspec.Meta(min_length=1)]
    domain: str
    site: str
    quantity: str
    family: str
    action: Annotated[str, msgspec.Meta(min_length=1)]
    severity: str
    time: int
    wall: int
    who: str = ""
    note: str = ""
    before: Annotated[str, msgspec.Meta(description="the alarm's state before")] = ""
    after: Annotated[str, msgspec.Meta(description="the alarm's state after")] = ""
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION
