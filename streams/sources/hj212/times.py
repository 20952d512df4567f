"""The times of HJ 212: local time of China without a zone, and periods named by their start."""

import datetime as dt
import re
from functools import lru_cache

import msgspec

from streams.sources.hj212.diagnosis import BadSegment
from streams.sources.hj212.segment import Segment
from topics.reading import EARLIEST_MS, LATEST_MS

#: Asia/Shanghai has had no other offset since 1991, before the earliest time a reading may have.
CHINA = dt.timezone(dt.timedelta(hours=8))

_TIME = re.compile(r"[0-9]{14}(?:[0-9]{3})?")

_DAY_S = 86_400
#: Period of a command's values in seconds; that of 2051 is a setting of the device.
PERIOD_S = {"2061": 3_600, "2031": _DAY_S, "2041": _DAY_S, "2111": 300}
MINUTE_DATA = "2051"
#: What HJ 212-2017 gives a device that was not set otherwise.
DEFAULT_MINUTE_S = 600


class When(msgspec.Struct, frozen=True):
    """Event time and, of a period value, its bounds (ms UTC); the event time of a period is its end."""

    time: int
    period_start: int | None = None
    period_end: int | None = None

    @property
    def begin(self) -> int:
        """Where what the data are of begins: the period, else the moment itself."""
        return self.time if self.period_start is None else self.period_start


@lru_cache(4_096)  # a city's devices say the same second thousands of times
def parse_time(text: str) -> int:
    """``YYYYMMDDhhmmss`` or, as some devices send it, with milliseconds: ms UTC.

    Raises ``ValueError`` saying what came. Both bounds of ``topics.reading`` hold.

    >>> parse_time("20160801085857")
    1470013137000
    """
    if not _TIME.fullmatch(text):
        raise ValueError(f'expected YYYYMMDDhhmmss, got "{text[:40]}"')
    try:
        moment = dt.datetime(
            int(text[:4]), int(text[4:6]), int(text[6:8]), int(text[8:10]), int(text[10:12]), int(text[12:14]),
            tzinfo=CHINA,
        )  # fmt: skip
    except ValueError as error:
        raise ValueError(f'expected a time of the calendar, got "{text}"') from error
    time = int(moment.timestamp()) * 1000 + int(text[14:] or 0)
    if not EARLIEST_MS <= time <= LATEST_MS - 2 * _DAY_S * 1000:  # room for the end of its period
        raise ValueError(f'expected a year from 2000 to 2099, got "{text}"')
    return time


def when(segment: Segment, minute_s: int = DEFAULT_MINUTE_S) -> When:
    """When the values of a data message hold. Raises ``BadSegment`` where DataTime is missing or unreadable."""
    text = segment.cp.get("datatime", "")
    if not text:
        raise BadSegment("no_data_time", "缺少 DataTime", "DataTime is missing")
    try:
        time = parse_time(text)
    except ValueError as error:
        zh = f"DataTime 无法识别：“{text[:40]}”"
        raise BadSegment("bad_data_time", zh, f"DataTime is unreadable: {error}") from error
    period_s = minute_s if segment.cn == MINUTE_DATA else PERIOD_S.get(segment.cn)
    if period_s is None:
        return When(time)
    end = time + period_s * 1000
    return When(end, time, end)
