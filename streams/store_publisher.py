"""What stands in the store and must reach a topic: in order, each until the broker has kept it."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, NamedTuple, TypeAlias

import sqlalchemy as sa
import structlog
from aiokafka.errors import KafkaError

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
RETRY_S = 2.0

Put: TypeAlias = Callable[[str, bytes, bytes], Awaitable[object]]


class Word(NamedTuple):
    """One message and the ``line`` of the store it stands in."""

    line: int
    topic: str
    key: bytes
    value: bytes


class StorePublisher(ABC):
    """Publishes through ``put`` (topic, key, value); what was sent before a crash may be sent again, under its id."""

    #: Who waits, in the log.
    name: ClassVar[str]

    def __init__(self, put: Put) -> None:
        self._put = put

    @abstractmethod
    def unsaid(self) -> Sequence[Word]:
        """What no broker has kept yet, in order; a part of it where it is much."""

    @abstractmethod
    def kept(self, line: int) -> None:
        """Write down that the broker has this one."""

    async def run(self) -> None:
        """Publish until cancelled. A cluster or a store that is away is waited for."""
        while True:
            try:
                published = await self.publish()
            except (KafkaError, sa.exc.OperationalError) as error:
                log.warning(f"{self.name}_wait", error=repr(error))
                await asyncio.sleep(RETRY_S)
                continue
            if not published:
                await asyncio.sleep(LOOK_EVERY_S)

    async def publish(self) -> int:
        """Publish what is there now; how many. Raises a ``KafkaError`` for one that was not kept: it comes first next
        time."""
        words = await asyncio.to_thread(self.unsaid)
        for word in words:
            await self._put(word.topic, word.key, word.value)
            await asyncio.to_thread(self.kept, word.line)
        return len(words)
