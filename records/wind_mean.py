"""The mean wind of some minutes: directions are averaged as vectors, since 350° and 10° make north, not south. Pure."""

import math
from collections.abc import Sequence

import msgspec

#: Where the vectors cancel out nothing is left to say how far they spread: half a circle.
MOST_SPREAD_DEG = 180.0


class Told(msgspec.Struct, frozen=True):
    """What was told at one moment: degrees from which the wind comes, and m/s where the speed is known."""

    from_deg: float
    speed_ms: float | None = None


class WindMean(msgspec.Struct, frozen=True):
    """``from_deg`` of the mean vector, in [0, 360); ``speed_ms`` the mean of the speeds known, as wind is reported, not
    the length of the mean vector; ``spread_deg`` the circular standard deviation of the vectors, sqrt(-2 ln R) with R
    their mean resultant length (0 = all alike), ``None`` of a single one.
    """

    from_deg: float
    speed_ms: float | None
    spread_deg: float | None


def wind_mean(told: Sequence[Told]) -> WindMean:
    """The mean of at least one. Each counts by its speed where all speeds are known and some wind blows, else all count
    alike: a vane in still air points anywhere.
    """
    speeds = [each.speed_ms for each in told if each.speed_ms is not None]
    weights = speeds if len(speeds) == len(told) and sum(speeds) > 0 else [1.0] * len(told)
    angles = [math.radians(each.from_deg) for each in told]
    east = sum(weight * math.sin(angle) for weight, angle in zip(weights, angles, strict=True))
    north = sum(weight * math.cos(angle) for weight, angle in zip(weights, angles, strict=True))
    length = min(1.0, math.hypot(east, north) / sum(weights))
    spread = math.degrees(math.sqrt(-2 * math.log(length))) if length > 0 else MOST_SPREAD_DEG
    return WindMean(
        round(math.degrees(math.atan2(east, north)), 1) % 360,
        round(sum(speeds) / len(speeds), 2) if speeds else None,
        None if len(told) < 2 else round(min(spread, MOST_SPREAD_DEG), 1),
    )
