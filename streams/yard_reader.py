"""The alert server's reader of the yards: every event of the packs that keep yards, from the beginning of the log.

Nothing of it is in the store: the events topics are kept for ever, so the yards are rebuilt when the server starts.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, get_args

from aiokafka import TopicPartition

from alerts.city import City
from alerts.responder.reference import KEY
from alerts.responder.yards import Yards
from records.stays import YardEvent
from streams.events_reader import EventsReader
from topics.connection import KafkaConnection
from topics.events import Event

_KINDS = get_args(YardEvent)


class YardReader(EventsReader):
    """Keeps ``yards`` as the log says, and says how far behind it they are."""

    name: ClassVar[str] = "yards"
    fact: ClassVar[str] = KEY
    most: ClassVar[int] = 5_000

    def __init__(self, connection: KafkaConnection, city: City, yards: Yards, *, prefix: str = "") -> None:
        super().__init__(connection, city, prefix=prefix)
        self.yards = yards

    def begins(self) -> None:
        self.yards.forget()

    def take(self, events: Sequence[Event], topic: str, partition: int, next_offset: int) -> None:
        self.yards.take(event for event in events if isinstance(event, _KINDS))

    def next_offset(self, topic: str, partition: int) -> int:
        return 0

    async def heard(self, consumer: Any, places: Sequence[TopicPartition], *, some: bool) -> None:
        if not some or self.yards.behind:
            ends = await consumer.end_offsets(places)
            self.yards.behind = sum([max(0, ends[place] - await consumer.position(place)) for place in places])
