"""The alert server's reader of positions: waybills, handovers and tracks into the store."""

import time
from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec

from alerts.carriage.book import CarriageBook
from alerts.city import City
from streams.events_reader import TopicsReader
from topics.connection import KafkaConnection
from topics.families import CARRIAGE
from topics.positions import TOPIC, Told, read_told
from topics.reading import Control

#: A second of positions is one transaction: the city's time alone would else write the store several times a second.
GATHER_S = 1.0
AT_ONCE = 5_000


class PositionsReader(TopicsReader[Told]):
    """Reads the positions once a pack speaks of carriage. What cannot be read is the watch's to dead-letter."""

    name: ClassVar[str] = "positions"
    fact: ClassVar[str] = CARRIAGE

    def __init__(
        self,
        connection: KafkaConnection,
        city: City,
        book: CarriageBook,
        *,
        prefix: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(connection, city, prefix=prefix)
        self.book = book
        self._clock = clock
        self._gathered: dict[tuple[str, int], tuple[float, list[Told]]] = {}

    def read(self, value: bytes | None) -> Told | None:
        try:
            told = read_told(value or b"")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        return None if isinstance(told, Control) else told

    def take(self, events: Sequence[Told], topic: str, partition: int, next_offset: int) -> object:
        place = topic, partition
        since, before = self._gathered.get(place, (self._clock(), []))
        waiting = [*before, *events]
        if self._clock() - since < GATHER_S and len(waiting) < AT_ONCE:
            self._gathered[place] = since, waiting
            return None
        self.book.take(waiting, topic, partition, next_offset)
        self._gathered.pop(place, None)  # only once they are stored: what fails is taken again
        return None

    def next_offset(self, topic: str, partition: int) -> int:
        self._gathered.pop((topic, partition), None)  # it is read again from there
        return self.book.next_offset(topic, partition)

    def _topics(self) -> list[str]:
        asked = any(self.fact in each.facts for each in self.city.domains.values())
        return [self.prefix + TOPIC] if asked else []
