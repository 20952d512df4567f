"""The alert server's reader of custody: EPCIS events from the events topics into the record, recalls drawn anew."""

from collections.abc import Sequence
from typing import ClassVar

from alerts.city import City
from alerts.custody.desk import Recalls
from streams.events_reader import EventsReader
from topics.connection import KafkaConnection
from topics.events import Custody, Event


class CustodyReader(EventsReader):
    """Of every domain whose pack has clocks for recalls."""

    name: ClassVar[str] = "custody"
    fact: ClassVar[str] = "recall_terms"

    def __init__(self, connection: KafkaConnection, city: City, recalls: Recalls, *, prefix: str = "") -> None:
        super().__init__(connection, city, prefix=prefix)
        self.recalls = recalls

    def take(self, events: Sequence[Event], topic: str, partition: int, next_offset: int) -> object:
        custody = [event for event in events if isinstance(event, Custody)]
        return self.recalls.take(custody, topic, partition, next_offset)

    def next_offset(self, topic: str, partition: int) -> int:
        return self.recalls.record.next_offset(topic, partition)
