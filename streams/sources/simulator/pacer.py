"""City time that waits for its data: the clock runs no further than what has been sent and kept.

At three thousand times real time a tenth of a second is five minutes of silence. So ticks must not run
ahead of readings that are still on their way: give the tick writer ``Pacer.now_ms`` as its wall time.
"""

from collections.abc import Callable

from streams.citytime import CityClock


class Pacer:
    """Wall time for a ``CityClock``, held back while the sender is behind.

    ``wall_ms`` is the machine's wall time. Time spent waiting is lost, not caught up: no sprint follows.
    """

    def __init__(self, clock: CityClock, wall_ms: Callable[[], float]) -> None:
        self.clock = clock
        self._wall_ms = wall_ms
        self._limit = clock.start_ms
        self._hold: int | None = None
        self.held_ms = 0.0

    @property
    def limit_ms(self) -> int:
        """City time up to which everything has been sent and kept."""
        return self._limit

    def now_ms(self) -> float:
        """The wall time to ask the clock with, never past the limit nor a hold."""
        wall = self._wall_ms() - self.held_ms
        edge = self.clock.wall(self._edge)
        if wall > edge:
            self.held_ms += wall - edge
            return edge
        return wall

    def city_ms(self) -> int:
        """City time now; at the limit exactly the limit, which the clock's fractions of a ms may miss by one."""
        now = self.now_ms()
        return self._edge if now >= self.clock.wall(self._edge) else self.clock.city(now)

    def kept(self, city_ms: int) -> None:
        """Everything before this city time has been sent and kept; never goes backwards."""
        self.now_ms()  # take the waiting so far into account before the limit moves
        self._limit = max(self._limit, city_ms)

    def hold(self, city_ms: int | None) -> None:
        """From now on the clock does not pass this city time, whatever has been kept; ``None`` lets it go. A time that
        is over already holds the clock where it is.
        """
        now = self.city_ms()
        self._hold = city_ms if city_ms is None else max(city_ms, now)

    @property
    def _edge(self) -> int:
        return self._limit if self._hold is None else min(self._limit, self._hold)

    def wait_s(self, city_ms: int) -> float:
        """Seconds until the clock can reach this city time if nothing holds it, 0 if it has."""
        return max(0.0, self.clock.wall(min(city_ms, self._edge)) - self.now_ms()) / 1000
