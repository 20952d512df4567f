"""What sources know of the city: the registry and the packs in force, followed over their topics."""

import asyncio

import msgspec
import structlog
from aiokafka.errors import KafkaConnectionError

from records.registry import Registry
from streams.followers import Follower
from topics.connection import KafkaConnection
from topics.domain import Domain
from topics.published_pack import PublishedPack, from_published

log = structlog.get_logger(__name__)

RETRY_S = 1.0


class CityFeed:
    """A registry and packs that stay up to date by themselves. Both are changed in place, between awaits of
    their readers.
    """

    def __init__(self, connection: KafkaConnection) -> None:
        self.connection = connection
        self.registry = Registry()
        self.domains: dict[str, Domain] = {}
        self._follower: Follower | None = None

    async def start(self) -> None:
        """Return once all that was on the topics is known; waits for a broker that is away.

        A gateway that took data before would not know to whom it belongs, and devices keep what nobody takes.
        Raises ``PartMissing`` where the topics are not declared.
        """
        told = False
        while self._follower is None:
            follower = Follower(self.connection, {"registry": self._take_record, "config": self._take_pack})
            try:
                await follower.start()
            except KafkaConnectionError as error:
                await follower.stop()
                if not told:
                    log.warning("sources_wait_for_broker", brokers=self.connection.brokers, error=str(error))
                told = True
                await asyncio.sleep(RETRY_S)
            else:
                self._follower = follower

    async def stop(self) -> None:
        """Follow no more."""
        if self._follower is not None:
            await self._follower.stop()

    def _take_record(self, key: str, value: bytes | None) -> None:
        self.registry.apply(key, value)

    def _take_pack(self, key: str, value: bytes | None) -> None:
        name = key.removeprefix("domain/")
        if value is None:
            self.domains.pop(name, None)
            return
        self.domains[name] = from_published(msgspec.json.decode(value, type=PublishedPack))
