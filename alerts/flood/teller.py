"""What the stream tells of each changed alarm while a flood lasts, and what only by its count. Pure.

Thousands of lesser alarms told one by one would bury the worst ones in every reader's line. So in a flood
the lesser ones beyond a few a second are counted, and the counts told once a second; nothing is dropped,
for the lists stay whole and every event says up to which line of the log it tells.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

SECOND_MS = 1_000
#: So many lesser changes a second are told one by one even in a flood: nobody needs a summary of five.
FEW = 20


class Change(msgspec.Struct, frozen=True):
    """An alarm that changed: the number of its youngest log line, its view, and the desk that answers it."""

    line: int
    desk: str
    urgent: bool
    view: dict[str, Any]


class Place(NamedTuple):
    """Where counted changes lie: at which desk, in which domain and district."""

    desk: str
    domain: str
    district: str


Counts = dict[Place, dict[str, int]]


class Counted(msgspec.Struct, frozen=True):
    """Place by place how many changes of which severity were not told one by one, and the last line they reach to
    (0 where there are none).
    """

    line: int
    counts: Counts


class Teller:
    """Decides change by change; ``now_ms`` is passed in and only moves forward."""

    def __init__(self, few: int = FEW) -> None:
        self._few = few
        self._second = 0
        self._told = 0
        self._line = 0
        self._counts: Counts = {}
        self._flooded: frozenset[str] = frozenset()
        self._last = -SECOND_MS
        self._hidden = False

    def take(
        self, changes: Sequence[Change], flooded: Mapping[str, int], now_ms: int
    ) -> tuple[list[Change], Counted | None, bool]:
        """What is told one by one, the counts where they are due, and whether the lists must be read again now.

        Urgent changes and those of desks that are in no flood are always told one by one. The lists are to be
        read again once, when no flood lasts any more and something was only counted.
        """
        lesser = [each for each in changes if not each.urgent and each.desk in flooded]
        if now_ms - self._second >= SECOND_MS:
            self._second, self._told = now_ms, 0
        self._told += len(lesser)
        told = list(changes)
        if self._counts or self._told > self._few:
            told = [each for each in changes if each.urgent or each.desk not in flooded]
            self._count(lesser)
        counted = self._due(frozenset(flooded), now_ms)
        again = self._hidden and not flooded
        self._hidden = self._hidden and bool(flooded)
        return told, counted, again

    def _count(self, lesser: Sequence[Change]) -> None:
        for each in lesser:
            place = Place(each.desk, each.view["domain"], each.view["district"])
            here = self._counts.setdefault(place, {})
            severity = each.view["severity"]
            here[severity] = here.get(severity, 0) + 1
            self._line = max(self._line, each.line)
            self._hidden = True

    def _due(self, flooded: frozenset[str], now_ms: int) -> Counted | None:
        turned = flooded != self._flooded
        if not turned and not (self._counts and now_ms - self._last >= SECOND_MS):
            return None
        counted = Counted(self._line, self._counts)
        self._flooded, self._counts, self._line, self._last = flooded, {}, 0, now_ms
        return counted
