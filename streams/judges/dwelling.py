"""How long the boxes of one yard stand: which have stood too long by the latest time heard of. Pure.

A hold of an authority that configuration names stops a box's clock; the clock goes on when it ends.
"""

import heapq
from bisect import insort
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from detectors.rules.dwell import due_ms
from records.stays import Box
from topics.events import Held

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class DwellTerms:
    """``limits_ms`` by class or division; ``pauses``: whose holds stop the clock ("customs")."""

    limits_ms: Mapping[str, int]
    severity: str = "orange"
    pauses: Collection[str] = ("customs",)
    source: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Overdue:
    """A box that has stood too long since ``due`` (ms UTC); ``held_ms`` of its stay did not count."""

    box: Box
    due: int
    limit_ms: int
    held_ms: int


class Dwelling:
    """The boxes of one yard by when they will have stood too long."""

    def __init__(self, terms: DwellTerms) -> None:
        self.terms = terms
        self._boxes: dict[str, Box] = {}
        self._due: dict[str, int] = {}
        self._queue: list[tuple[int, str]] = []
        self._holds: dict[str, list[tuple[int, str, bool, str]]] = {}
        self._heard: set[str] = set()

    def put(self, container: str, box: Box | None) -> None:
        """The box stands like this now; ``None`` = it has left."""
        if box is None:
            self._boxes.pop(container, None)
        else:
            self._boxes[container] = box
        self._reckon(container)

    def hold(self, event: Held) -> None:
        """An authority holds a box, or lets it go; in any order, as often as it comes."""
        if event.by in self.terms.pauses and event.id not in self._heard:
            self._heard.add(event.id)
            insort(self._holds.setdefault(event.container, []), (event.time, event.by, event.ended, event.id))
            self._reckon(event.container)

    def overdue(self, container: str, clock: int) -> bool:
        """Whether a box has stood too long at this time."""
        return container in self._due and self._due[container] <= clock

    def newly(self, clock: int) -> list[Overdue]:
        """The boxes whose time has run out since the last call, in the order of that; each once for each reckoning."""
        found = []
        while self._queue and self._queue[0][0] <= clock:
            due, container = heapq.heappop(self._queue)
            if self._due.get(container) == due:
                found.append(self._told(container, due))
        return found

    def _reckon(self, container: str) -> None:
        box, due = self._boxes.get(container), None
        if box is not None:
            due = due_ms(box.since, _classes(box), self.terms.limits_ms, self._spans(container, box.since))
        if due is None:
            self._due.pop(container, None)
        elif self._due.get(container) != due:
            self._due[container] = due
            heapq.heappush(self._queue, (due, container))

    def _spans(self, container: str, since: int) -> Sequence[tuple[int, int | None]]:
        """The holds of this stay; those of several authorities may overlap."""
        spans: list[tuple[int, int | None]] = []
        began: dict[str, int] = {}
        for time, by, ended, _ in self._holds.get(container, []):
            if ended and by in began:
                spans.append((began.pop(by), time))
            elif not ended:
                began.setdefault(by, time)
        spans += [(start, None) for start in began.values()]
        return [(start, end) for start, end in spans if end is None or end > since]

    def _told(self, container: str, due: int) -> Overdue:
        box = self._boxes[container]
        free = due_ms(box.since, _classes(box), self.terms.limits_ms)
        limit = (free if free is not None else due) - box.since
        return Overdue(box, due, limit, due - box.since - limit)


def _classes(box: Box) -> list[str]:
    return [kind for line in box.goods for kind in (line.hazard_class, *line.subsidiary)]
