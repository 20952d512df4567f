"""Puts happenings back into the order of their event time, as far as the city's clock leaves room for it."""

import heapq

from detectors.sequences.happening import Happening

#: More than so many wait at most; beyond that the oldest go on before their time.
MOST_WAITING = 200_000


class Reorder:
    """Holds what comes until no earlier one is expected: until city time is ``late_ms`` past it.

    ``reached`` is the event time up to which all has been given out (ms UTC); what comes for that time or before is
    late and not taken. ``pressed`` counts those that had to go early because too many waited.
    """

    def __init__(self, late_ms: int, most: int = MOST_WAITING) -> None:
        self.late_ms = late_ms
        self.most = most
        self.reached = 0
        self.pressed = 0
        self._waiting: list[tuple[int, str, Happening]] = []
        self._names: set[tuple[int, str]] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, happening: Happening) -> bool:
        """Take one; ``False`` where it is late. A repeat of one that waits is taken, and counts once."""
        if happening.time <= self.reached:
            return False
        place = (happening.time, happening.name)
        if place not in self._names:
            self._names.add(place)
            heapq.heappush(self._waiting, (*place, happening))
        return True

    def advance(self, city_ms: int) -> list[Happening]:
        """City time has reached ``city_ms``: what is complete now, in the order of (time, name)."""
        return self._until(max(self.reached, city_ms - self.late_ms))

    def press(self) -> list[Happening]:
        """What must go because too many wait: the older half."""
        if len(self._waiting) <= self.most:
            return []
        times = sorted(time for time, _, _ in self._waiting)
        before = len(self._waiting)
        given = self._until(times[before // 2])
        self.pressed += len(given)
        return given

    def _until(self, reached: int) -> list[Happening]:
        self.reached = max(self.reached, reached)
        given = []
        while self._waiting and self._waiting[0][0] <= self.reached:
            time, name, happening = heapq.heappop(self._waiting)
            self._names.discard((time, name))
            given.append(happening)
        return given
