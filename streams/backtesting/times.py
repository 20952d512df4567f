"""Times as people write them in files and options."""

import datetime as dt
from zoneinfo import ZoneInfo

from topics.reading import EARLIEST_MS, LATEST_MS


def moment(text: str, zone: ZoneInfo) -> int:
    """ISO 8601 or milliseconds UTC as ms UTC; a time that names no zone is the city's. Raises ``ValueError``.

    >>> moment("2026-03-01T08:00", ZoneInfo("Asia/Shanghai")), moment("1772323200000", ZoneInfo("UTC"))
    (1772323200000, 1772323200000)
    """
    if text.lstrip("-").isdecimal():
        time_ms = int(text)
    else:
        try:
            said = dt.datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(f"time: expected ISO 8601 or ms UTC, got {text!r}") from None
        time_ms = round((said if said.tzinfo else said.replace(tzinfo=zone)).timestamp() * 1000)
    if not EARLIEST_MS <= time_ms <= LATEST_MS:
        raise ValueError(f"time: expected one from 2000 to 2100, got {text!r}")
    return time_ms
