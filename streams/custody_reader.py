"""The alert server's reader of custody: EPCIS events into the record, recalls drawn anew, codes judged again."""

from collections.abc import Sequence
from typing import ClassVar

from alerts.city import City
from alerts.coding.desk import Coding
from alerts.custody.desk import Recalls
from streams.events_reader import EventsReader
from topics.connection import KafkaConnection
from topics.events import Custody, Event


class CustodyReader(EventsReader):
    """Of every domain whose pack has clocks for recalls."""

    name: ClassVar[str] = "custody"
    fact: ClassVar[str] = "recall_terms"

    def __init__(
        self, connection: KafkaConnection, city: City, recalls: Recalls, coding: Coding, *, prefix: str = ""
    ) -> None:
        super().__init__(connection, city, prefix=prefix)
        self.recalls = recalls
        self.coding = coding

    def take(self, events: Sequence[Event], topic: str, partition: int, next_offset: int) -> object:
        custody = [event for event in events if isinstance(event, Custody)]
        changed = self.recalls.take(custody)
        self.coding.take(custody)
        self.recalls.record.take([], topic, partition, next_offset)  # read on only once both have judged these
        return changed

    def next_offset(self, topic: str, partition: int) -> int:
        return self.recalls.record.next_offset(topic, partition)
