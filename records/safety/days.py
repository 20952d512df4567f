"""Days and moments of the city (Asia/Shanghai, UTC+8 all year) as texts, and times in ms UTC."""

import datetime as dt

CITY = dt.timezone(dt.timedelta(hours=8))
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

#: What was not looked at for longer is history.
MOST_DAYS = 7


def day_of(time: int) -> str:
    """The day of the city in which this moment lies, ``YYYY-MM-DD``."""
    return _local(time).date().isoformat()


def days_back(now: int, looked: int | None) -> list[str]:
    """The days to be looked at: from the one in which somebody looked last, at least yesterday and at most a week, to
    today.
    """
    first = min(now - DAY_MS, max(now - DAY_MS if looked is None else looked, now - MOST_DAYS * DAY_MS))
    return [day_of(time) for time in range(begins(day_of(first)), now + 1, DAY_MS)]


def begins(day: str) -> int:
    """The first moment of a day. Raises ``ValueError`` for a text that is none."""
    return int(dt.datetime.fromisoformat(day).replace(tzinfo=CITY).timestamp() * 1000)


def at(day: str, clock: str) -> int:
    """The moment at which the city's clocks show ``HH:MM`` on a day."""
    hours, _, minutes = clock.partition(":")
    return begins(day) + int(hours) * HOUR_MS + int(minutes) * MINUTE_MS


def moment(time: int) -> str:
    """``YYYY-MM-DD HH:MM`` in the city."""
    return _local(time).strftime("%Y-%m-%d %H:%M")


def hours(span_ms: int) -> str:
    """A span as ``H:MM``.

    >>> hours(5_400_000)
    '1:30'
    """
    minutes = span_ms // MINUTE_MS
    return f"{minutes // 60}:{minutes % 60:02d}"


def _local(time: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(time / 1000, CITY)
