"""The alert server's part in safety work: commitments and permits from the events topics, findings to theirs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

import sqlalchemy as sa
import structlog
from aiokafka.errors import KafkaError

from alerts.city import City
from alerts.safety.desk import SafetyDesk
from streams.events_reader import EventsReader
from topics.codec import encode
from topics.connection import KafkaConnection
from topics.events import Event
from topics.safety_events import Commitment, WorkPermit

log = structlog.get_logger(__name__)

#: How often, in wall time, city time is let act.
LOOK_EVERY_S = 0.5
WAIT_S = 2.0

#: Puts a message on a topic where all replicas have it.
Put = Callable[[str, bytes, bytes], Awaitable[object]]

#: Lets city time act; how many messages came of it.
OnTime = Callable[[], int]


class SafetyReader(EventsReader):
    """Of every domain whose pack speaks of safety work."""

    name: ClassVar[str] = "safety"
    fact: ClassVar[str] = "safety_work"

    def __init__(self, connection: KafkaConnection, city: City, desk: SafetyDesk, *, prefix: str = "") -> None:
        super().__init__(connection, city, prefix=prefix)
        self.desk = desk

    def take(self, events: Sequence[Event], topic: str, partition: int, next_offset: int) -> object:
        said = [event for event in events if isinstance(event, Commitment | WorkPermit)]
        return self.desk.book.take(said, topic, partition, next_offset)

    def next_offset(self, topic: str, partition: int) -> int:
        return self.desk.book.next_offset(topic, partition)


class SafetyTeller:
    """Lets city time act on safety work and brings what follows to the topic of findings: kept first, told then, so a
    crash repeats and never loses. ``others`` are desks that keep what they say in the same watch; ``ready`` says
    whether what firms have sent is in the store, so that what is not there is missing.
    """

    def __init__(
        self,
        desk: SafetyDesk,
        put: Put,
        *,
        topic: str,
        others: Sequence[OnTime] = (),
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self.desk = desk
        self.put = put
        self.topic = topic
        self.others = others
        self.ready = ready

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                if self.ready():
                    await asyncio.to_thread(self.desk.on_time)
                for on_time in self.others:
                    await asyncio.to_thread(on_time)
                await self.tell()
            except sa.exc.OperationalError as error:
                log.error("store_waits", error=str(error.orig))
            except KafkaError as error:  # told again once the broker is back
                log.warning("safety_waits", error=repr(error))
                await asyncio.sleep(WAIT_S)
            await asyncio.sleep(LOOK_EVERY_S)

    async def tell(self) -> int:
        """Bring all that is not told yet to the topic; how many messages."""
        count = 0
        for name, body, findings in await asyncio.to_thread(self.desk.watch.untold):
            for finding in findings:
                await self.put(self.topic, finding.alarm_key.encode(), encode(finding))
                count += 1
            await asyncio.to_thread(self.desk.watch.told, name, body)
        return count
