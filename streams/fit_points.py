"""When models are fitted anew: points of event time that anyone computes alike from the settings alone. Pure."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

HOUR_MS = 3_600_000

#: An hour of the day that never comes.
NEVER = -1


@dataclass(frozen=True, slots=True)
class FitPoints:
    """``hour``: each day at this hour of the city's clock (0 to 23, -1 = never); ``every_h``: besides, each so many
    hours, counted from the city's midnight of 1 January 1970 (0 = never).

    >>> points = FitPoints(ZoneInfo("Asia/Shanghai"), hour=3, every_h=0)
    >>> points.newest(1_439_337_600_000)  # 2015-08-12 08:00 in the city; the answer is 03:00
    1439319600000
    """

    zone: ZoneInfo
    hour: int
    every_h: int

    def newest(self, time_ms: int) -> int | None:
        """The last point at or before this event time (ms UTC), ``None`` if there never is one."""
        found = []
        if self.hour != NEVER:
            found.append(self._daily(time_ms))
        if self.every_h:
            shift = self._shift_ms(time_ms)
            step = self.every_h * HOUR_MS
            found.append((time_ms + shift) // step * step - shift)
        return max(found, default=None)

    def _daily(self, time_ms: int) -> int:
        today = dt.datetime.fromtimestamp(time_ms / 1000, self.zone).date()
        for back in range(2):
            day = today - dt.timedelta(days=back)
            moment = dt.datetime.combine(day, dt.time(self.hour), self.zone)
            point = int(moment.timestamp()) * 1000
            if point <= time_ms:
                break
        return point

    def _shift_ms(self, time_ms: int) -> int:
        offset = dt.datetime.fromtimestamp(time_ms / 1000, self.zone).utcoffset()
        return int(offset.total_seconds() * 1000) if offset else 0
