"""A second, plain reading of the packs' limits, so that the scenarios are not judged by the code under test."""

import datetime as dt
from collections.abc import Iterator

from detectors.base import FloatArray, IntArray
from streams.sources.simulator.city import City, Series
from topics.domain import Domain, Limit
from topics.domain_file import load_domains

PACKS: dict[str, Domain] = {each.name: each for each in load_domains()}


def limits_of(city: City, series: Series, day: dt.date) -> list[Limit]:
    """The limits that hold for a series on a day."""
    quantity = PACKS[series.domain].quantities[series.quantity]
    own = city.device_kinds[series.device].classes.get(series.quantity) or quantity.sensor_class
    return [
        limit
        for limit in quantity.limits
        if limit.statistic == series.statistic
        and limit.sensor_class in ("", own)
        and limit.valid_from <= day
        and (limit.valid_to is None or day < limit.valid_to)
    ]


def breaches(limit: Limit, times: IntArray, values: FloatArray) -> Iterator[int]:
    """The times at which a limit has been passed for as long as it asks for, once for each passing."""
    beyond = values > limit.value if limit.side == "high" else values < limit.value
    if not beyond.any():
        return
    since: int | None = None
    told = False
    for time, over in zip(times.tolist(), beyond.tolist(), strict=True):
        if not over:
            since, told = None, False
            continue
        since = time if since is None else since
        if not told and time - since >= limit.hold_s * 1000:
            told = True
            yield time
