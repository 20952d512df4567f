"""A day of an invented ammonia tank farm: filled too fast and too full, with a gauge that sticks and a bypass.

One reading a minute of each instrument; the course is piecewise linear and has no noise, so that everybody can reckon
what must be said of it.
"""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from topics.domain import Domain
from topics.domain_file import load_domains
from topics.reading import Control, Reading

#: 2026-03-02 00:00 in the city.
START_MS = 1_772_380_800_000
MINUTE_MS = 60_000
MINUTES = 1440
SITE = "ammonia-01"
UNIT = "ammonia tanks"

#: (minute, level in %) of each tank; between them straight lines.
COURSE = {
    "T1": (
        (0, 20.0),
        (360, 20.0),
        (420, 35.0),
        (540, 50.0),
        (600, 50.0),
        (700, 64.0),
        (840, 94.0),
        (900, 94.0),
        (1200, 30.0),
        (1440, 30.0),
    ),
    "T2": ((0, 10.0), (480, 10.0), (780, 85.0), (1440, 85.0)),
}

#: T1's second gauge stands still from here on, for three hours; its third is silent in the first hour of that.
STUCK = (700, 880)
SILENT = (700, 760)

#: T1's second gauge alone shows this level: one of three, which nobody may believe.
WILD, WILD_LEVEL = (640, 646), 95.0

#: The unit is starting up, an interlock is bypassed (minutes, end excluded).
START_UP = (360, 420)
BYPASSED = (1000, 1090)

TANKS = (
    {"device": "T1A", "un": "1005", "design_t": 600.0, "permit_t": 480.0},
    {"device": "T2A", "un": "1005", "design_t": 300.0, "permit_t": 240.0},
)
CRITICAL = {"1005": {"q_t": 10.0, "beta": 2.0, "source": "GB 18218-2018 tables 1 and 3, ammonia", "confirmed": True}}
GROUP = {
    "name": "T1 level", "quantity": "level_percent", "devices": ["T1A", "T1B", "T1C"], "bound": 90.0,
    "apart": 3.0, "hold_s": 120.0, "rise_per_h": 12.0, "window_s": 600.0,
    "source": "invented for the replay", "confirmed": False,
}  # fmt: skip
PEOPLE = 60


def hazard_pack() -> Domain:
    """The product's safety pack with the farm of this day as its only unit."""
    pack = next(each for each in load_domains() if each.name == "safety")
    about = {"site": SITE, "people": PEOPLE, "source": "invented for the replay", "confirmed": False}
    unit = {"about": about, "tanks": list(TANKS), "groups": [GROUP]}
    facts = pack.facts | {"hazard": {"critical": CRITICAL, "units": {UNIT: unit}}}
    return msgspec.structs.replace(pack, facts=facts)


def level(tank: str, minute: int) -> float:
    """The level of a tank at a minute, %."""
    course = COURSE[tank]
    for (first, low), (last, high) in pairwise(course):
        if first <= minute <= last:
            return round(low + (high - low) * (minute - first) / (last - first), 4)
    return course[-1][1]


def shown(device: str, minute: int) -> float | None:
    """What a gauge shows at a minute; ``None`` where nothing comes."""
    if device == "T1C" and SILENT[0] <= minute < SILENT[1]:
        return None
    if device == "T1B" and WILD[0] <= minute < WILD[1]:
        return WILD_LEVEL
    at = STUCK[0] if device == "T1B" and STUCK[0] <= minute < STUCK[1] else minute
    return level(device[:2], at)


def hazard_day() -> Iterator[Reading | Control]:
    """The day's messages in the order of time: a tick after each minute's readings."""
    for minute in range(MINUTES):
        time = START_MS + minute * MINUTE_MS
        if minute in (0, *START_UP):
            state = 2.0 if minute == START_UP[0] else 1.0
            yield Reading(f"{SITE}/DCS/unit_state/Rtd", time, state)
        if minute in (0, *BYPASSED):
            yield Reading(f"{SITE}/SIS-7/interlock_bypass/Rtd", time, float(minute == BYPASSED[0]))
        for device in ("T1A", "T1B", "T1C", "T2A"):
            value = shown(device, minute)
            if value is not None:
                yield Reading(f"{SITE}/{device}/level_percent/Rtd", time, value)
        yield Control("~tick", time)
