"""RFC 3339, as Alertmanager reads and writes it, to and from milliseconds UTC."""

import datetime as dt

#: The year Go writes for "no time given".
NO_YEAR = 1

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)


def read_moment(text: str) -> int | None:
    """Milliseconds UTC, rounded down; ``None`` for Go's zero time. Raises ``ValueError`` for what is no date and time.

    >>> read_moment("2026-11-23T23:39:35.934123456Z")
    1795477175934
    """
    try:
        moment = dt.datetime.fromisoformat(text)
        if "T" not in text.upper() and " " not in text:
            raise ValueError("there is no time of day")
        if moment.year == NO_YEAR:
            return None
        return ((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)) - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError) as error:
        raise ValueError(f'parsing time "{text}" as RFC 3339: {error}') from error


def write_moment(time_ms: int) -> str:
    """``2026-11-23T23:39:35.934Z``; a moment that no calendar has becomes the last that has.

    >>> write_moment(1795477175934)
    '2026-11-23T23:39:35.934Z'
    """
    try:
        moment = _EPOCH + time_ms * _MILLISECOND
    except OverflowError:
        moment = dt.datetime.max.replace(tzinfo=dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
