"""What a gateway did with a device: commands it gave, what came of them, and what it found missing."""

from typing import Annotated, Literal

import msgspec

from topics.finding import Text
from topics.reading import SCHEMA_VERSION, TimeMs

TOPIC = "device-events"

#: ``command``: one that was given, with its outcome; ``clock``: a device's clock as it was found; ``gap``: a
#: period of which nothing had come when it closed; ``parts``: a divided message of which parts never came.
Kind = Literal["command", "clock", "gap", "parts"]


class DeviceEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the audit. ``time`` is wall time (ms UTC); ``start`` and ``end`` bound the period it is about.

    ``outcome`` is empty where nothing was asked for; ``periods`` counts the periods of data that an answer brought,
    ``offset_s`` is by how much a device's clock was ahead (negative = behind).
    """

    device: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    time: TimeMs
    kind: Kind
    text: Text
    command: str = ""
    qn: str = ""
    outcome: str = ""
    tries: int = 0
    start: TimeMs | None = None
    end: TimeMs | None = None
    periods: int = 0
    offset_s: float = 0.0
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION
