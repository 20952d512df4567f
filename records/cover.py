"""For which moments something holds, by number."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import itemgetter

import numpy as np

from records.joins import Windows, united

Window = tuple[int, int]

_start, _end = itemgetter(0), itemgetter(1)


class Cover:
    """The moments for which something is known of each number, as windows that do not touch, in order."""

    __slots__ = ("windows",)

    def __init__(self) -> None:
        self.windows: dict[int, Sequence[Window]] = {}

    def add(self, number: int, window: Window) -> bool:
        """Take it in; false where it was covered already."""
        known = self.windows.get(number)
        if known is None:
            self.windows[number] = (window,)  # as most stay: tuples of numbers are nothing to the collector of cycles
            return True
        start, end = window
        first = bisect_left(known, start, key=_end)  # windows before it end before this one starts
        last = bisect_right(known, end, lo=first, key=_start)  # and those from it on start after it has ended
        if first < last:
            if last == first + 1 and known[first][0] <= start and end <= known[first][1]:
                return False
            start, end = min(start, known[first][0]), max(end, known[last - 1][1])
        if not isinstance(known, list):
            known = self.windows[number] = list(known)
        known[first:last] = [(start, end)]
        return True

    def add_all(self, windows: Windows, new: list[Windows]) -> None:
        """Take them in; what was not covered before is put to ``new``, if anything was not."""
        whole = united(windows)
        if not len(whole.of):
            return
        rows = zip(whole.of.tolist(), zip(whole.start.tolist(), whole.end.tolist(), strict=True), strict=True)
        some = np.fromiter((self.add(number, window) for number, window in rows), np.bool_, len(whole.of))
        if some.any():
            new.append(Windows(*(column[some] for column in whole)))
