"""The alert server's reader of gate and yard: what happens to a box moves its declaration on."""

from collections.abc import Sequence
from typing import ClassVar

from alerts.city import City
from alerts.declarations.box import BoxSteps
from records.declaration_terms import TERMS
from streams.events_reader import EventsReader
from topics.connection import KafkaConnection
from topics.events import Event


class DeclarationReader(EventsReader):
    """Of every domain in which something can be declared."""

    name: ClassVar[str] = "declarations"
    fact: ClassVar[str] = TERMS

    def __init__(self, connection: KafkaConnection, city: City, steps: BoxSteps, *, prefix: str = "") -> None:
        super().__init__(connection, city, prefix=prefix)
        self.steps = steps

    def take(self, events: Sequence[Event], topic: str, partition: int, next_offset: int) -> object:
        return self.steps.take(events, topic, partition, next_offset)

    def next_offset(self, topic: str, partition: int) -> int:
        return self.steps.next_offset(topic, partition)
