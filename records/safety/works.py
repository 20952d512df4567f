"""The kinds of special work as people call them (GB 30871-2022), and how far apart two works are."""

import math

from topics.finding import Text
from topics.safety_events import Work, WorkPermit

EARTH_M = 6_371_008.8

WORK_TITLES: dict[Work, Text] = {
    "hot-work": Text("动火作业", "hot work"),
    "confined-space": Text("受限空间作业", "work in a confined space"),
    "blind-plate": Text("盲板抽堵作业", "fitting or drawing of blind plates"),
    "height": Text("高处作业", "work at height"),
    "lifting": Text("吊装作业", "lifting"),
    "temporary-power": Text("临时用电作业", "temporary electricity"),
    "earthwork": Text("动土作业", "earthwork"),
    "road-closure": Text("断路作业", "closing of a road"),
}


def apart_m(one: WorkPermit, other: WorkPermit) -> float | None:
    """Metres between the places of two permits (great circle), ``None`` where one has no point."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    first, second = math.radians(one.lat), math.radians(other.lat)
    half = math.sin((second - first) / 2) ** 2
    half += math.cos(first) * math.cos(second) * math.sin(math.radians(other.lon - one.lon) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))
