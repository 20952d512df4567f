"""Lead time: how long before an event the first warning came. A warning after the event is a miss."""

from collections.abc import Iterable, Sequence
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
        return self.minutes is None


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """The leads of some events, in order of the events."""

    leads: tuple[Lead, ...]

    @property
    def warned(self) -> int:
        return sum(not lead.missed for lead in self.leads)

    @property
    def missed(self) -> int:
        return sum(lead.missed for lead in self.leads)

    @property
    def median_minutes(self) -> float:
        """Of the warned events; NaN where there are none."""
        warned = [lead.minutes for lead in self.leads if lead.minutes is not None]
        return float(np.median(warned)) if warned else float("nan")


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


def lead_times(events_ms: Sequence[int], warnings_ms: Sequence[int], horizon_ms: int | None = None) -> LeadTimes:
    """Leads of several events. A warning is counted for the next event at or after it alone: what was said before
    an event that has happened since does not warn of the one after."""
    leads, since = [], -np.inf
    for event in sorted(events_ms):
        leads.append(lead_time(event, [time for time in warnings_ms if time > since], horizon_ms))
        since = event
    return LeadTimes(tuple(leads))
