"""Lead time: how long before an event the first warning came. A warning after the event is a miss."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Lead:
    """``minutes`` from the first warning to the event, ``None`` for a miss; ``late_minutes``: where it was missed,
    minutes from the event to the first warning after it, ``None`` where none came."""

    event_ms: int
    minutes: float | None
    late_minutes: float | None

    @property
    def missed(self) -> bool:
        """Whether no warning came at or before the event, within the horizon asked for."""
        return self.minutes is None


def lead_time(event_ms: int, warnings_ms: Iterable[int], horizon_ms: int | None = None) -> Lead:
    """Lead of one event (times are ms UTC). A warning at the very instant has lead 0 and is no miss.

    ``horizon_ms``: a warning earlier than so long before belongs to something else; ``None`` takes all.

    >>> lead_time(600_000, [480_000, 540_000])
    Lead(event_ms=600000, minutes=2.0, late_minutes=None)
    >>> lead_time(600_000, [660_000])
    Lead(event_ms=600000, minutes=None, late_minutes=1.0)
    """
    earliest = -np.inf if horizon_ms is None else event_ms - horizon_ms
    times = sorted(warnings_ms)
    before = [time for time in times if earliest <= time <= event_ms]
    if before:
        return Lead(event_ms, (event_ms - before[0]) / MINUTE_MS, None)
    after = [time for time in times if time > event_ms]
    return Lead(event_ms, None, (after[0] - event_ms) / MINUTE_MS if after else None)
