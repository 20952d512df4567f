"""The alert server's reader of kitchens: what cameras tell, from the events topics into the store."""

from collections.abc import Sequence
from typing import ClassVar

from alerts.city import City
from alerts.kitchens.desk import Kitchens
from streams.events_reader import EventsReader
from topics.connection import KafkaConnection
from topics.events import Event
from topics.kitchen_events import CameraState, KitchenSight


class KitchenReader(EventsReader):
    """Of every domain whose pack speaks of kitchens."""

    name: ClassVar[str] = "kitchens"
    fact: ClassVar[str] = "kitchens"

    def __init__(self, connection: KafkaConnection, city: City, kitchens: Kitchens, *, prefix: str = "") -> None:
        super().__init__(connection, city, prefix=prefix)
        self.kitchens = kitchens

    def take(self, events: Sequence[Event], topic: str, partition: int, next_offset: int) -> None:
        told = [event for event in events if isinstance(event, KitchenSight | CameraState)]
        self.kitchens.book.take(told, topic, partition, next_offset)

    def next_offset(self, topic: str, partition: int) -> int:
        return self.kitchens.book.next_offset(topic, partition)
