"""The alert server's reader of kitchens: what cameras tell, from the events topics into the store."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, ClassVar

import msgspec
from aiokafka import TopicPartition

from alerts.city import City
from alerts.kitchens.desk import Kitchens
from streams.event_lane import decode_event
from streams.events_reader import EventsReader
from topics.connection import KafkaConnection
from topics.events import Event
from topics.kitchen_events import CameraState, KitchenSight
from topics.reading import Control


class KitchenReader(EventsReader):
    """Of every domain whose pack speaks of kitchens."""

    name: ClassVar[str] = "kitchens"
    fact: ClassVar[str] = "kitchens"

    def __init__(self, connection: KafkaConnection, city: City, kitchens: Kitchens, *, prefix: str = "") -> None:
        super().__init__(connection, city, prefix=prefix)
        self.kitchens = kitchens
        self._ticks: dict[TopicPartition, int] = {}
        self._places: Sequence[TopicPartition] = ()
        kitchens.heard_until = self.clock

    def clock(self) -> int | None:
        """City time up to which all that cameras said is in the store, by the ticks among it; ``None`` where a
        partition has brought none yet. So however fast city time goes and however slow this reading is, only who has
        really said nothing is silent.
        """
        ticks = [self._ticks.get(place) for place in self._places]
        known = [each for each in ticks if each is not None]
        return min(known) if known and len(known) == len(ticks) else None

    def begins(self) -> None:
        self._ticks, self._places = {}, ()

    async def heard(self, consumer: Any, places: Sequence[TopicPartition], *, some: bool) -> None:
        self._places = places

    async def _take(self, place: TopicPartition, records: Sequence[Any]) -> None:
        await super()._take(place, records)
        if (tick := _last_tick(records)) is not None:
            self._ticks[place] = max(tick, self._ticks.get(place, 0))

    def take(self, events: Sequence[Event], topic: str, partition: int, next_offset: int) -> None:
        told = [event for event in events if isinstance(event, KitchenSight | CameraState)]
        self.kitchens.book.take(told, topic, partition, next_offset)

    def next_offset(self, topic: str, partition: int) -> int:
        return self.kitchens.book.next_offset(topic, partition)


def _last_tick(records: Sequence[Any]) -> int | None:
    for record in reversed(records):
        if b'"~tick"' in (record.value or b""):
            with suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                message = decode_event(record.value)
                if isinstance(message, Control):
                    return message.time
    return None
