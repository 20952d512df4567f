"""What two logs say of one place, put in the order in which it happened. Pure.

Readings and events of a site lie in two topics, and how two logs lie against each other is not the same twice. Both
bring city time: what happened by a time is given out once each log has gone ``settle_ms`` beyond it, in an order that
depends on the messages alone. So arrivals may change places by so much, and what is said stays the same.
"""

import heapq
from collections.abc import Iterable
from typing import Any

#: An event holds before a reading of the same moment is judged.
EVENT, READING = 0, 1

#: What is kept: time, rank, name, value or offset by which equal ones are told apart, the message.
Item = tuple[int, int, str, float, Any]


class Inbox:
    """Messages of several sources. ``late`` counts readings that came too late to be judged."""

    def __init__(self, sources: Iterable[str], settle_ms: int) -> None:
        self.clocks = dict.fromkeys(sources, 0)
        self.settle_ms = settle_ms
        self.late = 0
        self._waiting: list[tuple[int, int, str, float, int, Any]] = []
        self._number = 0

    def put(self, source: str, item: Item) -> None:
        """Take one message. A reading from before what its own log has settled is late and passed over; an event from
        then holds from now on.
        """
        time, rank, name, value, message = item
        settled = self.clocks[source] - self.settle_ms
        if time <= settled:
            if rank == READING:
                self.late += 1
                return
            time = settled + 1
        self._number += 1
        heapq.heappush(self._waiting, (time, rank, name, value, self._number, message))

    def tick(self, source: str, time_ms: int) -> None:
        """City time has reached ``time_ms`` in this source's log."""
        self.clocks[source] = max(self.clocks[source], time_ms)

    @property
    def settled(self) -> int:
        """Up to when (ms UTC) all has come that is not late."""
        return min(self.clocks.values()) - self.settle_ms

    def next_time(self) -> int | None:
        """The time of the earliest message that waits, ``None`` where none does."""
        return self._waiting[0][0] if self._waiting else None

    def pop(self) -> tuple[int, Any]:
        """The earliest message, with the time from which it holds."""
        time, _, _, _, _, message = heapq.heappop(self._waiting)
        return time, message

    def waiting(self, rank: int) -> list[Item]:
        """The messages of a rank that wait, in their order."""
        return [
            (time, of, name, value, message)
            for time, of, name, value, _, message in sorted(self._waiting, key=_key)
            if of == rank
        ]

    def __len__(self) -> int:
        return len(self._waiting)


def _key(entry: tuple[int, int, str, float, int, Any]) -> tuple[int, int, str, float, int]:
    return entry[:5]
