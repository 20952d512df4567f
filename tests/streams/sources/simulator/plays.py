"""The city's day as the tests play it."""

import datetime as dt
from functools import cache

from streams.demo import SCRIPTS
from streams.sources.simulator.city import load_city
from streams.sources.simulator.day import Day
from streams.sources.simulator.script import joined, load_script
from streams.sources.simulator.script_lines import ms

MIDNIGHT = ms(dt.datetime(2015, 8, 12))
END = ms(dt.datetime(2015, 8, 13))
SCRIPT = joined("day", *(load_script(name) for name in SCRIPTS))


@cache
def whole_day() -> Day:
    """The day of all scripts; pure, so the tests share it."""
    return Day(load_city(), SCRIPT)


def clock(text: str) -> int:
    """``HH:MM[:SS]`` of the day, in ms UTC."""
    return ms(dt.datetime.fromisoformat(f"2015-08-12T{text}"))
