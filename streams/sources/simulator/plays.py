"""Which scenarios make a play, and the clock they are played by: what a demonstration needs to begin."""

from collections.abc import Sequence

from streams.citytime import CityClock, Leg
from streams.sources.simulator.city import load_city
from streams.sources.simulator.day import Day
from streams.sources.simulator.script import Script, joined, load_script, ms
from topics.errors import ConfigurationError

#: The demonstration: an ordinary day with a story for each domain, and the port night at its end.
DEMO = ("port-2015", "city-day")


def load_day(names: Sequence[str] = DEMO) -> Day:
    """The model city under the scenarios of these names; the first that says how, says how it is played."""
    return Day(load_city(), joined(" + ".join(names), *(load_script(name) for name in names)))


def clock_of(script: Script, wall_start_ms: float, until_ms: int | None = None) -> CityClock:
    """The city clock of a script's play, from its start to its end or to a city time (ms UTC) before that.

    Raises ``ConfigurationError`` where the script does not say how it is played.
    """
    if script.play is None:
        raise ConfigurationError(f"scenario {script.name}: expected a [play] part, got none")
    start = ms(script.play.start)
    legs: list[Leg] = []
    for leg in script.play.legs:
        end = ms(leg.until)
        if until_ms is not None and end >= until_ms:
            legs.append(Leg(leg.speed, until_ms))
            break
        legs.append(Leg(leg.speed, end))
    return CityClock(start, wall_start_ms, legs)
