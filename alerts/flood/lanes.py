"""The order in which findings that wait are taken into the store: the worst first, each alarm's own in order. Pure.

Findings are read ahead of the store and wait here. Those of an urgent alarm are handed out first, in small
batches, and with them whatever of the same alarm key waits before them, so that no message overtakes another
of its finding or its alarm. After some urgent batches in a row one of the others is handed out, so that not even
a flood of the worst holds the rest back for ever.

A place to read on from is safe: it never passes a finding that still waits. After a crash those that were
taken ahead of their place come again, and are known by their id and number.
"""

from collections import OrderedDict, deque
from collections.abc import Callable

import msgspec

from alerts.intake import Arrived
from alerts.stored_offsets import Place
from topics.finding import Finding

#: Findings of one urgent transaction, and the most and fewest of one of the others: a red one that comes
#: meanwhile, and whoever else writes, waits for its end.
MOST_URGENT = 100
MOST_OTHERS = 250
FEWEST_OTHERS = 100
#: How long a transaction of the others is meant to take, whatever the machine can do.
OTHERS_MS = 250
#: Urgent batches in a row before one of the others.
URGENT_IN_A_ROW = 10


class Batch(msgspec.Struct):
    """What is to be taken in one transaction, and how many records since the last one were no findings."""

    findings: list[Arrived]
    urgent: bool
    refused: int = 0


class Lanes:
    """Findings that wait. ``urgent`` says which are."""

    def __init__(self, urgent: Callable[[Finding], bool]) -> None:
        self._urgent = urgent
        self._waiting: dict[Place, OrderedDict[int, Arrived]] = {}
        self._order: deque[tuple[Place, int]] = deque()
        self._by_key: dict[str, deque[Arrived]] = {}
        self._hot: dict[str, int] = {}  # keys with urgent messages, and how many
        self._read: dict[Place, int] = {}
        self._refused = 0
        self._moved = False
        self._in_a_row = 0
        self._count = 0
        self._most = MOST_OTHERS

    def __len__(self) -> int:
        return self._count

    def put(self, arrived: Arrived) -> None:
        """One more finding, in the order of its partition."""
        place, key = (arrived.topic, arrived.partition), arrived.finding.alarm_key
        self._pass(place, arrived.offset)
        self._waiting.setdefault(place, OrderedDict())[arrived.offset] = arrived
        self._order.append((place, arrived.offset))
        self._by_key.setdefault(key, deque()).append(arrived)
        self._count += 1
        if self._urgent(arrived.finding):
            self._hot[key] = self._hot.get(key, 0) + 1

    def refuse(self, place: Place, offset: int) -> None:
        """One more record that is no finding; it has been put where it belongs."""
        self._pass(place, offset)
        self._refused += 1

    def next(self) -> Batch | None:
        """What to take now, ``None`` where nothing waits. It counts as taken from here on."""
        if not self._count and not self._moved:
            return None
        urgent = bool(self._hot) and (self._in_a_row < URGENT_IN_A_ROW or len(self._hot) == len(self._by_key))
        self._in_a_row = self._in_a_row + 1 if urgent else 0
        batch = Batch(self._take_hot() if urgent else self._take_first(), urgent, self._refused)
        self._refused, self._moved = 0, False
        return batch

    def took(self, batch: Batch, milliseconds: int) -> None:
        """How long the transaction of a batch took: the next one of the others is made to fit ``OTHERS_MS``."""
        if not batch.urgent and batch.findings:
            fits = len(batch.findings) * OTHERS_MS // max(1, milliseconds)
            self._most = min(MOST_OTHERS, max(FEWEST_OTHERS, min(fits, 2 * self._most)))

    def offsets(self) -> dict[Place, int]:
        """Where to read on, of each partition, once all that was handed out is stored."""
        return {
            place: next(iter(waiting)) if (waiting := self._waiting.get(place)) else read
            for place, read in self._read.items()
        }

    def _pass(self, place: Place, offset: int) -> None:
        self._read[place] = offset + 1
        self._moved = True

    def _take_hot(self) -> list[Arrived]:
        batch: list[Arrived] = []
        for key in list(self._hot):
            mine = self._by_key[key]
            while key in self._hot and len(batch) < MOST_URGENT:
                batch.append(mine[0])
                self._remove(mine[0])
            if len(batch) >= MOST_URGENT:
                break
        return batch

    def _take_first(self) -> list[Arrived]:
        """The oldest; their own order is that of their keys too."""
        batch: list[Arrived] = []
        while self._order and len(batch) < self._most:
            place, offset = self._order.popleft()
            if (arrived := self._waiting[place].get(offset)) is not None:
                batch.append(arrived)
                self._remove(arrived)
        return batch

    def _remove(self, arrived: Arrived) -> None:
        place, key = (arrived.topic, arrived.partition), arrived.finding.alarm_key
        del self._waiting[place][arrived.offset]
        self._by_key[key].popleft()
        if not self._by_key[key]:
            del self._by_key[key]
        if key in self._hot and self._urgent(arrived.finding):
            self._hot[key] -= 1
            if not self._hot[key]:
                del self._hot[key]
        self._count -= 1
