"""The city's zone: in it times are shown and days begin; stored are milliseconds UTC."""

from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")

#: How far the city's clocks are ahead of UTC (ms), all year: the last summer time ended in 1991.
ZONE_MS = 28_800_000
DAY_MS = 86_400_000


def day_of(time_ms: int) -> int:
    """The city's day that a moment (ms UTC) lies in, as days since 1970.

    >>> day_of(1439308799999), day_of(1439308800000)
    (16658, 16659)
    """
    return (time_ms + ZONE_MS) // DAY_MS


def day_start(time_ms: int) -> int:
    """The beginning of the city's day that a moment lies in, ms UTC.

    >>> day_start(1439308800000 + 5)
    1439308800000
    """
    return day_of(time_ms) * DAY_MS - ZONE_MS
