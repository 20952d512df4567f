"""What comes to the alert server without a call: packs in force, and how many dead letters there ever were."""

import asyncio
import contextlib
from collections.abc import Callable

import msgspec
import structlog
from aiokafka.errors import KafkaError

from alerts.city import City
from alerts.desk import Desk
from alerts.wall import Wall
from streams.clients import lone_consumer
from streams.followers import Follower
from streams.partitions import partitions_of
from topics.connection import KafkaConnection
from topics.published_pack import PublishedPack, from_published

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0


class ServerPacks:
    """Follows the topic ``config`` into the city, and tells those whom a new pack names of what is open already.

    ``changed`` is called when that made deliveries.
    """

    def __init__(
        self, connection: KafkaConnection, config: str, city: City, desk: Desk, changed: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._follower = Follower(connection, {config: self._take})
        self._city = city
        self._desk = desk
        self._changed = changed
        self._new: set[str] = set()

    async def start(self) -> None:
        """Read the topic to its present end, and review what is open."""
        await self._follower.start()
        await self._review()

    async def stop(self) -> None:
        """Follow no longer."""
        await self._follower.stop()

    async def watch(self, wall: Wall, dead_letters: str) -> None:
        """Review what new packs change, and keep the wall's count of the topic of dead letters; until cancelled."""
        consumer = lone_consumer(self._connection)
        await consumer.start()
        try:
            places = await partitions_of(consumer, [dead_letters], "server")
            while True:
                await self._review()
                with contextlib.suppress(KafkaError):
                    wall.dead_lettered = sum((await consumer.end_offsets(places)).values())
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await consumer.stop()

    def _take(self, key: str, value: bytes | None) -> None:
        """A withdrawn pack stays: alarms of its domain are still to be read and answered."""
        if value:
            pack = from_published(msgspec.json.decode(value, type=PublishedPack))
            self._city.put(pack)
            self._new.add(pack.name)
            log.info("pack_taken", key=key)

    async def _review(self) -> None:
        while self._new:
            if await asyncio.to_thread(self._desk.review, self._new.pop()):
                self._changed()
