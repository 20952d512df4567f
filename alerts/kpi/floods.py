"""When alarms came faster than people can answer: floods in a row of annunciations. Pure, in event time.

The rate at a moment is the number of annunciations in the window that ends there. A flood starts with the
annunciation that brings the rate above one bound and ends at the first moment the rate is below another.
What comes late is put in its place, and only the part of the row that it can change is looked at again.
"""

from bisect import bisect_left, bisect_right

import msgspec

from alerts.kpi.rates import Rates


class Flood(msgspec.Struct, frozen=True):
    """From the annunciation that started it to the moment the rate had fallen; ``end`` is ``None`` while it lasts."""

    start: int
    end: int | None = None

    def overlap(self, start: int, end: int) -> int:
        """How many milliseconds of [start, end) lie in it."""
        mine = end if self.end is None else min(self.end, end)
        return max(0, mine - max(self.start, start))


class Floods:
    """The floods of one row of annunciations; ``add`` in any order, ``until`` as of any moment.

    >>> floods = Floods(Rates(window_s=10, flood_starts_above=2, flood_ends_below=2))
    >>> for moment in (0, 1000, 2000, 30_000):
    ...     floods.add(moment)
    >>> floods.until(30_000)
    [Flood(start=2000, end=11000)]
    """

    def __init__(self, rates: Rates) -> None:
        self._window = rates.window_ms
        self._above = rates.flood_starts_above
        self._below = rates.flood_ends_below
        self.times: list[int] = []
        self._swept = 0
        self._floods: list[Flood] = []

    def add(self, time: int) -> None:
        """One more annunciation, at ``time`` (ms)."""
        if not self.times or time >= self.times[-1]:
            self.times.append(time)
            return
        self.times.insert(bisect_right(self.times, time), time)
        self._rewind(time)

    def rate(self, time: int) -> int:
        """How many were annunciated in the window that ends at ``time``, this moment included."""
        return bisect_right(self.times, time) - bisect_right(self.times, time - self._window)

    def peak(self, start: int, end: int) -> tuple[int, int | None]:
        """The highest rate in (start, end] and when it was first reached; ``(0, None)`` where nothing came."""
        highest, when = 0, None
        first = bisect_right(self.times, start)
        behind = bisect_right(self.times, self.times[first] - self._window) if first < len(self.times) else 0
        for place in range(first, bisect_right(self.times, end)):
            while self.times[behind] <= self.times[place] - self._window:
                behind += 1
            if place + 1 - behind > highest:
                highest, when = place + 1 - behind, self.times[place]
        return highest, when

    def until(self, time: int) -> list[Flood]:
        """The floods that had started by ``time``, as they stood then: the last may have no end yet."""
        self._sweep()
        found = [flood for flood in self._floods if flood.start <= time]
        if found:
            last = found[-1]
            end = self._falls(len(self.times)) if last.end is None else last.end
            found[-1] = Flood(last.start, end if end <= time else None)
        return found

    def forget(self, before: int) -> None:
        """Drop what is older than ``before``, as if it had never been; a flood that reaches beyond stays whole."""
        self._sweep()
        kept = [flood for flood in self._floods if flood.end is None or flood.end > before]
        # The row from which a kept flood started must stay, or a rewind into it would lose its start.
        oldest = min([before, *(flood.start for flood in kept)]) - self._window
        gone = bisect_left(self.times, oldest)
        del self.times[:gone]
        self._swept -= gone
        self._floods = kept

    def _falls(self, count: int) -> int:
        """When, of the first ``count`` annunciations, fewer than the lower bound are left in the window."""
        return self.times[count - self._below] + self._window

    def _rewind(self, time: int) -> None:
        """Forget what was found from ``time`` on: all before it does not depend on it. A flood that ends in this very
        moment does: what comes then keeps it up.
        """
        while self._floods and (self._floods[-1].end is None or self._floods[-1].end >= time):
            time = min(time, self._floods.pop().start)
        self._swept = min(self._swept, bisect_left(self.times, time))

    def _sweep(self) -> None:
        """Go on to the end of the row."""
        times = self.times
        for place in range(self._swept, len(times)):
            now = times[place]
            last = self._floods[-1] if self._floods else None
            if last is not None and last.end is None:
                end = self._falls(place)
                if end >= now:  # what leaves and what comes in one moment keep the rate
                    continue
                self._floods[-1] = Flood(last.start, end)
            if place >= self._above and times[place - self._above] > now - self._window:
                self._floods.append(Flood(now))
        self._swept = len(times)
