"""A reading: one measured value of one series, and the control messages that share its partitions.

Both travel on the ``readings.<domain>`` topics, keyed by site, so that everything a
site measures (and the city time it is measured in) is one ordered log.
"""

from typing import Annotated, Final, Literal

import msgspec

SCHEMA_VERSION = 1

#: 2000-01-01 and 2100-01-01 in milliseconds UTC: outside them a time is a fault, not a date.
EARLIEST_MS = 946_684_800_000
LATEST_MS = 4_102_444_800_000

#: First character of a control message's ``series``; no site id may start with it.
CONTROL_MARK = "~"
#: The control that says what city time it is.
TICK: Final = "~tick"

TimeMs = Annotated[int, msgspec.Meta(ge=EARLIEST_MS, le=LATEST_MS, description="milliseconds since 1970, UTC")]


class Reading(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A measured value (or its absence) of one series at one event time.

    ``series`` is ``site/device/quantity/statistic``; ``time`` is the event time, for
    period values the *end* of the period; ``flag`` is HJ 212-2017 table 8 (N normal,
    F stopped, M maintenance, S manual, D fault, C calibration, T over range, B lost link).
    """

    series: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    time: TimeMs
    value: float | None
    flag: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = "N"
    unit: Annotated[str, msgspec.Meta(max_length=20)] = ""
    source: Annotated[str, msgspec.Meta(max_length=80, description="who sent it, e.g. hj212/<MN>")] = ""
    received: Annotated[int, msgspec.Meta(description="wall time of reception, ms UTC; 0 = unknown")] = 0
    period_start: TimeMs | None = None
    period_end: TimeMs | None = None
    backfill: Annotated[bool, msgspec.Meta(description="resent later by the device (HJ 212-2025 RF=1)")] = False
    sent: Annotated[str, msgspec.Meta(max_length=60, description="value and unit as sent, where converted")] = ""
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION


class Control(msgspec.Struct, frozen=True):
    """A message to the kernel in the log itself, so that every replay sees it at the same place.

    Written with all its fields, the empty ``value`` too: so a fetch with ticks in it decodes as readings at once.

    ``~tick`` says that city time has reached ``time``; ``~model`` and ``~config`` make the
    artefact named ``ref`` (``<name>@<sha256>`` on the models or config topic) the one in force.
    ``~shadow`` lets the candidate named ``ref`` (on the candidates topic) run beside it from here on; with an empty
    ``ref`` whatever runs there ends. ``~normal`` says that what the series ``subject`` shows now is its new normal,
    by whom and why: its detectors learn it at once.
    """

    series: Literal["~tick", "~model", "~config", "~shadow", "~normal"]
    time: TimeMs
    value: None = None
    ref: str = ""
    subject: Annotated[str, msgspec.Meta(max_length=200)] = ""
    by: Annotated[str, msgspec.Meta(max_length=80)] = ""
    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION


class SeriesId(msgspec.Struct, frozen=True):
    """The four parts of a series id; the id never changes once given."""

    site: str
    device: str
    quantity: str
    statistic: str

    def __str__(self) -> str:
        return f"{self.site}/{self.device}/{self.quantity}/{self.statistic}"


def parse_series(text: str) -> SeriesId:
    """Split ``site/device/quantity/statistic``.

    Raises ``ValueError`` naming what was required and what came.
    """
    parts = text.split("/")
    if len(parts) != 4 or not all(parts) or text.startswith(CONTROL_MARK):
        raise ValueError(f'series: expected "site/device/quantity/statistic", got "{text}"')
    return SeriesId(*parts)
