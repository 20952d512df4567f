"""The city's clock: city time as a pure function of wall time."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from topics.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of city time that passes at ``speed`` (city seconds per wall second) until ``until_ms``
    (city time, ms UTC; None = for ever).
    """

    speed: float
    until_ms: int | None = None


class CityClock:
    """Wall time to city time and back, both in ms UTC: a pure function made of straight lines.

    ``start_ms`` is the city time at wall time ``wall_start_ms``; ``legs`` give the speed from there on.
    If the last leg has an end, city time stands still there. Speed 1 with equal starts is real time.

    >>> clock = CityClock(1_439_337_600_000, 0.0, [Leg(600, 1_439_337_660_000), Leg(60)])
    >>> clock.city(100.0) - 1_439_337_600_000, clock.city(1_100.0) - 1_439_337_600_000
    (60000, 120000)
    >>> clock.wall(1_439_337_720_000)
    1100.0
    """

    def __init__(self, start_ms: int, wall_start_ms: float, legs: Sequence[Leg] = (Leg(1.0),)) -> None:
        if not legs:
            raise ConfigurationError("city clock: expected at least one leg, got none")
        self.start_ms = start_ms
        self.legs = tuple(legs)
        self._city: list[float] = [start_ms]
        self._wall: list[float] = [wall_start_ms]
        for place, leg in enumerate(self.legs):
            if not 0 < leg.speed <= 1e6:
                raise ConfigurationError(f"city clock, leg {place}: expected 0 < speed <= 1000000, got {leg.speed}")
            if leg.until_ms is None:
                if place != len(self.legs) - 1:
                    raise ConfigurationError(f"city clock, leg {place}: expected an end before the next leg, got none")
                break
            if leg.until_ms <= self._city[-1]:
                raise ConfigurationError(
                    f"city clock, leg {place}: expected an end after {self._city[-1]:.0f}, got {leg.until_ms}"
                )
            self._wall.append(self._wall[-1] + (leg.until_ms - self._city[-1]) / leg.speed)
            self._city.append(leg.until_ms)

    @property
    def end_ms(self) -> int | None:
        """City time at which the clock stands still, ``None`` if it never does."""
        return self.legs[-1].until_ms

    def city(self, wall_ms: float) -> int:
        """City time at this wall time; before the start it is the start."""
        leg = bisect_right(self._wall, wall_ms) - 1
        if leg < 0:
            return self.start_ms
        if leg >= len(self.legs):
            return int(self._city[-1])
        # Whole ms, rounded first so that wall(city(t)) errors do not make a second appear late.
        return int(self._city[leg] + round((wall_ms - self._wall[leg]) * self.legs[leg].speed, 3))

    def wall(self, city_ms: float) -> float:
        """The wall time at which city time reaches ``city_ms``; infinite beyond the clock's end."""
        leg = max(0, bisect_right(self._city, city_ms) - 1)
        if leg >= len(self.legs):
            return self._wall[-1] if city_ms <= self._city[-1] else float("inf")
        return self._wall[leg] + (max(city_ms, self.start_ms) - self._city[leg]) / self.legs[leg].speed

    def speed(self, city_ms: float) -> float:
        """City seconds per wall second at this city time, 0 beyond the end."""
        leg = max(0, bisect_right(self._city, city_ms) - 1)
        return self.legs[leg].speed if leg < len(self.legs) else 0.0


def real_time() -> CityClock:
    """The clock of a real deployment: city time is wall time."""
    return CityClock(0, 0.0)
